"""A stack in moto, and what its settings promise."""

from dataclasses import dataclass
from typing import Any, cast

from analysis.recorder import Record, Recording
from local.aws import MotoCloud

REGION = "us-east-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What `Pulumi.<stack>.yaml` asks for, in the words of AWS."""

    cidr: str
    zones: tuple[str, ...]
    nat_gateways: int
    """0: a NAT instance."""
    protected: bool
    """Deletion protection wherever AWS has it."""
    multi_az: bool
    instance_class: str
    storage_gib: tuple[int, int]
    """At creation, and the most that it grows to."""
    backup_days: int
    log_days: int
    noncurrent_days: int
    access_log_days: int
    idle_timeout_seconds: int
    read_timeout_seconds: int
    queue_nodes: int
    """0: main mode."""
    domain: str
    """Empty: the distribution's own name."""
    recovery_region: str
    telemetry: bool
    """Whether the cluster's logs and metrics reach CloudWatch."""
    public_access_cidrs: tuple[str, ...]
    api_client_cidrs: tuple[str, ...]
    administrators: tuple[str, ...]
    tags: dict[str, str]


PROMISES = {
    "dev": Promise(
        cidr="10.20.0.0/16",
        zones=("us-east-1a", "us-east-1b"),
        nat_gateways=0,
        protected=False,
        multi_az=False,
        instance_class="db.t4g.micro",
        storage_gib=(20, 100),
        backup_days=7,
        log_days=7,
        noncurrent_days=7,
        access_log_days=30,
        idle_timeout_seconds=120,
        read_timeout_seconds=60,
        queue_nodes=0,
        domain="",
        recovery_region="",
        telemetry=False,
        public_access_cidrs=("203.0.113.0/24",),
        api_client_cidrs=(),
        administrators=(),
        tags={"project": "flowise", "stack": "dev", "managed-by": "pulumi"},
    ),
    "prod": Promise(
        cidr="10.30.0.0/16",
        zones=("us-east-1a", "us-east-1b", "us-east-1c"),
        nat_gateways=3,
        protected=True,
        multi_az=True,
        instance_class="db.t4g.medium",
        storage_gib=(100, 1000),
        backup_days=14,
        log_days=90,
        noncurrent_days=90,
        access_log_days=365,
        idle_timeout_seconds=180,
        read_timeout_seconds=120,
        queue_nodes=2,
        domain="flowise.example.com",
        recovery_region="us-west-2",
        telemetry=True,
        public_access_cidrs=(),
        api_client_cidrs=("10.40.0.0/24",),
        administrators=(f"arn:aws:iam::{ACCOUNT}:role/platform-admin",),
        tags={"project": "flowise", "stack": "prod", "managed-by": "pulumi", "cost-center": "ai-platform"},
    ),
}


@dataclass(frozen=True, kw_only=True)
class LocalEnvironment:
    """One stack, made in moto. Types are named without their leading `aws:`."""

    stack: str
    promise: Promise
    recording: Recording
    cloud: MotoCloud

    def aws(self, service: str, region: str = REGION) -> Any:
        """Client that reads back; its answers are plain dictionaries here."""
        return cast("Any", self.cloud.client)(service, region)

    def all(self, type_: str) -> list[Record]:
        """Every resource of a type."""
        return self.recording.of_type(f"aws:{type_}")

    def only(self, type_: str, name: str | None = None) -> Record:
        """The one resource of a type (and name)."""
        return self.recording.only(f"aws:{type_}", name)

    @property
    def key_arn(self) -> str:
        """The stack's own KMS key."""
        return str(self.only("kms/key:Key", "key").outputs["arn"])

    @property
    def vpc_id(self) -> str:
        """The stack's VPC."""
        return self.only("ec2/vpc:Vpc").id

    @property
    def cluster_group_id(self) -> str:
        """Security group of every node, so of every pod."""
        return str(self.only("eks/cluster:Cluster").outputs["clusterSecurityGroupId"])

    def subnets(self, tier: str) -> dict[str, str]:
        """Zone by id of the subnets of a tier: Public, Private or Isolated."""
        filters = [{"Name": "vpc-id", "Values": [self.vpc_id]}, {"Name": "tag:SubnetType", "Values": [tier]}]
        found = self.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
        return {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in found}

    def default_route(self, subnet_id: str) -> dict[str, str] | None:
        """The route of a subnet to everywhere."""
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (table,) = self.aws("ec2").describe_route_tables(Filters=filters)["RouteTables"]
        routes = [route for route in table["Routes"] if route.get("DestinationCidrBlock") == "0.0.0.0/0"]
        return routes[0] if routes else None

    def halves(self, subnet_id: str) -> list[dict[str, str]]:
        """The two routes of a subnet to everywhere by a NAT instance."""
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (table,) = self.aws("ec2").describe_route_tables(Filters=filters)["RouteTables"]
        found = [route for route in table["Routes"] if str(route.get("DestinationCidrBlock")).endswith("/1")]
        assert {route["DestinationCidrBlock"] for route in found} == {"0.0.0.0/1", "128.0.0.0/1"}
        return found

    def group(self, group_id: str) -> dict[str, Any]:
        """A security group with its rules."""
        return self.aws("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"][0]


def peers(permissions: list[dict[str, Any]]) -> list[tuple[int, int, str]]:
    """First port, last port and other side of every rule."""
    return [
        (permission["FromPort"], permission["ToPort"], peer)
        for permission in permissions
        for peer in (
            *(pair["GroupId"] for pair in permission["UserIdGroupPairs"]),
            *(entry["PrefixListId"] for entry in permission["PrefixListIds"]),
            *(entry["CidrIp"] for entry in permission["IpRanges"]),
            *(entry["CidrIpv6"] for entry in permission["Ipv6Ranges"]),
        )
    ]
