"""NetworkStack: the VPC with public, private and data subnets, or an existing one by its ids."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Literal, Self, final

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx
from pydantic import AfterValidator, Field, model_validator

from components.common.context import StackContext, Subnets
from components.common.iam import Statement, policy, service_trust
from components.common.model import Cidr, Settings
from components.common.names import physical_name

_FEWEST_ZONES, _MOST_ZONES = 2, 4
_ZONE_SLOTS_BITS = 2
"""The VPC is cut into four equal blocks, one a zone: a third or fourth zone later moves no subnet."""
_PRIVATE_BITS, _SMALL_BITS = 1, 4
"""Within a zone's block: half for pods, a sixteenth each for public and data subnets."""
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
    interface_endpoints: list[
        Literal["ecr.api", "ecr.dkr", "logs", "secretsmanager", "sts", "kms", "bedrock-runtime"]
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


@dataclass(frozen=True, kw_only=True)
class NetworkStackArgs:
    """What a stack decides about its network."""

    settings: NetworkSettings
    stack: StackContext


@final
class NetworkStack(pulumi.ComponentResource):
    """VPC over two to four zones with an internet-facing, a private and an isolated (data) subnet in each.

    The default security group admits nothing, connections are logged, and S3 is reached without NAT.
    """

    private: Subnets
    """Subnets for pods and the internal load balancer; they reach the internet through NAT."""
    data: Subnets
    """Subnets without any route to the internet, for the database and the queue."""

    def __init__(self, resource_name: str, args: NetworkStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:network:NetworkStack", resource_name, None, opts)
        existing = args.settings.existing
        if existing is None:
            self._make_vpc(resource_name, args)
        else:
            vpc_id = pulumi.Output.from_input(existing.vpc_id)
            self.private = Subnets(vpc_id=vpc_id, ids=pulumi.Output.from_input(existing.private_subnet_ids))
            self.data = Subnets(vpc_id=vpc_id, ids=pulumi.Output.from_input(existing.data_subnet_ids))
        if args.settings.interface_endpoints:
            self._interface_endpoints(resource_name, args)
        self.register_outputs(
            {
                "vpc_id": self.private.vpc_id,
                "private_subnet_ids": self.private.ids,
                "data_subnet_ids": self.data.ids,
            }
        )

    def _make_vpc(self, resource_name: str, args: NetworkStackArgs) -> None:
        settings = args.settings
        zone_prefix = ipaddress.IPv4Network(settings.cidr).prefixlen + _ZONE_SLOTS_BITS
        vpc = awsx.ec2.Vpc(
            resource_name,
            cidr_block=settings.cidr,
            availability_zone_names=settings.zones,
            availability_zone_cidr_mask=zone_prefix,
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[
                awsx.ec2.SubnetSpecArgs(
                    type=awsx.ec2.SubnetType.PRIVATE,
                    name="private",
                    cidr_mask=zone_prefix + _PRIVATE_BITS,
                    tags={"kubernetes.io/role/internal-elb": "1"},
                ),
                awsx.ec2.SubnetSpecArgs(
                    type=awsx.ec2.SubnetType.PUBLIC, name="public", cidr_mask=zone_prefix + _SMALL_BITS
                ),
                awsx.ec2.SubnetSpecArgs(
                    type=awsx.ec2.SubnetType.ISOLATED, name="data", cidr_mask=zone_prefix + _SMALL_BITS
                ),
            ],
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(
                strategy=awsx.ec2.NatGatewayStrategy.SINGLE
                if settings.nat == "single"
                else awsx.ec2.NatGatewayStrategy.ONE_PER_AZ
            ),
            vpc_endpoint_strategy=awsx.ec2.VpcEndpointStrategy.AUTO,
            vpc_endpoint_specs=[
                awsx.ec2.VpcEndpointSpecArgs(
                    service_name=f"com.amazonaws.{args.stack.region}.s3", vpc_endpoint_type="Gateway"
                )
            ],
            enable_dns_hostnames=True,
            enable_dns_support=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.private = Subnets(vpc_id=vpc.vpc_id, ids=vpc.private_subnet_ids.apply(list))
        self.data = Subnets(vpc_id=vpc.vpc_id, ids=vpc.isolated_subnet_ids.apply(list))
        # Declaring the default group without rules makes the provider take AWS's own rules out of it.
        aws.ec2.DefaultSecurityGroup(resource_name, vpc_id=vpc.vpc_id, opts=pulumi.ResourceOptions(parent=self))
        self._flow_logs(resource_name, args)

    def _flow_logs(self, resource_name: str, args: NetworkStackArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        log_group = aws.cloudwatch.LogGroup(
            f"{resource_name}-flow",
            name=physical_name("log-group", "vpc-flow", separator="/"),
            retention_in_days=args.settings.flow_log_retention_days,
            kms_key_id=args.stack.kms_key_arn,
            opts=child,
        )
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        role = aws.iam.Role(
            f"{resource_name}-flow",
            assume_role_policy=service_trust(
                "vpc-flow-logs.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account_id}}
            ),
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{resource_name}-flow",
            role=role.id,
            policy=policy(
                Statement(
                    sid="WriteFlowLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    resources=[log_group.arn, pulumi.Output.format("{0}:*", log_group.arn)],
                ),
                Statement(
                    sid="FindLogGroup",
                    actions=["logs:DescribeLogGroups"],
                    resources=[pulumi.Output.format("arn:aws:logs:{0}:{1}:log-group:*", args.stack.region, account_id)],
                ),
            ),
            opts=child,
        )
        aws.ec2.FlowLog(
            resource_name,
            vpc_id=self.private.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=log_group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=600,
            opts=child,
        )

    def _interface_endpoints(self, resource_name: str, args: NetworkStackArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{resource_name}-endpoints",
            description="HTTPS from the VPC to the endpoints of AWS services",
            vpc_id=self.private.vpc_id,
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{resource_name}-endpoints",
            security_group_id=group.id,
            description="HTTPS from the VPC",
            cidr_ipv4=args.settings.cidr,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=child,
        )
        for service in args.settings.interface_endpoints:
            aws.ec2.VpcEndpoint(
                f"{resource_name}-{service}",
                vpc_id=self.private.vpc_id,
                service_name=f"com.amazonaws.{args.stack.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=self.private.ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                opts=child,
            )
