"""The dashboard of a stack: is it up, is it slow, what is full, what does it cost."""

from collections.abc import Sequence
from typing import Any, Final

import pulumi

from components.common.alarm import Metric
from components.common.metrics import NAMESPACE, QUEUE_BACKLOG, QUEUES
from components.common.model import EDGE_REGION
from components.common.monitoring import EdgeMetrics, MonitoringTargets, Widget
from components.common.partition import is_commercial
from components.observability.requests import LoadBalancerMetrics
from components.observability.settings import ObjectiveSettings

_WIDTH: Final = 24
_HEIGHT: Final = 6
_MONTH_SECONDS: Final = 30 * 24 * 3600


def body(
    *,
    region: str,
    targets: MonitoringTargets,
    balancer: LoadBalancerMetrics | None,
    objectives: ObjectiveSettings,
    alarm_arns: Sequence[pulumi.Output[str]],
) -> pulumi.Output[str]:
    """Body of the dashboard as JSON."""
    rows: list[tuple[str, list[Widget]]] = [
        ("Is it up?", _up(balancer, targets.edge, objectives)),
        ("Is it slow?", _slow(balancer, targets)),
        ("What is full?", _full(targets)),
        ("What does it cost? (the whole account; needs billing alerts to be switched on)", _cost(region)),
    ]
    widgets: list[dict[str, Any]] = [
        {"type": "alarm", "x": 0, "y": 0, "width": _WIDTH, "height": 3}
        | {"properties": {"title": "Alarms", "alarms": list(alarm_arns), "sortBy": "stateUpdatedTimestamp"}}
    ]
    top = 3
    for question, row in rows:
        if not row:
            continue
        widgets.append(
            {
                "type": "text",
                "x": 0,
                "y": top,
                "width": _WIDTH,
                "height": 1,
                "properties": {"markdown": f"## {question}"},
            }
        )
        width = _WIDTH // len(row)
        widgets += [
            {
                "type": "metric",
                "x": number * width,
                "y": top + 1,
                "width": width,
                "height": _HEIGHT,
                "properties": _properties(widget, region),
            }
            for number, widget in enumerate(row)
        ]
        top += 1 + _HEIGHT
    return pulumi.Output.json_dumps({"start": "-PT6H", "periodOverride": "inherit", "widgets": widgets})


def _up(balancer: LoadBalancerMetrics | None, edge: EdgeMetrics | None, objectives: ObjectiveSettings) -> list[Widget]:
    widgets: list[Widget] = []
    if balancer:
        budget = 100 - objectives.availability_percent
        widgets += [
            Widget(
                title=f"Error budget left, {objectives.availability_percent} % over 30 days",
                metrics=balancer.errors(),
                expressions={
                    "left, in %": f"100 * (1 - (100 * (FILL(m1, 0) + FILL(m2, 0)) / (m0 + FILL(m2, 0))) / {budget:g})"
                },
                single=True,
            ),
            Widget(
                title="Healthy servers",
                metrics=[balancer.target_metric("HealthyHostCount", "Minimum")],
                labels=["healthy"],
            ),
            Widget(
                title="Requests and errors",
                metrics=balancer.errors(),
                labels=["requests", "5xx of servers", "5xx of the load balancer"],
            ),
        ]
    if edge:
        dimensions = {"DistributionId": edge.distribution_id, "Region": "Global"}
        blocked = {"WebACL": edge.web_acl_metric, "Rule": "ALL"}
        widgets.append(
            Widget(
                title="Edge: errors in %, refused requests",
                metrics=[
                    Metric(namespace="AWS/CloudFront", name="5xxErrorRate", dimensions=dimensions),
                    Metric(namespace="AWS/WAFV2", name="BlockedRequests", dimensions=blocked, statistic="Sum"),
                ],
                labels=["5xx, in %", "refused by the firewall"],
                edge=True,
            )
        )
    return widgets


def _slow(balancer: LoadBalancerMetrics | None, targets: MonitoringTargets) -> list[Widget]:
    widgets: list[Widget] = []
    if balancer:
        metrics = [balancer.target_metric("TargetResponseTime", each) for each in ("p50", "p95", "p99")]
        widgets.append(Widget(title="Seconds to the first byte", metrics=metrics, labels=["p50", "p95", "p99"]))
    if targets.edge:
        dimensions = {"DistributionId": targets.edge.distribution_id, "Region": "Global"}
        latency = Metric(namespace="AWS/CloudFront", name="OriginLatency", dimensions=dimensions, statistic="p95")
        widgets.append(
            Widget(title="Edge: milliseconds to the first byte", metrics=[latency], labels=["p95"], edge=True)
        )
    if targets.backlog:
        stack = pulumi.get_stack()
        waiting = [
            Metric(
                namespace=NAMESPACE,
                name=QUEUE_BACKLOG,
                dimensions={"stack": stack, "queue": queue},
                statistic="Maximum",
            )
            for queue in QUEUES
        ]
        widgets.append(Widget(title="Jobs that wait", metrics=waiting, labels=QUEUES))
    return widgets


def _full(targets: MonitoringTargets) -> list[Widget]:
    database, cache = targets.database, targets.cache

    def of_database(name: str) -> Metric:
        return Metric(namespace="AWS/RDS", name=name, dimensions={"DBInstanceIdentifier": database.identifier})

    widgets = [
        Widget(
            title="Database: CPU in %, load in sessions",
            metrics=[of_database("CPUUtilization"), of_database("DBLoad")],
            labels=["CPU", "load"],
        ),
        Widget(
            title="Database: free bytes",
            metrics=[of_database("FreeableMemory"), of_database("FreeStorageSpace")],
            labels=["memory", "storage"],
        ),
        Widget(title="Database: connections", metrics=[of_database("DatabaseConnections")], labels=["connections"]),
    ]
    if cache:
        memory = [
            Metric(
                namespace="AWS/ElastiCache",
                name="DatabaseMemoryUsagePercentage",
                dimensions={"CacheClusterId": node},
                statistic="Maximum",
            )
            for node in cache.node_ids
        ]
        widgets.append(Widget(title="Cache: memory in %", metrics=memory))
    return [*widgets, *(widget for each in targets.described for widget in each.widgets)]


def _cost(region: str) -> list[Widget]:
    if not is_commercial(region):  # the bill is that of a standard account
        return []
    charges = Metric(
        namespace="AWS/Billing", name="EstimatedCharges", dimensions={"Currency": "USD"}, statistic="Maximum"
    )
    return [Widget(title="USD this month so far", metrics=[charges], labels=["USD"], edge=True)]


def _properties(widget: Widget, region: str) -> dict[str, Any]:
    metrics: list[list[Any]] = [
        [{"expression": expression, "label": label, "id": f"e{number}"}]
        for number, (label, expression) in enumerate(widget.expressions.items())
    ]
    for number, metric in enumerate(widget.metrics):
        names: list[pulumi.Input[str]] = [part for pair in metric.dimensions.items() for part in pair]
        options: dict[str, Any] = {"id": f"m{number}", "stat": metric.statistic, "visible": not widget.expressions}
        if number < len(widget.labels):
            options["label"] = widget.labels[number]
        metrics.append([metric.namespace, metric.name, *names, options])
    properties: dict[str, Any] = {
        "title": widget.title,
        "region": EDGE_REGION if widget.edge else region,
        "view": "singleValue" if widget.single else "timeSeries",
        "metrics": metrics,
        "period": _MONTH_SECONDS if widget.single else 60,
    }
    if widget.single:
        properties |= {"start": "-P30D", "end": "P0D"}
    return properties
