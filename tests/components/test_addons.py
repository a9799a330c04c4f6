"""Every add-on has a version that moves with the cluster: EKS updates none by itself."""

import pytest

from tests.conftest import recorded_with

ADDON = "aws:eks/addon:Addon"


@pytest.mark.parametrize(("stack", "edits"), [("dev", {"cluster.metrics_server": True}), ("prod", {})])
def test_every_addon_has_the_default_version_of_the_clusters_kubernetes(stack: str, edits: dict[str, object]) -> None:
    found = recorded_with(stack, edits).of_type(ADDON)
    assert found
    assert {addon.inputs.get("addonVersion") for addon in found} == {"default-of-kubernetes-1.36"}


def test_an_upgrade_of_kubernetes_moves_them() -> None:
    found = recorded_with("prod", {"cluster.kubernetes_version": "1.37"}).of_type(ADDON)
    assert len(found) == 2
    assert {addon.inputs["addonVersion"] for addon in found} == {"default-of-kubernetes-1.37"}
