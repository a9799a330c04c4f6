"""CloudFront distribution and web ACL."""

from collections.abc import Mapping
from typing import Any, cast

from analysis.recorder import Created
from analysis.wire import Properties
from local.aws.making import Maker, Making, made
from local.aws.translate import given, items, pascal

_WAF_WORDS = {
    "cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
    "arn": "ARN",
    "ipSetReferenceStatement": "IPSetReferenceStatement",
}
_ZONE_OF_CLOUDFRONT = "Z2FDTNDATAQYW2"
"""Route 53's fixed zone for aliases to any distribution."""


def _distribution(making: Making) -> Created:
    inputs = making.inputs
    words = {
        "isIpv6Enabled": "IsIPV6Enabled",
        "webAclId": "WebACLId",
        "acmCertificateArn": "ACMCertificateArn",
        "cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate",
        "sslSupportMethod": "SSLSupportMethod",
    }
    certificate = {"CloudFrontDefaultCertificate": False, **pascal(inputs["viewerCertificate"], words)}
    aliases = inputs.get("aliases")
    config: Any = {
        # CloudFront refuses a second distribution with the same reference.
        "CallerReference": making.auto_name(making.stack, limit=128),
        **inputs.pascal("comment", "enabled", "isIpv6Enabled", "httpVersion", "priceClass", "webAclId", words=words),
        **given(Aliases=items(aliases) if aliases else None),
        "Origins": items([_origin(origin) for origin in inputs["origins"]]),
        "DefaultCacheBehavior": _behavior(inputs["defaultCacheBehavior"]),
        "CacheBehaviors": items(
            [_behavior(behavior) for behavior in cast("list[Properties]", inputs.get("orderedCacheBehaviors") or [])]
        ),
        "ViewerCertificate": certificate,
        "Restrictions": _restrictions(inputs["restrictions"]),
    }
    answer = making.client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": making.tag_list()}}
    )
    distribution = answer["Distribution"]
    return made(
        distribution["Id"],
        arn=distribution["ARN"],
        domainName=distribution["DomainName"],
        hostedZoneId=_ZONE_OF_CLOUDFRONT,
    )


def _origin(origin: Properties) -> Any:
    return pascal(origin, {"originId": "Id"})


def _behavior(behavior: Properties) -> Any:
    rest = dict(behavior)
    allowed, cached = cast("list[str]", rest.pop("allowedMethods")), cast("list[str]", rest.pop("cachedMethods"))
    return {**pascal(rest), "AllowedMethods": {**items(allowed), "CachedMethods": items(cached)}}


def _restrictions(restrictions: Properties) -> Any:
    geography = dict(restrictions["geoRestriction"])
    locations = cast("list[str]", geography.pop("locations", []))
    return {"GeoRestriction": {**pascal(geography), **items(locations)}}


def _web_acl(making: Making) -> Created:
    inputs, name = making.inputs, making.physical_name(limit=128)
    answer = making.client("wafv2", making.region).create_web_acl(
        Name=name,
        **inputs.pascal("scope", "description", "defaultAction", "visibilityConfig", words=_WAF_WORDS),
        Rules=pascal([_without_empty_lists(rule) for rule in inputs["rules"]], _WAF_WORDS),
        Tags=making.tag_list(),
    )
    summary: Any = answer["Summary"]
    return made(summary["Id"], arn=summary["ARN"], name=name)


def _without_empty_lists(value: Any) -> Any:
    """Leave out what the provider leaves out: WAF refuses a list without members."""
    if isinstance(value, dict):
        mapping = cast("Properties", value)
        return {key: _without_empty_lists(item) for key, item in mapping.items() if item != []}
    return value


def _regex_pattern_set(making: Making) -> Created:
    return _waf_set(making, "create_regex_pattern_set", RegularExpressionList=making.inputs["regularExpressions"])


def _ip_set(making: Making) -> Created:
    words = {"ipAddressVersion": "IPAddressVersion"}
    return _waf_set(making, "create_ip_set", **making.inputs.pascal("ipAddressVersion", "addresses", words=words))


def _waf_set(making: Making, operation: str, **content: Any) -> Created:
    name = making.physical_name(limit=128)
    create: Any = getattr(making.client("wafv2", making.region), operation)
    summary = create(Name=name, **making.inputs.pascal("scope"), **pascal(content), Tags=making.tag_list())["Summary"]
    # moto forgets the tags that a pattern set is made with.
    making.client("wafv2", making.region).tag_resource(ResourceARN=summary["ARN"], Tags=making.tag_list())
    return made(summary["Id"], arn=summary["ARN"], name=name)


def _web_acl_logging(making: Making) -> Created:
    configuration = making.inputs.pascal("resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter")
    making.client("wafv2", making.region).put_logging_configuration(LoggingConfiguration=configuration)
    return made(making.inputs["resourceArn"])


MAKERS: Mapping[str, Maker] = {
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:wafv2/ipSet:IpSet": _ip_set,
    "aws:wafv2/regexPatternSet:RegexPatternSet": _regex_pattern_set,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _web_acl_logging,
}
