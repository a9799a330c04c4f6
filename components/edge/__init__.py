"""EdgeCdn: CloudFront and the web application firewall in front of the private load balancer."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.connections import DnsTarget, LoadBalancerAccess
from components.common.context import StackContext
from components.common.monitoring import EdgeMetrics
from components.common.names import physical_name
from components.common.ordering import known_after
from components.edge.behaviors import ORIGIN_ID, Behaviors
from components.edge.firewall import Firewall
from components.edge.settings import EdgeSettings

__all__ = ["EdgeCdn", "EdgeCdnArgs", "EdgeSettings"]


@dataclass(frozen=True, kw_only=True)
class EdgeCdnArgs:
    """What a stack decides about its edge, and what it leads to."""

    settings: EdgeSettings
    stack: StackContext
    load_balancer: LoadBalancerAccess
    """Where the edge leads to; without a public name of it people use the distribution's own name."""
    max_body_bytes: int
    """Largest request that Flowise takes; the firewall refuses what says that it is longer."""
    after: pulumi.Resource
    """What must be there before anybody may come in: the application with its owner's account."""


@final
class EdgeCdn(pulumi.ComponentResource):
    """The only entry point from the internet: CloudFront over a VPC origin, behind a web ACL.

    Only the UI's own files are cached; nothing is buffered, so predictions stream.
    """

    url: pulumi.Output[str]
    """Where people reach Flowise."""
    distribution_id: pulumi.Output[str]
    """Id of the CloudFront distribution, for runbooks."""
    dns_target: DnsTarget | None
    """Where the owner of the zone must point the public name; None: there is none, or the records are made here."""
    metrics: EdgeMetrics

    def __init__(self, resource_name: str, args: EdgeCdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:edge:EdgeCdn", resource_name, None, opts)
        site = args.load_balancer.site
        origin = self._origin(resource_name, args)
        firewall = Firewall(
            resource_name, args.settings, stack=args.stack, max_body_bytes=args.max_body_bytes, parent=self
        )
        behaviors = Behaviors(resource_name, own_name=site is not None, parent=self)
        distribution = aws.cloudfront.Distribution(
            resource_name,
            comment=f"{pulumi.get_project()} {pulumi.get_stack()}",
            enabled=True,
            # The list of admin networks is IPv4: over IPv6 the office itself would not be on it.
            is_ipv6_enabled=not args.settings.admin_cidrs,
            http_version="http2and3",
            price_class=args.settings.price_class,
            web_acl_id=firewall.make().arn,
            aliases=[site.name] if site else None,
            origins=[
                {
                    "origin_id": ORIGIN_ID,
                    # With a site the viewer's Host header is forwarded, and CloudFront checks the load balancer's
                    # certificate against it.
                    "domain_name": args.load_balancer.dns_name,
                    "vpc_origin_config": {
                        "vpc_origin_id": origin.id,
                        "origin_read_timeout": args.settings.origin_read_timeout_seconds,
                        "origin_keepalive_timeout": 60,
                    },
                }
            ],
            default_cache_behavior=behaviors.default(),
            ordered_cache_behaviors=[behaviors.static()],
            # No custom error pages: they would answer API calls with HTML.
            viewer_certificate=(
                {"cloudfront_default_certificate": True}
                if site is None
                else {
                    "acm_certificate_arn": site.edge_certificate_arn,
                    "ssl_support_method": "sni-only",
                    # The newest policy with TLS 1.2, which programs still speak (CloudFront developer guide, "Supported
                    # protocols and ciphers between viewers and CloudFront"); TLSv1.3_2025 would refuse them.
                    "minimum_protocol_version": "TLSv1.2_2025",
                }
            ),
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            # Not the whole component: a VPC origin takes up to 15 minutes, in which Flowise can start.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.after]),
        )
        self.dns_target = None
        if site and site.hosted_zone_id is None:
            self.dns_target = DnsTarget(
                name=site.name, value=distribution.domain_name, alias_zone_id=distribution.hosted_zone_id
            )
        if site:
            if site.hosted_zone_id:
                self._records(resource_name, site.name, site.hosted_zone_id, distribution)
            self.url = pulumi.Output.format("https://{0}", known_after(site.name, distribution))
        else:
            self.url = pulumi.Output.format("https://{0}", distribution.domain_name)
        self.distribution_id = distribution.id
        self.metrics = EdgeMetrics(distribution_id=distribution.id, web_acl_metric=firewall.metric)
        self.register_outputs({"url": self.url, "distribution_id": self.distribution_id})

    def _origin(self, resource_name: str, args: EdgeCdnArgs) -> aws.cloudfront.VpcOrigin:
        # One for each protocol: an origin in use cannot change it (CloudFront API reference, UpdateVpcOrigin).
        name = f"{resource_name}-http" if args.load_balancer.site is None else resource_name
        return aws.cloudfront.VpcOrigin(
            name,
            vpc_origin_endpoint_config={
                "name": physical_name("vpc-origin", name),
                "arn": args.load_balancer.arn,
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "http-only" if args.load_balancer.site is None else "https-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # AWS takes up to 15 minutes, which is also the provider's own limit.
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
            ),
        )

    def _records(self, resource_name: str, name: str, zone_id: str, distribution: aws.cloudfront.Distribution) -> None:
        for record_type in ("A", "AAAA"):
            aws.route53.Record(
                f"{resource_name}-{record_type.lower()}",
                zone_id=zone_id,
                name=name,
                type=record_type,
                aliases=[
                    {
                        "name": distribution.domain_name,
                        "zone_id": distribution.hosted_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=pulumi.ResourceOptions(parent=self),
            )
