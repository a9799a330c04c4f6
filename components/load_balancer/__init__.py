"""PrivateLoadBalancer: the internal load balancer that only CloudFront, or listed private networks, reach."""

from dataclasses import dataclass
from typing import Annotated, final

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.access_logs import LOAD_BALANCER_PREFIX
from components.common.connections import ClusterAccess, LoadBalancerAccess, Site
from components.common.context import StackContext
from components.common.http import HTTP_PORT, READINESS_PATH
from components.common.model import Settings
from components.common.names import physical_name
from components.load_balancer.internal import InternalEntry, InternalEntryArgs
from components.load_balancer.rules import AdminPlane, plane_rules
from components.load_balancer.sign_in import SignInSettings

__all__ = [
    "InternalEntry",
    "InternalEntryArgs",
    "LoadBalancerSettings",
    "PrivateLoadBalancer",
    "PrivateLoadBalancerArgs",
]

_ORIGIN_FACING_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"
_HSTS = f"max-age={365 * 24 * 60 * 60}; includeSubDomains"


class LoadBalancerSettings(Settings):
    """The load balancer of a stack."""

    idle_timeout_seconds: Annotated[int, Field(ge=60, le=3600)] = 120
    """Seconds without a byte after which a connection is cut; Flowise sends one every 30 s while it streams.

    The pods keep idle connections 15 s longer than this, so that the load balancer never uses one that they close.
    """
    sign_in: SignInSettings | None = None
    """Sign-in before the admin plane, with OpenID Connect; none: Flowise's own login alone. Needs `flowise:domain`."""


@dataclass(frozen=True, kw_only=True)
class PrivateLoadBalancerArgs:
    """What a stack decides about its load balancer, and what it connects."""

    settings: LoadBalancerSettings
    stack: StackContext
    site: Site | None
    """Public name; with it CloudFront speaks HTTPS to the load balancer, without it HTTP inside the VPC."""
    cluster: ClusterAccess
    """EKS cluster whose pods become targets; the load balancer is let into their security group."""
    client_secret: pulumi.Input[str] | None
    """Secret of the client that `settings.sign_in` names."""

    @property
    def port(self) -> int:
        """Port that the load balancer listens on."""
        return 80 if self.site is None else 443

    @property
    def suffix(self) -> str:
        """End of the names of what exists once a protocol.

        A VPC origin in use cannot change its protocol (CloudFront API reference, UpdateVpcOrigin: 409
        CannotUpdateEntityWhileInUse). When a stack gets a domain, listener and origin of the new protocol are created
        beside the old ones, the distribution is pointed at them, and the old ones go last.
        """
        return "-http" if self.site is None else ""


@final
class PrivateLoadBalancer(pulumi.ComponentResource):
    """Internal Application Load Balancer made by the program, with a target group that the cluster fills.

    A controller in the cluster could make it too, but a CloudFront VPC origin in use cannot follow to a new one.
    """

    access: LoadBalancerAccess
    """How CloudFront and the pods reach it."""

    def __init__(
        self, resource_name: str, args: PrivateLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("flowise:network:PrivateLoadBalancer", resource_name, None, opts)
        child, internal = pulumi.ResourceOptions(parent=self), args.stack.scope.internal
        security_group = self._security_group(resource_name, args)
        load_balancer = aws.lb.LoadBalancer(
            resource_name,
            name=physical_name("load-balancer"),
            internal=True,
            load_balancer_type="application",
            subnets=args.cluster.subnets.ids,
            security_groups=[security_group.id],
            idle_timeout=args.settings.idle_timeout_seconds,
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=args.stack.protected,
            access_logs={"enabled": True, "bucket": args.stack.log_bucket_name, "prefix": LOAD_BALANCER_PREFIX},
            opts=pulumi.ResourceOptions(parent=self, protect=args.stack.protected),
        )
        target_group = aws.lb.TargetGroup(
            resource_name,
            vpc_id=args.cluster.subnets.vpc_id,
            target_type="ip",
            port=HTTP_PORT,
            protocol="HTTP",
            deregistration_delay=30,
            health_check={
                "path": READINESS_PATH,
                "matcher": "200",
                "interval": 10,
                "timeout": 5,
                "healthy_threshold": 2,
                "unhealthy_threshold": 3,
            },
            tags={"eks:eks-cluster-name": args.cluster.name},  # Auto Mode registers pods only in groups with this tag
            opts=child,
        )
        admin = AdminPlane(
            target_group_arn=target_group.arn,
            sign_in=args.settings.sign_in,
            client_secret=args.client_secret,
            cidrs=internal.admin_cidrs if internal else [],
            planes=args.stack.scope.planes,
        )
        listener = aws.lb.Listener(
            f"{resource_name}{args.suffix}",
            load_balancer_arn=load_balancer.arn,
            port=args.port,
            protocol="HTTPS" if args.site else "HTTP",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-2021-06" if args.site else None,
            certificate_arn=args.site.regional_certificate_arn if args.site else None,
            default_actions=admin.default_actions(),
            # Behind CloudFront its response headers policy does this (components/edge/behaviors.py).
            routing_http_response_strict_transport_security_header_value=_HSTS if internal else None,
            routing_http_response_x_content_type_options_header_value="nosniff" if internal else None,
            routing_http_response_server_enabled=False if internal else None,
            opts=child,
        )
        plane_rules(resource_name, listener, admin, self)
        self.access = LoadBalancerAccess(
            arn=listener.load_balancer_arn,
            dns_name=load_balancer.dns_name,
            # Through the listener: targets are checked only in a group that a listener uses.
            target_group_arn=pulumi.Output.all(target_group.arn, listener.id).apply(lambda values: str(values[0])),
            site=args.site,
            idle_timeout_seconds=args.settings.idle_timeout_seconds,
            behind_cloudfront=internal is None,
            security_group_id=security_group.id,
            zone_id=load_balancer.zone_id,
        )
        self.register_outputs({"arn": load_balancer.arn, "target_group_arn": self.access.target_group_arn})

    def _security_group(self, resource_name: str, args: PrivateLoadBalancerArgs) -> aws.ec2.SecurityGroup:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            resource_name,
            # AWS replaces a group whose description changes, so it is the one of the stacks that are there already.
            description="CloudFront to the load balancer, the load balancer to the pods"
            if args.stack.scope.internal is None
            else "Listed networks to the load balancer, the load balancer to the pods",
            vpc_id=args.cluster.subnets.vpc_id,
            opts=child,
        )
        if args.stack.scope.internal is None:
            self._admit_cloudfront(resource_name, group)
        aws.vpc.SecurityGroupEgressRule(
            f"{resource_name}-to-pods",
            security_group_id=group.id,
            description="Pods of Flowise",
            referenced_security_group_id=args.cluster.security_group_id,
            ip_protocol="tcp",
            from_port=HTTP_PORT,
            to_port=HTTP_PORT,
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{resource_name}-into-pods",
            security_group_id=args.cluster.security_group_id,
            description="Load balancer of Flowise",
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=HTTP_PORT,
            to_port=HTTP_PORT,
            opts=child,
        )
        if args.settings.sign_in:
            aws.vpc.SecurityGroupEgressRule(
                f"{resource_name}-to-identity-provider",
                security_group_id=group.id,
                description="Identity provider, whose addresses nobody knows in advance",
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                opts=child,
            )
        return group

    def _admit_cloudfront(self, resource_name: str, group: aws.ec2.SecurityGroup) -> None:
        cloudfront = aws.ec2.get_managed_prefix_list_output(
            name=_ORIGIN_FACING_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{resource_name}-from-cloudfront",
            security_group_id=group.id,
            description="CloudFront",
            prefix_list_id=cloudfront.id,
            ip_protocol="tcp",
            # One rule for both protocols, because both are needed while a stack gets a domain and the list counts as 55
            # of a group's 60 rules (CloudFront developer guide). Nothing listens in between.
            from_port=80,
            to_port=443,
            opts=pulumi.ResourceOptions(parent=self),
        )
