"""Alarms and dashboards of CloudWatch."""

from typing import Any, Final

from analysis.cost.service import Amount, Amounts, Price, Resource, Service, flat

_COMPOSITE: Final = "c3x.dev/resources/aws/aws_cloudwatch_metric_alarm"


def _alarm(resource: Resource) -> Amounts:
    """An alarm on an expression is billed for each metric in it."""
    queries: list[dict[str, Any]] = resource.inputs.get("metricQueries") or []
    metrics = [query for query in queries if query.get("metric")]
    yield Amount(what="alarm, by metric", price="cloudwatch.alarm", quantity=len(metrics) or 1)


SERVICE: Final = Service(
    prices={
        "cloudwatch.alarm": Price(0.10, "metric of an alarm", "infracost", at="cloudwatch_metric_alarm_test"),
        "cloudwatch.composite_alarm": Price(0.50, "alarm", "article", at=_COMPOSITE),
        "cloudwatch.dashboard": Price(3.00, "dashboard", "infracost", at="cloudwatch_dashboard_test"),
    },
    rules={
        "aws:cloudwatch/compositeAlarm:CompositeAlarm": flat("composite alarm", "cloudwatch.composite_alarm"),
        "aws:cloudwatch/dashboard:Dashboard": flat("dashboard", "cloudwatch.dashboard"),
        "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    },
)
