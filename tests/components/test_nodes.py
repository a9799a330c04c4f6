"""Nodes of Flowise's own: which they are, which pods run on them, and that nobody else does."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from analysis.recorder import Recording
from tests.conftest import recorded, recorded_with

POOL = "kubernetes:karpenter.sh/v1:NodePool"


@cache
def spot() -> Recording:
    """Prod with workers on spot and x86-64."""
    return recorded_with("prod", {"nodes.worker_capacity": "spot", "nodes.architecture": "amd64"})


def pool(recording: Recording, name: str) -> dict[str, Any]:
    """Specification of a node pool."""
    (found,) = (r for r in recording.of_type(POOL) if r.inputs["metadata"]["name"] == name)
    return found.inputs["spec"]


def requirements(recording: Recording, name: str) -> dict[str, list[str]]:
    """What a pool's nodes must be, by label without its prefix."""
    found = pool(recording, name)["template"]["spec"]["requirements"]
    return {str(item["key"]).rsplit("/", 1)[1]: item["values"] for item in found}


def pod(recording: Recording, kind: str, name: str) -> dict[str, Any]:
    """Pod specification of a Deployment or Job of the program."""
    (found,) = (r for r in recording.of_type(kind) if r.name == name)
    return found.inputs["spec"]["template"]["spec"]


def test_servers_stay_on_demand_when_workers_take_spot() -> None:
    assert requirements(spot(), "flowise-server")["capacity-type"] == ["on-demand"]
    assert requirements(spot(), "flowise-worker")["capacity-type"] == ["spot", "on-demand"]


def test_workers_on_demand_share_the_servers_nodes_and_twice_their_bound() -> None:
    (shared,) = recorded("prod").of_type(POOL)
    assert shared.inputs["metadata"]["name"] == "flowise-server"
    assert requirements(recorded("prod"), "flowise-server")["capacity-type"] == ["on-demand"]
    assert pool(recorded("prod"), "flowise-server")["limits"] == {"cpu": "128"}
    assert {pool(spot(), f"flowise-{name}")["limits"]["cpu"] for name in ("server", "worker")} == {"64"}


def test_servers_take_spot_where_the_stack_says_so_and_fall_back() -> None:
    """With spot alone a pod would wait for as long as there is none."""
    (shared,) = recorded("small").of_type(POOL)
    assert shared.inputs["metadata"]["name"] == "flowise-server"
    assert requirements(recorded("small"), "flowise-server")["capacity-type"] == ["spot", "on-demand"]
    apart = recorded_with("prod", {"nodes.server_capacity": "spot"})
    assert requirements(apart, "flowise-server")["capacity-type"] == ["spot", "on-demand"]
    assert requirements(apart, "flowise-worker")["capacity-type"] == ["on-demand"]


def test_the_disk_of_a_node_is_the_settings() -> None:
    node_class = "kubernetes:eks.amazonaws.com/v1:NodeClass"
    assert recorded("small").only(node_class).inputs["spec"]["ephemeralStorage"] == {"size": "20Gi"}
    assert "ephemeralStorage" not in recorded("prod").only(node_class).inputs["spec"], "an upgrade replaces no node"


def test_the_architecture_is_the_settings() -> None:
    assert requirements(recorded("prod"), "flowise-server")["arch"] == ["arm64"]
    assert requirements(spot(), "flowise-worker")["arch"] == ["amd64"]


@pytest.mark.parametrize(("made", "workers"), [(lambda: recorded("prod"), "server"), (spot, "worker")])
def test_pods_run_on_their_pool_and_tolerate_its_taint_only(made: Callable[[], Recording], workers: str) -> None:
    recording = made()
    places = {
        ("kubernetes:apps/v1:Deployment", "flowise-server"): "server",
        ("kubernetes:apps/v1:Deployment", "flowise-worker"): workers,
        ("kubernetes:batch/v1:Job", "flowise-migration"): "server",
        ("kubernetes:batch/v1:Job", "flowise-owner"): "server",
    }
    for (kind, name), purpose in places.items():
        spec = pod(recording, kind, name)
        (taint,) = pool(recording, f"flowise-{purpose}")["template"]["spec"]["taints"]
        assert spec["nodeSelector"] == {"karpenter.sh/nodepool": f"flowise-{purpose}"}
        assert spec["tolerations"] == [{"operator": "Equal", **taint}]


def test_without_the_section_pods_run_anywhere() -> None:
    dev = recorded_with("dev", {"nodes": None})
    assert dev.of_type(POOL) == []
    spec = pod(dev, "kubernetes:apps/v1:Deployment", "flowise-server")
    assert not spec.keys() & {"nodeSelector", "tolerations"}


def test_a_node_waits_longer_for_its_pods_than_they_may_take() -> None:
    """A pod whose grace period is longer than the node's is killed with its requests."""
    for name in ("flowise-server", "flowise-worker"):
        node_hours = pool(spot(), name)["template"]["spec"]["terminationGracePeriod"]
        grace = pod(spot(), "kubernetes:apps/v1:Deployment", name)["terminationGracePeriodSeconds"]
        assert int(node_hours.removesuffix("h")) * 3600 > grace
        assert pool(spot(), name)["disruption"]["budgets"] == [{"nodes": "1"}]


@pytest.mark.parametrize("name", ["flowise-server", "flowise-worker"])
def test_pods_prefer_zones_of_their_own_and_three_of_a_kind_may_share_a_node(name: str) -> None:
    found = pod(recorded("prod"), "kubernetes:apps/v1:Deployment", name)["topologySpreadConstraints"]
    assert {(c["topologyKey"], c["maxSkew"], c["whenUnsatisfiable"]) for c in found} == {
        ("topology.kubernetes.io/zone", 1, "ScheduleAnyway"),
        ("kubernetes.io/hostname", 3, "ScheduleAnyway"),
    }
    assert [c["matchLabelKeys"] for c in found] == [["pod-template-hash"]] * 2, "pods of before a rollout count no more"


def test_nodes_lie_in_the_private_subnets_and_the_clusters_group(prod: Recording) -> None:
    spec = prod.only("kubernetes:eks.amazonaws.com/v1:NodeClass").inputs["spec"]
    private = {r.id for r in prod.of_type("aws:ec2/subnet:Subnet") if "private" in r.name}
    assert {term["id"] for term in spec["subnetSelectorTerms"]} == private
    database = prod.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", name="database-from-cluster")
    assert spec["securityGroupSelectorTerms"] == [{"id": database.inputs["referencedSecurityGroupId"]}]


def test_burstable_nodes_are_of_family_t4g_alone() -> None:
    cheap = recorded_with("small", {"nodes.burstable": True})
    assert requirements(cheap, "flowise-server")["instance-family"] == ["t4g"]
    assert not {"instance-category", "instance-generation"} & requirements(cheap, "flowise-server").keys()


def test_burstable_nodes_are_graviton() -> None:
    with pytest.raises(Exception, match="burstable nodes are of family t4g"):
        recorded_with("small", {"nodes.burstable": True, "nodes.architecture": "amd64"})
