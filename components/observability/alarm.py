"""How alarms are made of their descriptions."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.alarm import Alarm
from components.common.model import EDGE_REGION
from components.common.names import physical_name
from components.observability.topics import Topics


class Alarms:
    """Makes alarms as children of a component, with its topics as actions."""

    def __init__(self, resource_name: str, topics: Topics, runbooks_url: str | None, parent: pulumi.Resource) -> None:
        self._name = resource_name
        self._topics = topics
        self._runbooks = runbooks_url or "docs/runbooks"
        self._child = pulumi.ResourceOptions(parent=parent)

    def make(self, alarm: Alarm) -> pulumi.Output[str]:
        """Make an alarm; returns its name, known once it is there."""
        topic = self._topics.edge if alarm.edge else self._topics.stack
        actions = [topic] if alarm.notify else None
        only = alarm.metrics[0] if alarm.expression is None else None
        percentile = only is not None and only.statistic.startswith("p")
        made = aws.cloudwatch.MetricAlarm(
            f"{self._name}-{alarm.name}",
            name=physical_name("alarm", alarm.name),
            alarm_description=self._description(alarm.description, alarm.runbook),
            comparison_operator="GreaterThanThreshold" if alarm.comparison == "above" else "LessThanThreshold",
            threshold=alarm.threshold,
            evaluation_periods=alarm.evaluation_periods or alarm.periods,
            datapoints_to_alarm=alarm.periods,
            treat_missing_data=alarm.treat_missing_data,
            alarm_actions=actions,
            ok_actions=actions,
            # What must report and falls silent is a message too; a new alarm begins silent, and sends none.
            insufficient_data_actions=actions if alarm.treat_missing_data == "missing" else None,
            region=EDGE_REGION if alarm.edge else None,
            namespace=only and only.namespace,
            metric_name=only and only.name,
            dimensions=only and only.dimensions,
            period=only and alarm.minutes * 60,
            statistic=only and (None if percentile else only.statistic),
            extended_statistic=only and (only.statistic if percentile else None),
            metric_queries=_queries(alarm),
            opts=self._child,
        )
        return made.name

    def any_of(
        self, name: str, alarms: Sequence[pulumi.Output[str]], *, description: str, runbook: str
    ) -> pulumi.Output[str]:
        """Make an alarm that goes off when one of others does."""
        return self._composite(name, " OR ", alarms, description, runbook)

    def all_of(
        self, name: str, alarms: Sequence[pulumi.Output[str]], *, description: str, runbook: str
    ) -> pulumi.Output[str]:
        """Make an alarm that goes off when all others have."""
        return self._composite(name, " AND ", alarms, description, runbook)

    def _composite(
        self, name: str, word: str, alarms: Sequence[pulumi.Output[str]], description: str, runbook: str
    ) -> pulumi.Output[str]:
        made = aws.cloudwatch.CompositeAlarm(
            f"{self._name}-{name}",
            alarm_name=physical_name("alarm", name),
            alarm_description=self._description(description, runbook),
            alarm_rule=pulumi.Output.all(*alarms).apply(lambda names: word.join(f'ALARM("{each}")' for each in names)),
            alarm_actions=[self._topics.stack],
            ok_actions=[self._topics.stack],
            opts=self._child,
        )
        return made.alarm_name

    def _description(self, description: str, runbook: str) -> str:
        return f"{description} Runbook: {self._runbooks}/{runbook}.md"


def _queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict] | None:
    """The metrics of an expression, and last the expression itself."""
    if alarm.expression is None:
        return None
    metrics: list[aws.cloudwatch.MetricAlarmMetricQueryArgsDict] = [
        {
            "id": f"m{number}",
            "metric": {
                "namespace": metric.namespace,
                "metric_name": metric.name,
                "dimensions": metric.dimensions,
                "period": alarm.minutes * 60,
                "stat": metric.statistic,
            },
        }
        for number, metric in enumerate(alarm.metrics)
    ]
    return [*metrics, {"id": "result", "expression": alarm.expression, "label": alarm.name, "return_data": True}]
