"""CloudFront and its firewall."""

from collections.abc import Iterator
from typing import Any, cast

from policies.model import Resource, Stack, at, number, owner_rule, rule, text
from policies.unknown import those

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_MINIMUM_TLS = ("TLSv1.2_2025", "TLSv1.3_2025")
_SECONDS_OF_A_YEAR = 31_536_000
_MANAGED_GROUPS = ("AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet")


def _behaviors(distribution: Resource) -> list[dict[str, Any]]:
    default = distribution.get("defaultCacheBehavior")
    first = [cast("dict[str, Any]", default)] if isinstance(default, dict) else []
    return [*first, *distribution.items("orderedCacheBehaviors")]


@rule(DISTRIBUTION, fix="set viewer_protocol_policy to redirect-to-https", controls=("AWS CloudFront.3",))
def cloudfront_https_only(distribution: Resource) -> Iterator[str]:
    """Sign-in and chats must not cross a network in plain text."""
    for behavior in _behaviors(distribution):
        if behavior.get("viewerProtocolPolicy") not in ("redirect-to-https", "https-only"):
            yield f"{behavior.get('pathPattern', 'the default')} is {behavior.get('viewerProtocolPolicy')}"


@rule(DISTRIBUTION, fix="set minimum_protocol_version to TLSv1.2_2025 or later", controls=("AWS CloudFront.15",))
def cloudfront_tls(distribution: Resource) -> Iterator[str]:
    """Older versions of TLS can be broken. With CloudFront's own certificate the version cannot be chosen."""
    own = not distribution.lacks("viewerCertificate.cloudfrontDefaultCertificate", True)
    if not own and distribution.lacks("viewerCertificate.minimumProtocolVersion", *_MINIMUM_TLS):
        yield f"minimumProtocolVersion is {distribution.get('viewerCertificate.minimumProtocolVersion')}"


@rule(
    DISTRIBUTION,
    fix="add a flowise:domain section",
    controls=("AWS CloudFront.7",),
    protected_only=True,
)
def cloudfront_own_certificate(distribution: Resource) -> Iterator[str]:
    """CloudFront's own certificate still accepts TLS 1.0, and leaves the way to the load balancer without TLS."""
    if distribution.get("viewerCertificate.cloudfrontDefaultCertificate") is True:
        yield "uses CloudFront's certificate"


@rule(DISTRIBUTION, fix="set ssl_support_method to sni-only", controls=("AWS CloudFront.8",))
def cloudfront_sni(distribution: Resource) -> Iterator[str]:
    """Addresses of its own cost 600 USD a month and help only browsers from before 2010."""
    if distribution.lacks("viewerCertificate.sslSupportMethod", "sni-only", None):
        yield f"sslSupportMethod is {distribution.get('viewerCertificate.sslSupportMethod')}"


@rule(DISTRIBUTION, fix="set web_acl_id", controls=("AWS CloudFront.6",))
def cloudfront_firewall(distribution: Resource) -> Iterator[str]:
    """The firewall is what closes a path within minutes when a vulnerability is published."""
    if distribution.without("webAclId"):
        yield "webAclId names no web ACL"


@rule(DISTRIBUTION, fix="use vpc_origin_config, or an origin access control for S3", controls=("AWS CloudFront.13",))
def cloudfront_private_origin(distribution: Resource) -> Iterator[str]:
    """An origin that the internet can reach is a way past the firewall."""
    for origin in distribution.items("origins"):
        if not origin.get("vpcOriginConfig") and not origin.get("originAccessControlId"):
            yield f"origin {origin.get('originId')} is public"


@rule(
    "aws:cloudfront/vpcOrigin:VpcOrigin",
    fix="set origin_protocol_policy to https-only (flowise:domain brings the certificate)",
    controls=("AWS CloudFront.9",),
    protected_only=True,
)
def cloudfront_origin_https(origin: Resource) -> Iterator[str]:
    """Inside the VPC, too, somebody may listen."""
    if origin.lacks("vpcOriginEndpointConfig.originProtocolPolicy", "https-only"):
        yield f"originProtocolPolicy is {origin.get('vpcOriginEndpointConfig.originProtocolPolicy')}"


@rule("aws:cloudfront/vpcOrigin:VpcOrigin", fix="allow TLSv1.2 only", controls=("AWS CloudFront.10",))
def cloudfront_origin_tls(origin: Resource) -> Iterator[str]:
    """SSLv3, TLS 1.0 and 1.1 can be broken."""
    old = {"SSLv3", "TLSv1", "TLSv1.1"} & set(origin.items("vpcOriginEndpointConfig.originSslProtocols.items"))
    if old:
        yield f"allows {', '.join(sorted(old))}"


@rule(
    DISTRIBUTION,
    fix="set logging_config, or add a LogDelivery for the distribution",
    controls=("AWS CloudFront.5",),
    severity="advisory",
)
def cloudfront_logged(distribution: Resource) -> Iterator[str]:
    """Requests that the edge answers itself appear in no other log."""
    if distribution.without("loggingConfig"):
        yield "has no loggingConfig"


@rule(DISTRIBUTION, fix="set response_headers_policy_id on every behavior")
def cloudfront_headers_everywhere(distribution: Resource) -> Iterator[str]:
    """A behavior without the policy serves pages without HSTS and nosniff."""
    for behavior in _behaviors(distribution):
        if not behavior.get("responseHeadersPolicyId"):
            yield f"{behavior.get('pathPattern', 'the default')} has no responseHeadersPolicyId"


@rule(HEADERS, fix="set strict_transport_security with a max age of a year, and content_type_options")
def headers_secure(policy: Resource) -> Iterator[str]:
    """HSTS keeps a browser from ever asking in plain text; nosniff keeps an uploaded file from running as a script."""
    age = policy.get("securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec")
    seconds = number(age)
    if age is None or (seconds is not None and seconds < _SECONDS_OF_A_YEAR):
        yield f"HSTS lasts {seconds or 0:g} seconds"
    if policy.without("securityHeadersConfig.contentTypeOptions"):
        yield "contentTypeOptions is not set"


@rule(WEB_ACL, fix="add AWS's managed groups with override_action none", controls=("AWS WAF.10",))
def waf_managed_groups(acl: Resource) -> Iterator[str]:
    """AWS's groups know the attacks of this week; a group that only counts stops none of them."""
    groups = {at(r, "statement.managedRuleGroupStatement.name"): r for r in acl.items("rules")}
    for name in _MANAGED_GROUPS:
        if name not in groups and acl.lacks("rules"):
            yield f"{name} is missing"
        elif "count" in (groups.get(name, {}).get("overrideAction") or {}):
            yield f"{name} only counts"


@rule(WEB_ACL, fix="add a rate_based_statement that blocks")
def waf_limits_rate(acl: Resource) -> Iterator[str]:
    """Passwords are guessed, and bills are run up, by asking often."""
    limits = [r for r in acl.items("rules") if at(r, "statement.rateBasedStatement")]
    if acl.lacks("rules") and not any("block" in (r.get("action") or {}) for r in limits):
        yield "no rate-based rule blocks"


@owner_rule(WEB_ACL, fix="set edge.admin_cidrs to your networks, or load_balancer.sign_in")
def edge_admin_plane_closed(stack: Stack, acl: Resource) -> Iterator[str]:
    """Most vulnerabilities of Flowise are where people log in and build flows, and Flowise gets no more fixes."""

    def asks_for_sign_in(listener: Resource) -> bool:
        return any(text(at(a, "type")).startswith("authenticate-") for a in listener.items("defaultActions"))

    if those(stack.of("aws:lb/listener:Listener"), asks_for_sign_in):
        return
    if "AdminPlane" not in [at(entry, "name") for entry in acl.items("rules")]:
        yield "has no rule AdminPlane, and the load balancer asks for no sign-in: everybody reaches the login"


@rule(WEB_ACL, fix="set cloudwatch_metrics_enabled and sampled_requests_enabled", controls=("AWS WAF.12",))
def waf_measured(acl: Resource) -> Iterator[str]:
    """Without figures nobody sees that a rule blocks people, or nothing."""
    for entry in [dict(acl.props), *acl.items("rules")]:
        if at(entry, "visibilityConfig.cloudwatchMetricsEnabled") in (False, None):
            yield f"{entry.get('name', 'the web ACL')} has no metrics"


@owner_rule(WEB_ACL, fix="add a WebAclLoggingConfiguration", controls=("AWS WAF.11",))
def waf_logged(stack: Stack, acl: Resource) -> Iterator[str]:
    """The log says what was blocked, and by which rule."""
    if not stack.companions(acl, "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "resourceArn"):
        yield "has no WebAclLoggingConfiguration"


@rule(
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    fix="redact the headers authorization and cookie",
)
def waf_log_redacted(configuration: Resource) -> Iterator[str]:
    """The log would hold API keys and sessions of people."""
    redacted = [at(field, "singleHeader.name") for field in configuration.items("redactedFields")]
    for header in ("authorization", "cookie"):
        if header not in redacted:
            yield f"{header} is not redacted"


@rule("aws:acm/certificate:Certificate", fix="set validation_method to DNS", controls=("AWS ACM.1",))
def certificate_renews(certificate: Resource) -> Iterator[str]:
    """Only a certificate validated by DNS renews itself; others end on a weekend."""
    if certificate.get("privateKey") or text(certificate.get("validationMethod")) == "EMAIL":
        yield "does not renew itself"
