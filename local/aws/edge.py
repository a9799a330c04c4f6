"""CloudFront distribution and web ACL."""

from collections.abc import Mapping
from typing import Any, cast

from analysis.recorder import Created
from analysis.wire import Properties
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given, items, pascal

_WAF_WORDS = {
    "cloudwatchMetricsEnabled": "CloudWatchMetricsEnabled",
    "arn": "ARN",
    "ipSetReferenceStatement": "IPSetReferenceStatement",
}
_ZONE_OF_CLOUDFRONT = "Z2FDTNDATAQYW2"
"""Route 53's fixed zone for aliases to any distribution."""


def _distribution(request: ResourceRequest) -> Created:
    inputs = request.inputs
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
        "CallerReference": request.auto_name(request.stack, limit=128),
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
    answer = request.client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": request.tag_list()}}
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


def _web_acl(request: ResourceRequest) -> Created:
    inputs, name = request.inputs, request.physical_name()
    answer = request.client("wafv2", request.region).create_web_acl(
        Name=name,
        **inputs.pascal("scope", "description", "defaultAction", "visibilityConfig", words=_WAF_WORDS),
        Rules=pascal([_without_empty_lists(rule) for rule in inputs["rules"]], _WAF_WORDS),
        Tags=request.tag_list(),
    )
    summary: Any = answer["Summary"]
    return made(summary["Id"], arn=summary["ARN"], name=name)


def _without_empty_lists(value: Any) -> Any:
    """Leave out what the provider leaves out: WAF refuses a list without members."""
    if isinstance(value, dict):
        mapping = cast("Properties", value)
        return {key: _without_empty_lists(item) for key, item in mapping.items() if item != []}
    return value


def _regex_pattern_set(request: ResourceRequest) -> Created:
    return _waf_set(request, "create_regex_pattern_set", RegularExpressionList=request.inputs["regularExpressions"])


def _ip_set(request: ResourceRequest) -> Created:
    words = {"ipAddressVersion": "IPAddressVersion"}
    return _waf_set(request, "create_ip_set", **request.inputs.pascal("ipAddressVersion", "addresses", words=words))


def _waf_set(request: ResourceRequest, operation: str, **content: Any) -> Created:
    name = request.physical_name()
    create: Any = getattr(request.client("wafv2", request.region), operation)
    summary = create(Name=name, **request.inputs.pascal("scope"), **pascal(content), Tags=request.tag_list())["Summary"]
    # moto forgets the tags that a pattern set is made with.
    request.client("wafv2", request.region).tag_resource(ResourceARN=summary["ARN"], Tags=request.tag_list())
    return made(summary["Id"], arn=summary["ARN"], name=name)


def _web_acl_logging(request: ResourceRequest) -> Created:
    configuration = request.inputs.pascal("resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter")
    request.client("wafv2", request.region).put_logging_configuration(LoggingConfiguration=configuration)
    return made(request.inputs["resourceArn"])


HANDLERS: Mapping[str, Handler] = {
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:wafv2/ipSet:IpSet": _ip_set,
    "aws:wafv2/regexPatternSet:RegexPatternSet": _regex_pattern_set,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": _web_acl_logging,
}
