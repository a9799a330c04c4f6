"""Zones by their id: which letter has which id differs from account to account.

A zone that a service does not serve is refused by that service, after the VPC and its NAT gateways are paid for.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

CLOSED_TO_EKS: Final = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Where no subnet of a cluster may lie (EKS User Guide, "Amazon EKS networking requirements for VPC and subnets")."""
CLOSED_TO_VPC_ORIGINS: Final = CLOSED_TO_EKS | {"apne1-az3"}
"""Where CloudFront reaches no load balancer (CloudFront Developer Guide, "Supported AWS Regions for VPC origins": all
commercial regions of its list but for these zones)."""


class ClosedZoneError(pulumi.RunError):
    """A zone of the stack file cannot hold the stack. The message lists all of them; nothing has been made."""


def closed_to(zone_id: str, *, behind_cloudfront: bool) -> str:
    """The service that refuses this zone; empty when none does."""
    if zone_id in CLOSED_TO_EKS:
        return "EKS"
    return "CloudFront's VPC origins" if behind_cloudfront and zone_id in CLOSED_TO_VPC_ORIGINS else ""


def refusals(names: Sequence[str], ids: Mapping[str, str], *, behind_cloudfront: bool) -> Iterator[tuple[str, str]]:
    """Zones that cannot hold the stack, each with why and what to choose instead; `ids` are those of the account."""
    fitting = sorted(
        name
        for name, zone_id in ids.items()
        if name not in names and not closed_to(zone_id, behind_cloudfront=behind_cloudfront)
    )
    instead = f"put one of {', '.join(fitting)} in its place" if fitting else "choose another region: no zone is left"
    for name in names:
        if name not in ids:
            yield f"{name} is not in this account", instead
        elif service := closed_to(ids[name], behind_cloudfront=behind_cloudfront):
            yield f"{name} is {ids[name]} in this account, which {service} does not serve", instead


def require_open_zones(
    names: Sequence[str], *, region: str, behind_cloudfront: bool, opts: pulumi.InvokeOptions
) -> None:
    """Ask the account for the ids of its zones, before anything is registered. Raises `ClosedZoneError`."""
    found = aws.get_availability_zones(region=region, opts=opts)
    ids = dict(zip(found.names, found.zone_ids, strict=True))
    if problems := list(refusals(names, ids, behind_cloudfront=behind_cloudfront)):
        lines = "\n".join(f"  - flowise:network.zones: {why}; {instead}" for why, instead in problems)
        raise ClosedZoneError(f"{len(problems)} of the zones cannot hold the stack; nothing has been made:\n{lines}")
