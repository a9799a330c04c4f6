"""Where the subnets of a VPC lie."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

_ZONE_SLOTS_BITS = 2
"""The VPC is cut into four equal blocks, one a zone: a third or fourth zone later moves no subnet."""
_PRIVATE_BITS, _SMALL_BITS = 1, 4
"""Within a zone's block: half for pods, a sixteenth each for public and data subnets."""


@dataclass(frozen=True, kw_only=True)
class SubnetBlocks:
    """Addresses of every subnet, by tier; in each tier one block a zone, in the order of the zones."""

    private: Sequence[str]
    public: Sequence[str]
    data: Sequence[str]


def subnet_blocks(vpc_cidr: str, zone_count: int) -> SubnetBlocks:
    """Cut a VPC into zones, and each zone's block into private, public and data subnets, in this order."""
    zones = list(ipaddress.IPv4Network(vpc_cidr).subnets(prefixlen_diff=_ZONE_SLOTS_BITS))[:zone_count]
    halves = [list(zone.subnets(prefixlen_diff=_PRIVATE_BITS)) for zone in zones]
    rests = [list(rest.subnets(prefixlen_diff=_SMALL_BITS - _PRIVATE_BITS)) for _, rest in halves]
    return SubnetBlocks(
        private=[str(private) for private, _ in halves],
        public=[str(rest[0]) for rest in rests],
        data=[str(rest[1]) for rest in rests],
    )
