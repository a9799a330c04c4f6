"""EdgeCdn: CloudFront and the web application firewall in front of the private load balancer."""

from dataclasses import dataclass
from typing import Annotated, Literal, final

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.connections import Origin, Site
from components.common.model import EDGE_REGION, Settings
from components.common.names import physical_name

# Managed policies of CloudFront, by the ids that AWS publishes for them.
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"

_MANAGED_RULES: dict[str, tuple[str, ...]] = {
    # rule group: rules in it that only count. Flows and uploads are larger than the 8 KB that SizeRestrictions allows.
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",),
    "AWSManagedRulesSQLiRuleSet": (),
}


class EdgeSettings(Settings):
    """The edge of a stack."""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Where CloudFront answers: 100 North America and Europe, 200 also Asia, Africa and the Middle East, or all."""
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Requests from one address within five minutes before it is blocked; the least that AWS allows is 10."""
    origin_read_timeout_seconds: Annotated[int, Field(ge=31, le=120)] = 60
    """Seconds without a byte after which CloudFront gives up; Flowise sends one every 30 s while it streams.

    A prediction that does not stream must be ready within this time. 120 is AWS's limit without a raised quota.
    """
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep the firewall's log of blocked requests."""


@dataclass(frozen=True, kw_only=True)
class EdgeCdnArgs:
    """What a stack decides about its edge, and what it leads to."""

    settings: EdgeSettings
    site: Site | None
    """Public name; without it people use the distribution's own name."""
    origin: Origin
    """The load balancer."""
    opens_after: pulumi.Resource
    """What must be there before anybody may come in: the application with its owner's account."""


@final
class EdgeCdn(pulumi.ComponentResource):
    """The only way in from the internet: CloudFront over a VPC origin, behind a web ACL.

    Nothing is cached and nothing is buffered, so predictions stream.
    """

    url: pulumi.Output[str]
    """Where people reach Flowise."""
    distribution_id: pulumi.Output[str]

    def __init__(self, resource_name: str, args: EdgeCdnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:edge:EdgeCdn", resource_name, None, opts)
        site = args.site
        origin = self._origin(resource_name, args)
        web_acl = self._web_acl(resource_name, args)
        distribution = aws.cloudfront.Distribution(
            resource_name,
            comment=f"{pulumi.get_project()} {pulumi.get_stack()}",
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=args.settings.price_class,
            web_acl_id=web_acl.arn,
            aliases=[site.name] if site else None,
            origins=[
                {
                    "origin_id": "load-balancer",
                    # With a site the viewer's Host header is forwarded, and CloudFront checks the load balancer's
                    # certificate against it.
                    "domain_name": args.origin.dns_name,
                    "vpc_origin_config": {
                        "vpc_origin_id": origin.id,
                        "origin_read_timeout": args.settings.origin_read_timeout_seconds,
                        "origin_keepalive_timeout": 60,
                    },
                }
            ],
            default_cache_behavior={
                "target_origin_id": "load-balancer",
                "viewer_protocol_policy": "redirect-to-https",
                "allowed_methods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
                "cached_methods": ["GET", "HEAD"],
                "cache_policy_id": _CACHING_DISABLED,
                "origin_request_policy_id": _ALL_VIEWER if site else _ALL_VIEWER_EXCEPT_HOST,
                "response_headers_policy_id": _SECURITY_HEADERS,
                "compress": True,
            },
            viewer_certificate=(
                {"cloudfront_default_certificate": True}
                if site is None
                else {
                    "acm_certificate_arn": site.edge_certificate_arn,
                    "ssl_support_method": "sni-only",
                    "minimum_protocol_version": "TLSv1.2_2021",
                }
            ),
            restrictions={"geo_restriction": {"restriction_type": "none"}},
            # Not the whole component: a VPC origin takes up to 15 minutes, in which Flowise can start.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.opens_after]),
        )
        if site:
            self._records(resource_name, site, distribution)
            self.url = pulumi.Output.format("https://{0}", distribution.id.apply(lambda _: site.name))
        else:
            self.url = pulumi.Output.format("https://{0}", distribution.domain_name)
        self.distribution_id = distribution.id
        self.register_outputs({"url": self.url, "distribution_id": self.distribution_id})

    def _origin(self, resource_name: str, args: EdgeCdnArgs) -> aws.cloudfront.VpcOrigin:
        return aws.cloudfront.VpcOrigin(
            resource_name,
            vpc_origin_endpoint_config={
                "name": physical_name("vpc-origin", resource_name),
                "arn": args.origin.arn,
                "http_port": 80,
                "https_port": 443,
                "origin_protocol_policy": "http-only" if args.site is None else "https-only",
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                # AWS takes up to 15 minutes, which is also the provider's own limit.
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
            ),
        )

    def _web_acl(self, resource_name: str, args: EdgeCdnArgs) -> aws.wafv2.WebAcl:
        rules: list[aws.wafv2.WebAclRuleArgsDict] = [
            {
                "name": group,
                "priority": number,
                "override_action": {"none": {}},
                "statement": {
                    "managed_rule_group_statement": {
                        "name": group,
                        "vendor_name": "AWS",
                        "rule_action_overrides": [
                            {"name": rule, "action_to_use": {"count": {}}} for rule in counted_rules
                        ],
                    }
                },
                "visibility_config": _visible(group),
            }
            for number, (group, counted_rules) in enumerate(_MANAGED_RULES.items(), start=10)
        ]
        rate: aws.wafv2.WebAclRuleArgsDict = {
            "name": "RatePerAddress",
            "priority": 0,
            "action": {"block": {"custom_response": {"response_code": 429}}},
            "statement": {
                "rate_based_statement": {
                    "limit": args.settings.requests_per_five_minutes,
                    "evaluation_window_sec": 300,
                    "aggregate_key_type": "IP",
                }
            },
            "visibility_config": _visible("RatePerAddress"),
        }
        web_acl = aws.wafv2.WebAcl(
            resource_name,
            scope="CLOUDFRONT",
            region=EDGE_REGION,
            description=f"Edge of {pulumi.get_project()} {pulumi.get_stack()}",
            default_action={"allow": {}},
            rules=[rate, *rules],
            visibility_config=_visible("Edge"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        logs = aws.cloudwatch.LogGroup(
            resource_name,
            name=f"aws-waf-logs-{physical_name('waf')}",  # AWS demands the beginning
            retention_in_days=args.settings.log_retention_days,
            region=EDGE_REGION,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.wafv2.WebAclLoggingConfiguration(
            resource_name,
            resource_arn=web_acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": "authorization"}}, {"single_header": {"name": "cookie"}}],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [
                            {"action_condition": {"action": "BLOCK"}},
                            {"action_condition": {"action": "COUNT"}},
                        ],
                    }
                ],
            },
            region=EDGE_REGION,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return web_acl

    def _records(self, resource_name: str, site: Site, distribution: aws.cloudfront.Distribution) -> None:
        for record_type in ("A", "AAAA"):
            aws.route53.Record(
                f"{resource_name}-{record_type.lower()}",
                zone_id=site.hosted_zone_id,
                name=site.name,
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


def _visible(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {"metric_name": metric, "cloudwatch_metrics_enabled": True, "sampled_requests_enabled": True}
