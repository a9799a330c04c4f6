"""Everything of Flowise in the cluster follows the namespace that a stack names."""

from collections.abc import Iterator
from typing import Any

import pytest

from analysis.recorder import Record, Recording
from tests.conftest import recorded, recorded_with
from tests.test_settings import broken, set_key

CANARY = {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}
SECTIONS = {"observability.canary": CANARY, "app.namespace": "team-a"}
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
OF_THE_CLUSTER = {"kube-system", "keda", "amazon-cloudwatch", "logging", "datadog"}


@pytest.fixture(scope="module")
def team() -> Recording:
    return recorded_with("prod", SECTIONS)


def namespace(record: Record) -> str | None:
    metadata: Any = record.inputs.get("metadata")
    return metadata.get("namespace") if isinstance(metadata, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def peers(policy: Record) -> Iterator[Any]:
    """What the rules of a network policy name."""
    spec: Any = policy.inputs["spec"]
    for direction, side in (("ingress", "from"), ("egress", "to")):
        rules: list[Any] = spec.get(direction) or []
        for rule in rules:
            yield from rule.get(side) or []


def test_every_object_is_in_the_namespace_or_beside_it(team: Recording) -> None:
    found = {named for record in team.records if (named := namespace(record))} - OF_THE_CLUSTER
    assert found == {"team-a", "team-a-canary", "team-a-observability"}
    made = {record.inputs["metadata"]["name"] for record in team.of_type("kubernetes:core/v1:Namespace")}
    assert made - OF_THE_CLUSTER == found


def test_nothing_names_the_namespace_of_the_default(team: Recording) -> None:
    selected = {
        peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
        for policy in team.of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
        for peer in peers(policy)
        if "namespaceSelector" in peer
    }
    assert selected == {"team-a", "team-a-observability", "keda"}
    given = {
        record.inputs["namespace"] for record in team.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    }
    assert given - OF_THE_CLUSTER == {"team-a", "team-a-canary", "team-a-observability"}
    assert team.only("kubernetes:helm.sh/v3:Release", "keda").inputs["values"]["watchNamespace"] == "team-a"
    alarms: list[Any] = [alarm.inputs.get("dimensions") for alarm in team.of_type(ALARM)]
    assert {dimensions["Namespace"] for dimensions in alarms if dimensions and "Namespace" in dimensions} == {"team-a"}
    inside = [str(record.inputs) for record in team.records if record.type.startswith("kubernetes:")]
    assert not [text for text in inside if "flowise.flowise" in text or ".observability:" in text]


def test_what_the_whole_cluster_sees_is_named_after_the_namespace(team: Recording) -> None:
    classes = {r.inputs["metadata"]["name"] for r in team.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")}
    assert classes == {"team-a-server", "team-a-worker"}
    pods = [*team.of_type("kubernetes:apps/v1:Deployment"), *team.of_type("kubernetes:batch/v1:Job")]
    used = {r.inputs["spec"]["template"]["spec"].get("priorityClassName") for r in pods if namespace(r) == "team-a"}
    assert used == classes


def test_the_default_is_what_it_was() -> None:
    classes = recorded("prod").of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    assert {r.inputs["metadata"]["name"] for r in classes} == {"flowise-server", "flowise-worker"}
    made = recorded("prod").of_type("kubernetes:core/v1:Namespace")
    assert {"flowise", "observability"} <= {record.inputs["metadata"]["name"] for record in made}


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("default", "needs a namespace of its own"),
        ("kube-public", "needs a namespace of its own"),
        ("keda", "needs a namespace of its own"),
        ("team-a-canary", "must not end in"),
        ("Team_A", "it has capitals"),
        ("a" * 41, "at most 40"),
    ],
)
def test_a_namespace_that_cannot_be_flowises_is_refused(name: str, says: str) -> None:
    message = broken(set_key("app.namespace", name))
    assert "flowise:app.namespace" in message
    assert says in message
