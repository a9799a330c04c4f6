"""InternalEntry: people reach the load balancer from listed networks, without CloudFront and its firewall."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.connections import DnsTarget, LoadBalancerAccess
from components.common.context import StackContext
from components.common.ordering import known_after


@dataclass(frozen=True, kw_only=True)
class InternalEntryArgs:
    """Who may come in, and where to."""

    stack: StackContext
    load_balancer: LoadBalancerAccess
    after: pulumi.Resource
    """What must be there before anybody may come in: the application with its owner's account."""


@final
class InternalEntry(pulumi.ComponentResource):
    """The only entry point of an internal stack: rules that let the listed networks reach the load balancer.

    They are created last. Until then the load balancer's security group admits nobody, as an owner is whoever comes
    first to a Flowise without one.
    """

    url: pulumi.Output[str]
    """Where people reach Flowise."""
    dns_target: DnsTarget | None
    """Where the owner of the zone must point the name; None: the record is made here."""

    def __init__(self, resource_name: str, args: InternalEntryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:network:InternalEntry", resource_name, None, opts)
        site, internal = args.load_balancer.site, args.stack.scope.internal
        if site is None or internal is None:
            raise ValueError("an internal entry point has clients and a name; settings refuse a stack without")
        child = pulumi.ResourceOptions(parent=self, depends_on=[args.after])
        opened = [
            aws.vpc.SecurityGroupIngressRule(
                f"{resource_name}-from-{cidr.replace('.', '-').replace('/', '-')}",  # its place in the list may change
                security_group_id=args.load_balancer.security_group_id,
                description="Clients of Flowise",
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                opts=child,
            )
            for cidr in internal.client_cidrs
        ]
        self.dns_target = None
        if site.hosted_zone_id is None:
            self.dns_target = DnsTarget(
                name=site.name, value=args.load_balancer.dns_name, alias_zone_id=args.load_balancer.zone_id
            )
        else:
            aws.route53.Record(
                resource_name,
                zone_id=site.hosted_zone_id,
                name=site.name,
                type="A",
                aliases=[
                    {
                        "name": args.load_balancer.dns_name,
                        "zone_id": args.load_balancer.zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=child,
            )
        self.url = pulumi.Output.format("https://{0}", known_after(site.name, *opened))
        self.register_outputs({"url": self.url})
