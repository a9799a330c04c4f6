"""NAT gateways: somebody hears when they have no ports left, however many there are."""

import pytest

from analysis.plan import record_stack
from analysis.recorder import Recording
from analysis.stackfiles import override, read_stack
from tests.conftest import recorded_with

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "data_subnet_ids": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}


def watched(recording: Recording) -> list[str]:
    """Ids of the gateways whose ports the stack's alarm counts."""
    *metrics, result = recording.only(ALARM, "observability-nat-ports").inputs["metricQueries"]
    assert result["expression"] == "SUM(METRICS())", "one gateway without ports is enough"
    for metric in metrics:
        assert (metric["metric"]["namespace"], metric["metric"]["metricName"]) == (
            "AWS/NATGateway",
            "ErrorPortAllocation",
        )
    return [metric["metric"]["dimensions"]["NatGatewayId"] for metric in metrics]


@pytest.mark.parametrize(
    ("stack", "nat", "count"), [("prod", "per-zone", 3), ("prod", "single", 1), ("dev", "single", 1)]
)
def test_one_alarm_counts_the_ports_of_every_gateway(stack: str, nat: str, count: int) -> None:
    recording = recorded_with(stack, {"network.nat": nat})
    gateways = [record.id for record in recording.of_type("aws:ec2/natGateway:NatGateway")]
    assert watched(recording) == sorted(gateways, key=gateways.index)
    assert len(set(gateways)) == count


def test_a_first_preview_knows_the_alarm_and_no_gateway() -> None:
    recording = record_stack(override(read_stack("prod"), []), preview=True)
    metrics = recording.only(ALARM, "observability-nat-ports").inputs["metricQueries"]
    assert len(metrics) == len(["m0", "m1", "m2", "result"]), "how many there are is in the stack file"


@pytest.mark.parametrize("edits", [{"network.nat": "instance"}, {"network.existing": EXISTING}])
def test_a_stack_without_gateways_of_its_own_has_no_such_alarm(edits: dict[str, object]) -> None:
    assert "observability-nat-ports" not in {record.name for record in recorded_with("prod", edits).of_type(ALARM)}
