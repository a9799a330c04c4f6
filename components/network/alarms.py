"""Alarms of the way out of the private subnets.

Amazon EC2 User Guide, "List the available CloudWatch metrics for your instances": status check metrics come every
minute at no charge, with basic monitoring too.
"""

from collections.abc import Sequence
from typing import Final

import pulumi

from components.common.alarm import Alarm, Failure, Metric

FAILURES: Final[Sequence[Failure]] = (
    Failure(
        what="The NAT instance is stopped or fails (`network.nat: instance`)",
        seen_by=("nat-failed",),
        note="flows that call a model fail; EC2 moves it to other hardware by itself where its own has failed",
    ),
)
"""What goes wrong, and which alarms see it."""


def nat_alarm(instance_id: pulumi.Output[str]) -> Alarm:
    """The alarm of a NAT instance; AWS keeps NAT gateways running itself."""
    return Alarm(
        name="nat-failed",
        description="The NAT instance fails its status checks, is stopped or gone: pods reach nothing outside the VPC.",
        runbook="nat-failed",
        metrics=[
            Metric(
                namespace="AWS/EC2",
                name="StatusCheckFailed",
                dimensions={"InstanceId": instance_id},
                statistic="Maximum",
            )
        ],
        threshold=0,
        minutes=1,
        periods=5,
        treat_missing_data="breaching",  # a stopped instance sends nothing
    )
