"""Alarms of the way out of the private subnets.

Amazon EC2 User Guide, "List the available CloudWatch metrics for your instances": status check metrics come every
minute at no charge, with basic monitoring too.
"""

from collections.abc import Iterator

from components.common.monitoring import NatMetrics
from components.observability.alarm import Alarm, Metric


def nat_alarms(nat: NatMetrics | None) -> Iterator[Alarm]:
    """The alarm of a NAT instance; none with NAT gateways."""
    if nat is None:
        return
    yield Alarm(
        name="nat-failed",
        description="The NAT instance fails its status checks, is stopped or gone: pods reach nothing outside the VPC.",
        runbook="nat-failed",
        metrics=[
            Metric(
                namespace="AWS/EC2",
                name="StatusCheckFailed",
                dimensions={"InstanceId": nat.instance_id},
                statistic="Maximum",
            )
        ],
        threshold=0,
        minutes=1,
        periods=5,
        treat_missing_data="breaching",  # a stopped instance sends nothing
    )
