"""What a stack decides about its network."""

import ipaddress
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from components.common.cidr import Cidr, usable_in_a_vpc, within
from components.common.model import AS_A_SET, Settings
from components.common.spelling import Spelling

_FEWEST_ZONES, _MOST_ZONES = 2, 4
_LARGEST_PREFIX = 16
_SMALLEST_EXISTING_PREFIX = 28
"""Sizes of a VPC (Amazon VPC User Guide, "VPC CIDR blocks": between /16 and /28)."""
_SMALLEST_PREFIX = 20
"""A /20 leaves /23 for the pods of a zone (507 addresses) and /26 for load balancers, which need a /27."""


Zone = Annotated[
    str,
    Spelling(
        pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$",
        is_="an availability zone by its name",
        examples=["us-east-1a"],
        wrong=(
            (r"-az\d+$", "it is the zone's id, which every account sees under another name"),
            (r"^[a-z]{2}(-[a-z]+)+-\d$", "it is a region; the zone's letter is missing"),
            (r"^[a-z]$", "it is only the zone's letter"),
            (r"[A-Z]", "it has capitals"),
        ),
        find="`aws ec2 describe-availability-zones --query 'AvailabilityZones[].ZoneName'` prints those of your region",
    ),
]


def _enough_zones(zones: list[str]) -> list[str]:
    if not _FEWEST_ZONES <= len(zones) <= _MOST_ZONES:
        raise ValueError(
            f"{', '.join(zones) or 'no zone'}: name two to four zones; EKS and RDS refuse one, and Multi-AZ needs a "
            "second zone for its standby"
        )
    return zones


_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")


def _check_new_vpc(cidr: str) -> None:
    if not _LARGEST_PREFIX <= ipaddress.IPv4Network(cidr).prefixlen <= _SMALLEST_PREFIX:
        raise ValueError(
            f"{cidr} must be between /{_LARGEST_PREFIX} and /{_SMALLEST_PREFIX}: AWS allows no larger VPC, and "
            "a smaller one has no room for the pods of four zones. For a VPC that exists already, of any size, set "
            "network.existing"
        )
    if not within(cidr, *_PRIVATE):
        raise ValueError(f"{cidr} must be private (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16)")


def _check_existing_vpc(cidr: str) -> None:
    """Somebody else has made the subnets: how much room they have is theirs to know."""
    if not _LARGEST_PREFIX <= ipaddress.IPv4Network(cidr).prefixlen <= _SMALLEST_EXISTING_PREFIX:
        raise ValueError(
            f"{cidr} must be between /{_LARGEST_PREFIX} and /{_SMALLEST_EXISTING_PREFIX}, as every block of a VPC: "
            "name the one that holds the subnets of network.existing, and further ones in network.connected_cidrs"
        )
    if not usable_in_a_vpc(cidr):
        raise ValueError(f"{cidr} cannot be the addresses of a VPC; `aws ec2 describe-vpcs` prints the block")


SubnetId = Annotated[
    str,
    Spelling(
        pattern=r"^subnet-[0-9a-f]{8,17}$",
        is_="the id of a subnet",
        examples=["subnet-0123456789abcdef0"],
        wrong=((r"^arn:", "it is an ARN; its last part is the id"), (r"^(?!subnet-)", "it is no id; a name is a tag")),
        find="`aws ec2 describe-subnets --query 'Subnets[].[SubnetId,AvailabilityZone,CidrBlock]' --output text` "
        "prints them",
    ),
]


class ExistingNetwork(Settings):
    """A VPC that somebody else manages; nothing is made or changed in it but endpoints and security groups."""

    vpc_id: Annotated[
        str,
        Spelling(
            pattern=r"^vpc-[0-9a-f]{8,17}$",
            is_="the id of a VPC",
            examples=["vpc-0123456789abcdef0"],
            wrong=((r"^(?!vpc-)", "it is no id; a VPC's name is a tag"),),
            find="`aws ec2 describe-vpcs --query 'Vpcs[].[VpcId,CidrBlock]' --output text` prints them",
        ),
    ]
    """Id of the VPC. It needs DNS host names, an internet gateway, and a way out of its private subnets."""
    private_subnet_ids: Annotated[list[SubnetId], Field(min_length=2)]
    """Subnets for pods and load balancer, in two zones or more; tagged kubernetes.io/role/internal-elb=1."""
    data_subnet_ids: Annotated[list[SubnetId], Field(min_length=2)]
    """Subnets for the database and the queue, in two zones or more, none of them a private one too."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if both := sorted({*self.private_subnet_ids} & {*self.data_subnet_ids}):
            raise ValueError(
                f"{', '.join(both)} stands in private_subnet_ids and in data_subnet_ids. The network policies of the "
                "pods know the database, the queue and the endpoints by the addresses of their subnets, so pods and "
                "the API of Kubernetes must not have the same; name subnets for data in which nothing else is"
            )
        return self


def _with_a_way_out(nat: object) -> object:
    """Say why there is no VPC without a way out, and what there is instead: a list of two words alone does not.

    EKS User Guide, "Deploy private clusters with limited internet access": images must come from a registry in the VPC,
    and every service of AWS needs an endpoint.
    """
    if nat != "none":
        return nat
    raise ValueError(
        '"none" is not allowed: charts and images of add-ons come from public registries, models other than Bedrock '
        "and sign-in's identity provider are outside, and nodes and pods call ECR, EC2, STS, Secrets Manager and "
        "CloudWatch. "
        "Allowed: instance, single, per-zone. Where nothing may leave the VPC by itself, use network.existing, whose "
        "way out (a transit gateway, a firewall, a proxy) is yours, and network.interface_endpoints for AWS's services "
        "(docs/internal.md)"
    )


class NetworkSettings(Settings):
    """The network of a stack."""

    existing: ExistingNetwork | None = None
    """Use this VPC instead of making one; `cidr` and `zones` then describe it."""
    cidr: Cidr = "10.20.0.0/16"
    """Addresses of the VPC, /16 to /20; with `existing` whatever it has, /16 to /28. Cannot be changed later without a
    new VPC. In a small VPC count its free addresses first: every pod takes one."""
    zones: Annotated[list[Zone], AfterValidator(_enough_zones)]
    """Availability zones, two to four. Letters differ between accounts: a preview looks their ids up and refuses
    use1-az3, usw1-az2 and cac1-az3, which EKS does not serve, and apne1-az3, which CloudFront does not. A further zone
    belongs at the end: subnets are named by their place, and one in between would replace those behind it."""
    nat: Annotated[Literal["instance", "single", "per-zone"], BeforeValidator(_with_a_way_out)] = "per-zone"
    """One NAT gateway in each zone, one for all zones (cheaper; its zone failing cuts every pod off the internet), or a
    NAT instance: a machine of the stack's own for a fifth of a gateway's price, of which there is one."""
    nat_instance_type: Literal["t4g.nano", "t4g.micro", "t4g.small"] = "t4g.nano"
    """Size of the NAT instance: 32, 64 or 128 Mbit/s for long, up to 5 Gbit/s for a while."""
    interface_endpoints: list[
        Literal["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts", "kms", "bedrock-runtime"]
    ] = []
    """AWS services reached inside the VPC instead of through NAT; each costs about 7 USD a month and zone."""
    flow_log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep records of accepted and rejected connections, one of the values that CloudWatch Logs allows."""
    connected_cidrs: Annotated[list[Cidr], AS_A_SET] = []
    """Networks that this VPC is or will be connected to (peering, VPN); its own addresses must not overlap them."""

    @field_validator("cidr")
    @classmethod
    def _check_cidr(cls, cidr: str, info: ValidationInfo) -> str:
        if "existing" in info.data:  # missing where it is wrong itself, and then nobody knows which rule holds
            (_check_existing_vpc if info.data["existing"] else _check_new_vpc)(cidr)
        return cidr

    @model_validator(mode="after")
    def _check(self) -> Self:
        own = ipaddress.IPv4Network(self.cidr)
        for other in self.connected_cidrs:
            if own.overlaps(ipaddress.IPv4Network(other)):
                raise ValueError(f"cidr {self.cidr} overlaps connected_cidrs entry {other}; choose another block")
        return self
