"""What a state says about resources that name others by text."""

from typing import Any

import pytest

from engine.needs import created_too_early

PARENT = "urn:pulumi:dev::flowise::eks:index:Cluster::cluster"
CLUSTER = "urn:pulumi:dev::flowise::eks:index:Cluster$aws:eks/cluster:Cluster::cluster-eksCluster"
LOGS = "urn:pulumi:dev::flowise::aws:cloudwatch/logGroup:LogGroup::cluster"
ADDON = "urn:pulumi:dev::flowise::aws:eks/addon:Addon::cluster-metrics-server"
NAMESPACE = "urn:pulumi:dev::flowise::kubernetes:core/v1:Namespace::flowise"
SECRET = "urn:pulumi:dev::flowise::kubernetes:core/v1:Secret::flowise"


def resource(urn: str, inputs: dict[str, Any], *dependencies: str, parent: str = "") -> dict[str, Any]:
    type_ = urn.split("::")[2].rpartition("$")[2]
    return {"urn": urn, "type": type_, "inputs": inputs, "dependencies": list(dependencies), "parent": parent}


def state() -> dict[str, dict[str, Any]]:
    """A cluster whose logs, add-on and namespace are all in order: the add-on waits for the whole component."""
    resources = [
        resource(LOGS, {"name": "/aws/eks/flowise-dev/cluster"}),
        resource(PARENT, {}, LOGS),
        resource(CLUSTER, {"name": "flowise-dev"}, parent=PARENT),
        resource(ADDON, {"clusterName": "flowise-dev"}, PARENT),
        resource(NAMESPACE, {"metadata": {"name": "flowise"}}),
        resource(SECRET, {"metadata": {"namespace": "flowise"}}, NAMESPACE),
    ]
    return {one["urn"]: one for one in resources}


def test_what_waits_is_not_reported() -> None:
    assert created_too_early(state()) == []


@pytest.mark.parametrize(
    ("waiting", "reported"),
    [
        (PARENT, f"{CLUSTER} does not wait for {LOGS}"),
        (ADDON, f"{ADDON} does not wait for {CLUSTER}"),
        (SECRET, f"{SECRET} does not wait for {NAMESPACE}"),
    ],
)
def test_what_does_not_wait_is_reported(waiting: str, reported: str) -> None:
    changed = state()
    changed[waiting]["dependencies"] = []
    assert reported in created_too_early(changed)


def test_who_waits_through_another_waits() -> None:
    changed = state()
    between = resource("urn:pulumi:dev::flowise::kubernetes:core/v1:ConfigMap::flowise", {}, NAMESPACE)
    changed[between["urn"]] = between
    changed[SECRET]["dependencies"] = [between["urn"]]
    assert created_too_early(changed) == []
