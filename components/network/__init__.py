"""NetworkStack: the VPC with public, private and data subnets, or an existing one by its ids."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.common.cidr import within
from components.common.context import NetworkAddresses, StackContext, Subnets
from components.common.iam import Statement, policy, service_trust
from components.common.monitoring import Monitoring
from components.common.names import physical_name
from components.common.partition import build_arn
from components.network.addresses import subnet_blocks
from components.network.alarms import nat_failed, nat_ports
from components.network.nat_instance import NatInstanceArgs, make_nat_instance
from components.network.settings import ExistingNetwork, NetworkSettings
from components.network.zones import require_open_zones

_NAT_STRATEGIES = {
    "instance": awsx.ec2.NatGatewayStrategy.NONE,
    "single": awsx.ec2.NatGatewayStrategy.SINGLE,
    "per-zone": awsx.ec2.NatGatewayStrategy.ONE_PER_AZ,
}
_HOST_NAMES = {"ecr.api": "api.ecr", "ecr.dkr": "dkr.ecr"}
"""Services whose host names begin otherwise than the names of their endpoints (Amazon ECR User Guide, Interface VPC
endpoints)."""

__all__ = ["NetworkSettings", "NetworkStack", "NetworkStackArgs", "require_open_zones"]


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
    """Subnets without any route to the internet, for the database, the queue and the interface endpoints."""

    monitoring: Monitoring = Monitoring()
    """The alarm of the NAT gateways or of the NAT instance; none in a VPC that exists."""

    def __init__(self, resource_name: str, args: NetworkStackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:network:NetworkStack", resource_name, None, opts)
        existing = args.settings.existing
        if existing is None:
            self._make_vpc(resource_name, args)
        else:
            self._use_vpc(args.settings, existing)
        if args.settings.interface_endpoints:
            self._interface_endpoints(resource_name, args)
        self.register_outputs(self.as_existing)

    @property
    def as_existing(self) -> dict[str, pulumi.Output[str] | pulumi.Output[list[str]]]:
        """What another stack names in `network.existing` to share this network."""
        return {
            "vpc_id": self.private.vpc_id,
            "private_subnet_ids": self.private.ids,
            "data_subnet_ids": self.data.ids,
        }

    def _use_vpc(self, settings: NetworkSettings, existing: ExistingNetwork) -> None:
        vpc_id = pulumi.Output.from_input(existing.vpc_id)
        private, data = existing.private_subnet_ids, existing.data_subnet_ids
        addresses = _addresses(settings, private=self._blocks(private), data=self._blocks(data))
        self.private = Subnets(vpc_id=vpc_id, ids=pulumi.Output.from_input(private), addresses=addresses)
        self.data = Subnets(vpc_id=vpc_id, ids=pulumi.Output.from_input(data), addresses=addresses)

    def _blocks(self, subnet_ids: Sequence[str]) -> pulumi.Output[Sequence[str]]:
        options = pulumi.InvokeOutputOptions(parent=self)
        found = [aws.ec2.get_subnet_output(id=subnet_id, opts=options).cidr_block for subnet_id in subnet_ids]
        return pulumi.Output.all(*found)

    def _vpc_blocks(self, name: str, settings: NetworkSettings) -> Iterator[tuple[str, str]]:
        """Names of rules, and all addresses of the VPC; one that exists may have further blocks.

        Whoever is in the VPC gets the endpoints' addresses from its DNS (`private_dns_enabled`), so all of it must
        reach them: who is not admitted would lose the services that have an endpoint.
        """
        yield name, settings.cidr
        if settings.existing is not None:
            found = aws.ec2.get_vpc(id=settings.existing.vpc_id, opts=pulumi.InvokeOptions(parent=self))
            for block in sorted(
                each.cidr_block for each in found.cidr_block_associations if each.state == "associated"
            ):
                if not within(block, settings.cidr):
                    yield f"{name}-{block.replace('/', '-')}", block

    def _make_vpc(self, resource_name: str, args: NetworkStackArgs) -> None:
        settings = args.settings
        blocks = subnet_blocks(settings.cidr, len(settings.zones))
        vpc = awsx.ec2.Vpc(
            resource_name,
            cidr_block=settings.cidr,
            availability_zone_names=settings.zones,
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[
                awsx.ec2.SubnetSpecArgs(
                    type=awsx.ec2.SubnetType.PRIVATE,
                    name="private",
                    cidr_blocks=blocks.private,
                    tags={"kubernetes.io/role/internal-elb": "1"},
                ),
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.PUBLIC, name="public", cidr_blocks=blocks.public),
                awsx.ec2.SubnetSpecArgs(type=awsx.ec2.SubnetType.ISOLATED, name="data", cidr_blocks=blocks.data),
            ],
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(strategy=_NAT_STRATEGIES[settings.nat]),
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
        addresses = _addresses(
            settings,
            private=pulumi.Output.from_input(blocks.private),
            data=pulumi.Output.from_input(blocks.data),
        )
        self.private = Subnets(vpc_id=vpc.vpc_id, ids=vpc.private_subnet_ids.apply(list), addresses=addresses)
        self.data = Subnets(vpc_id=vpc.vpc_id, ids=vpc.isolated_subnet_ids.apply(list), addresses=addresses)
        if settings.nat == "instance":
            nat_args = NatInstanceArgs(
                instance_type=settings.nat_instance_type,
                vpc_id=vpc.vpc_id,
                vpc_cidr=settings.cidr,
                public_subnet_id=vpc.public_subnet_ids[0],
                private_cidrs=blocks.private,
                private_subnet_ids=vpc.private_subnet_ids,
                kms_key_arn=args.stack.kms_key_arn,
            )
            instance_id = make_nat_instance(f"{resource_name}-nat", nat_args, self)
            self.monitoring = Monitoring(alarms=[nat_failed(instance_id)])
        else:
            count = 1 if settings.nat == "single" else len(settings.zones)
            gateways = [vpc.nat_gateways[number].id for number in range(count)]
            self.monitoring = Monitoring(alarms=[nat_ports(gateways)])
        # Declaring the default group without rules makes the provider take AWS's own rules out of it. It is replaced
        # with the VPC, so its protection refuses the preview of another `cidr`. Protecting `awsx.ec2.Vpc` itself would
        # protect all of its children, and refuse another `nat` or a zone less, too.
        aws.ec2.DefaultSecurityGroup(
            resource_name,
            vpc_id=vpc.vpc_id,
            opts=pulumi.ResourceOptions(parent=self, protect=args.stack.protected),
        )
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
                    resources=[build_arn("logs", args.stack.region, account_id, "log-group:*")],
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
        for name, cidr in self._vpc_blocks(f"{resource_name}-endpoints", args.settings):
            aws.vpc.SecurityGroupIngressRule(
                name,
                security_group_id=group.id,
                description="HTTPS from the VPC",
                cidr_ipv4=cidr,
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
                # Not where the control plane has its interfaces: a rule that admits endpoints must not admit its API.
                subnet_ids=self.data.ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                opts=child,
            )


def _addresses(
    settings: NetworkSettings, *, private: pulumi.Output[Sequence[str]], data: pulumi.Output[Sequence[str]]
) -> NetworkAddresses:
    return NetworkAddresses(
        private_cidrs=[settings.cidr, *settings.connected_cidrs],
        private=private,
        data=data,
        endpoint_names=[_HOST_NAMES.get(service, service) for service in settings.interface_endpoints],
    )
