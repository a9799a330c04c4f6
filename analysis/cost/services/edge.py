"""CloudFront and the web application firewall."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage, flat

_FREE_REQUESTS_MILLIONS: Final = 10
_FREE_OUT_GB: Final = 1024


class EdgeUsage(Usage):
    """What people ask for and get."""

    requests_millions: Figure = 1
    """HTTP requests that reach the edge, in millions."""
    edge_out_gb: Figure = 20
    """GB that CloudFront sends to people."""


def _distribution(resource: Resource) -> Amounts:
    """The first 10 million requests and 1 TB of every month are free."""
    usage = resource.usage.of(EdgeUsage)
    requests = max(0.0, usage.requests_millions - _FREE_REQUESTS_MILLIONS)
    yield Amount(what="requests", price="cloudfront.requests", quantity=requests, part="use")
    data = max(0.0, usage.edge_out_gb - _FREE_OUT_GB)
    yield Amount(what="data to people", price="cloudfront.data", quantity=data, part="use")


def _web_acl(resource: Resource) -> Amounts:
    requests = resource.usage.of(EdgeUsage).requests_millions
    yield Amount(what="web ACL", price="waf.acl", quantity=1)
    yield Amount(what="its rules", price="waf.rule", quantity=len(resource.inputs["rules"]))
    yield Amount(what="requests inspected", price="waf.requests", quantity=requests, part="use")


SERVICE: Final = Service(
    usage=EdgeUsage,
    prices={
        "cloudfront.requests": Price(1.00, "M requests", "infracost", at="cloudfront_distribution_test"),
        "cloudfront.data": Price(0.085, "GB", "infracost", at="cloudfront_distribution_test"),
        "cloudfront.additional_metrics": Price(2.40, "distribution", "known"),  # 8 metrics of 0.30
        "waf.acl": Price(5.00, "web ACL", "infracost", at="wafv2_web_acl_test"),
        "waf.rule": Price(1.00, "rule", "infracost", at="wafv2_web_acl_test"),
        "waf.requests": Price(0.60, "M requests", "infracost", at="wafv2_web_acl_test"),
    },
    rules={
        "aws:cloudfront/distribution:Distribution": _distribution,
        "aws:cloudfront/monitoringSubscription:MonitoringSubscription": flat(
            "additional metrics", "cloudfront.additional_metrics"
        ),
        "aws:wafv2/webAcl:WebAcl": _web_acl,
    },
)
