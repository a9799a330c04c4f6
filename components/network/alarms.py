"""Alarms of the way out of the private subnets.

Amazon EC2 User Guide, "List the available CloudWatch metrics for your instances": status check metrics come every
minute at no charge, with basic monitoring too.

Amazon VPC User Guide, "NAT gateway metrics and dimensions": `ErrorPortAllocation` above zero says that too many
connections are open. `PacketsDropCount` has no alarm: it says that the gateway itself has a transient problem, about
which AWS's advice is to look at its health dashboard.
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
    Failure(
        what="A NAT gateway has no port left for another connection to the same address",
        seen_by=("nat-ports",),
        note="calls of that address fail or wait; those of others do not",
    ),
)
"""What goes wrong, and which alarms see it."""


def nat_failed(instance_id: pulumi.Output[str]) -> Alarm:
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


def nat_ports(gateway_ids: Sequence[pulumi.Output[str]]) -> Alarm:
    """One for all gateways of the stack, so that its name does not depend on how many there are."""
    return Alarm(
        name="nat-ports",
        description=(
            "A NAT gateway finds no port for new connections: too many are open to one address. Calls of it fail."
        ),
        runbook="nat-ports",
        metrics=[
            Metric(
                namespace="AWS/NATGateway",
                name="ErrorPortAllocation",
                dimensions={"NatGatewayId": gateway_id},
                statistic="Sum",
            )
            for gateway_id in gateway_ids
        ],
        expression="SUM(METRICS())",
        threshold=0,
        treat_missing_data="notBreaching",  # a gateway without traffic may send nothing
    )
