"""Alarms of the entry point: edge, firewall, load balancer, certificates, and the canary.

Metrics and dimensions: Elastic Load Balancing guide for Application Load Balancers, "CloudWatch metrics"; CloudFront
developer guide, "Types of metrics for CloudFront"; WAF developer guide, "AWS WAF metrics and dimensions", where
`Region` is a dimension of everything but CloudFront; ACM user guide, "Supported CloudWatch metrics".
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pulumi

from components.common.alarm import Alarm, Metric
from components.common.connections import LoadBalancerAccess, Site
from components.common.metrics import CANARY_FAILED, NAMESPACE
from components.common.monitoring import EdgeMetrics
from components.observability.settings import CanarySettings, ObservabilitySettings, ThresholdSettings

_FEWEST_REQUESTS = 20
"""Requests below which a share of errors says nothing."""


@dataclass(frozen=True, kw_only=True)
class LoadBalancerMetrics:
    """A load balancer with its target group as CloudWatch names them: by the ends of their ARNs."""

    load_balancer: pulumi.Output[str]
    target_group: pulumi.Output[str]

    @classmethod
    def of(cls, access: LoadBalancerAccess) -> "LoadBalancerMetrics":
        """The names of a load balancer that is given by its ARNs."""
        return cls(
            load_balancer=access.arn.apply(lambda arn: arn.split(":", 5)[5].removeprefix("loadbalancer/")),
            target_group=access.target_group_arn.apply(lambda arn: arn.split(":", 5)[5]),
        )

    def target_metric(self, name: str, statistic: str) -> Metric:
        """A metric of the target group."""
        dimensions = {"LoadBalancer": self.load_balancer, "TargetGroup": self.target_group}
        return Metric(namespace="AWS/ApplicationELB", name=name, dimensions=dimensions, statistic=statistic)

    def elb_metric(self, name: str, statistic: str) -> Metric:
        """A metric of the load balancer: what it answered without a server."""
        dimensions = {"LoadBalancer": self.load_balancer}
        return Metric(namespace="AWS/ApplicationELB", name=name, dimensions=dimensions, statistic=statistic)

    def errors(self) -> list[Metric]:
        """Requests answered, those answered with 5xx by a server, and those that no server answered."""
        return [
            self.target_metric("RequestCount", "Sum"),
            self.target_metric("HTTPCode_Target_5XX_Count", "Sum"),
            self.elb_metric("HTTPCode_ELB_5XX_Count", "Sum"),
        ]


def error_percent(fewest_requests: int) -> str:
    """Share of errors over `LoadBalancerMetrics.errors()`: RequestCount leaves out what found no server."""
    errors = "(FILL(m1, 0) + FILL(m2, 0))"
    requests = "(FILL(m0, 0) + FILL(m2, 0))"
    return f"IF({requests} >= {fewest_requests}, 100 * {errors} / {requests}, 0)"


def balancer_alarms(balancer: LoadBalancerMetrics, limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of the load balancer and its targets, the servers."""
    yield Alarm(
        name="servers-gone",
        description="No server is healthy: every request fails.",
        runbook="flowise-down",
        metrics=[balancer.target_metric("HealthyHostCount", "Maximum")],
        threshold=1,
        comparison="below",
        minutes=1,
        periods=2,
        treat_missing_data="breaching",  # a target group without targets sends nothing
    )
    yield Alarm(
        name="servers-unhealthy",
        description="A server has been unhealthy for ten minutes; the others carry its load.",
        runbook="pods-failing",
        metrics=[balancer.target_metric("UnHealthyHostCount", "Minimum")],
        threshold=0,
        minutes=1,
        periods=10,
        treat_missing_data="notBreaching",
    )
    yield Alarm(
        name="servers-errors",
        description=f"More than {limits.error_percent} % of the requests end in 5xx.",
        runbook="errors",
        metrics=balancer.errors(),
        expression=error_percent(_FEWEST_REQUESTS),
        threshold=limits.error_percent,
        minutes=1,
        periods=5,
        treat_missing_data="notBreaching",  # no requests, no errors
    )
    yield Alarm(
        name="servers-slow",
        description=f"Of a hundred requests five wait longer than {limits.response_seconds} s for the first byte.",
        runbook="slow",
        metrics=[balancer.target_metric("TargetResponseTime", "p95")],
        threshold=limits.response_seconds,
        treat_missing_data="notBreaching",
    )


def edge_alarms(edge: EdgeMetrics, settings: ObservabilitySettings) -> Iterator[Alarm]:
    """Alarms of distribution and firewall; all of them in us-east-1."""
    limits = settings.thresholds

    def cloudfront(name: str, statistic: str) -> list[Metric]:
        dimensions = {"DistributionId": edge.distribution_id, "Region": "Global"}
        return [Metric(namespace="AWS/CloudFront", name=name, dimensions=dimensions, statistic=statistic)]

    yield Alarm(
        name="edge-errors",
        description=f"CloudFront answers more than {limits.error_percent} % of the requests with 5xx.",
        runbook="errors",
        metrics=cloudfront("5xxErrorRate", "Average"),
        threshold=limits.error_percent,
        minutes=1,
        periods=5,
        treat_missing_data="notBreaching",
        edge=True,
    )
    if settings.cloudfront_metrics:
        yield Alarm(
            name="edge-slow",
            description=f"Of a hundred requests five wait longer than {limits.response_seconds} s "
            "for the load balancer.",
            runbook="slow",
            metrics=cloudfront("OriginLatency", "p95"),
            threshold=limits.response_seconds * 1000,
            treat_missing_data="notBreaching",
            edge=True,
        )
    blocked = {"WebACL": edge.web_acl_metric, "Rule": "ALL"}
    yield Alarm(
        name="edge-blocked",
        description=f"The firewall has refused more than {limits.blocked_requests} requests in five minutes.",
        runbook="blocked-requests",
        metrics=[Metric(namespace="AWS/WAFV2", name="BlockedRequests", dimensions=blocked, statistic="Sum")],
        threshold=limits.blocked_requests,
        periods=1,
        treat_missing_data="notBreaching",
        edge=True,
    )


def certificate_alarms(site: Site, limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of the certificates, once where one is for both edge and load balancer.

    ACM counts the days of imported ones too (ACM User Guide, "Supported CloudWatch metrics").
    """
    certificates = {"edge": site.edge_certificate_arn} if site.edge_certificate_arn else {}
    if site.regional_certificate_arn is not site.edge_certificate_arn:
        certificates["load-balancer"] = site.regional_certificate_arn
    why = "ACM cannot renew it" if site.renewed_here else "its owner must renew or import it under the same ARN"
    for name, arn in certificates.items():
        yield Alarm(
            name=f"certificate-{name}",
            description=f"The certificate of {site.name} expires within {limits.certificate_days} days: {why}.",
            runbook="certificate-expiring",
            metrics=[
                Metric(
                    namespace="AWS/CertificateManager",
                    name="DaysToExpiry",
                    dimensions={"CertificateArn": arn},
                    statistic="Minimum",
                )
            ],
            threshold=limits.certificate_days,
            comparison="below",
            minutes=24 * 60,  # ACM sends it twice a day
            periods=1,
            treat_missing_data="ignore",
            edge=name == "edge",
        )


def canary_alarms(canary: CanarySettings) -> Iterator[Alarm]:
    """The alarm of the canary."""
    metric = Metric(
        namespace=NAMESPACE, name=CANARY_FAILED, dimensions={"stack": pulumi.get_stack()}, statistic="Minimum"
    )
    yield Alarm(
        name="canary-failed",
        description="The canary got no answer to its question, twice in a row or not at all.",
        runbook="flowise-down",
        metrics=[metric],
        threshold=0,
        minutes=canary.every_minutes,
        periods=2,
        treat_missing_data="breaching",  # a canary that does not run finds nothing
    )
