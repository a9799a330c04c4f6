"""What a stack decides about its network."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.common.model import Cidr, Settings, unique

_FEWEST_ZONES, _MOST_ZONES = 2, 4
_LARGEST_PREFIX = 16
_SMALLEST_PREFIX = 20
"""A /20 leaves /23 for the pods of a zone (507 addresses) and /26 for load balancers, which need a /27."""


Zone = Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$", examples=["us-east-1a"])]


def _enough_zones(zones: list[str]) -> list[str]:
    if not _FEWEST_ZONES <= len(zones) <= _MOST_ZONES:
        raise ValueError(
            f"{', '.join(zones) or 'no zone'}: name two to four zones; EKS and RDS refuse one, and Multi-AZ needs a "
            "second zone for its standby"
        )
    if len(set(zones)) != len(zones):
        raise ValueError(f"{', '.join(zones)}: name each zone once")
    return zones


def _roomy(cidr: str) -> str:
    network = ipaddress.IPv4Network(cidr)
    if not _LARGEST_PREFIX <= network.prefixlen <= _SMALLEST_PREFIX:
        raise ValueError(
            f"{cidr} must be between /{_LARGEST_PREFIX} and /{_SMALLEST_PREFIX}: AWS allows no larger VPC, and "
            "a smaller one has no room for the pods of four zones"
        )
    if not network.is_private:
        raise ValueError(f"{cidr} must be private (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)")
    return cidr


class ExistingNetwork(Settings):
    """A VPC that somebody else manages; nothing is made or changed in it but endpoints and security groups."""

    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-f]{8,17}$")]
    """Id of the VPC. It needs DNS host names, an internet gateway, and a way out of its private subnets."""
    private_subnet_ids: Annotated[list[str], Field(min_length=2)]
    """Subnets for pods and load balancer, in two zones or more; tagged kubernetes.io/role/internal-elb=1."""
    data_subnet_ids: Annotated[list[str], Field(min_length=2)]
    """Subnets for the database and the queue, in two zones or more."""


class NetworkSettings(Settings):
    """The network of a stack."""

    cidr: Annotated[Cidr, AfterValidator(_roomy)] = "10.20.0.0/16"
    """Addresses of the VPC, /16 to /20. Cannot be changed later without a new VPC."""
    zones: Annotated[list[Zone], AfterValidator(_enough_zones)]
    """Availability zones, two to four. CloudFront cannot reach a load balancer in the zone with the id use1-az3."""
    nat: Literal["single", "per-zone"] = "per-zone"
    """One NAT gateway for all zones (cheaper; its zone failing cuts every pod off the internet) or one in each."""
    interface_endpoints: Annotated[
        list[Literal["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts", "kms", "bedrock-runtime"]],
        AfterValidator(unique),
    ] = []
    """AWS services reached inside the VPC instead of through NAT; each costs about 7 USD a month and zone."""
    flow_log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep records of accepted and rejected connections, one of the values that CloudWatch Logs allows."""
    connected_cidrs: list[Cidr] = []
    """Networks that this VPC is or will be connected to (peering, VPN); its own addresses must not overlap them."""
    existing: ExistingNetwork | None = None
    """Use this VPC instead of making one; `cidr` and `zones` then describe it."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        own = ipaddress.IPv4Network(self.cidr)
        for other in self.connected_cidrs:
            if own.overlaps(ipaddress.IPv4Network(other)):
                raise ValueError(f"cidr {self.cidr} overlaps connected_cidrs entry {other}; choose another block")
        return self
