"""Internal only: what a stack decides, and what other sections make wrong about it."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from components.common.cidr import Cidr, is_loopback, is_public, within
from components.common.model import DomainSettings, Settings

_MOST_CLIENTS = 50
"""A security group takes 60 rules of IPv4 for each direction until that is raised (Amazon VPC User Guide, "Amazon VPC
quotas", amazon-vpc-limits.html)."""
_MOST_ADMINS = 40
"""A load balancer takes 100 rules (quotas of Application Load Balancers); each carries four or five networks."""


def _not_everybody(network: str) -> str:
    if network.endswith("/0"):
        raise ValueError(
            f"{network} is everybody. Name the networks of your company from which people and programs reach Flowise"
        )
    return network


ClientCidr = Annotated[Cidr, AfterValidator(_not_everybody)]


class InternalSettings(Settings):
    """People reach Flowise inside your network only: no CloudFront, no firewall, nothing on the internet.

    Needs `flowise:domain`; docs/internal.md says what this mode keeps of the edge and what it lacks.
    """

    client_cidrs: Annotated[list[ClientCidr], Field(min_length=1, max_length=_MOST_CLIENTS)]
    """Networks that reach the load balancer, by their private addresses: the VPC's own, offices, VPN, peered networks.

    A public network is refused unless `network.connected_cidrs` says that it is yours.
    """
    admin_cidrs: Annotated[list[ClientCidr], Field(max_length=_MOST_ADMINS)] = []
    """Those of them that reach the admin plane (UI, management API, login); none: all, which needs
    `load_balancer.sign_in` or an exception from the policy pack."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        outside = [cidr for cidr in self.admin_cidrs if not within(cidr, *self.client_cidrs)]
        if outside:
            raise ValueError(
                f"admin_cidrs {', '.join(outside)}: not in client_cidrs, so the load balancer never answers them; add "
                "them to client_cidrs"
            )
        return self


def internal_problems(
    internal: InternalSettings, domain: DomainSettings | None, own_networks: Sequence[str]
) -> Iterator[str]:
    """Mistakes that other sections make visible; each line starts with its key path."""
    if domain is None:
        yield (
            "internal: needs a name and a certificate, because Flowise's session cookie is for HTTPS only. Add a "
            "flowise:domain section with regional_certificate_arn, or with a public hosted_zone_id of this account"
        )
    for key, cidrs in {"client_cidrs": internal.client_cidrs, "admin_cidrs": internal.admin_cidrs}.items():
        for cidr in cidrs:
            if is_public(cidr) and not is_loopback(cidr) and not within(cidr, *own_networks):
                yield (
                    f"internal.{key}: {cidr} is public, and an internal load balancer sees the private addresses of "
                    "the VPC, of VPNs and of peered networks; name those. If your own network uses these addresses, "
                    "add it to network.connected_cidrs too"
                )
