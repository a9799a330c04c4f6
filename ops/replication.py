"""How far the copies of a bucket are behind, from S3's replication metrics.

Metrics, units and regions: S3 user guide, "Using S3 Replication metrics". What waits and how long is sent in the region
of the destination, what failed in that of the source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast

from ops.clients import cloudwatch_client

FAILED_HOURS: Final = 24
"""Hours in which failures are counted."""
_MINUTES: Final = 15
"""Minutes of which the largest value is taken: S3 sends one a minute, at best effort."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What S3 reports of a replication rule."""

    pending: int
    """Operations that wait."""
    latency: timedelta
    """How far the destination is behind."""
    failed: int
    """Operations that failed in the last `FAILED_HOURS`."""


def replication_progress(
    *,
    source: str,
    destination: str,
    rule: str,
    source_region: str | None,
    destination_region: str | None,
    now: datetime,
) -> Progress:
    """Ask CloudWatch; what it has no value of counts as none, since S3 sends nothing while there is nothing to copy."""
    dimensions = {"SourceBucket": source, "DestinationBucket": destination, "RuleId": rule}

    def ask(name: str, statistic: Literal["Maximum", "Sum"], region: str | None, period: timedelta) -> float:
        answer = cast(
            "Mapping[str, Any]",
            cloudwatch_client(region).get_metric_statistics(
                Namespace="AWS/S3",
                MetricName=name,
                Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
                StartTime=now - period,
                EndTime=now,
                Period=int(period.total_seconds()),
                Statistics=[statistic],
            ),
        )
        points = [float(point[statistic]) for point in answer["Datapoints"]]
        return sum(points) if statistic == "Sum" else max(points, default=0.0)

    recent = timedelta(minutes=_MINUTES)
    return Progress(
        pending=int(ask("OperationsPendingReplication", "Maximum", destination_region, recent)),
        latency=timedelta(seconds=ask("ReplicationLatency", "Maximum", destination_region, recent)),
        failed=int(ask("OperationsFailedReplication", "Sum", source_region, timedelta(hours=FAILED_HOURS))),
    )
