"""Stacks from nothing to nothing, with Pulumi's Kubernetes provider and a real API server (`KUBERNETES=real`)."""

import pytest

from engine.kubernetes import live_cluster
from engine.proofs import life_cycle, with_settings
from engine.sandbox import find_project, sandbox
from tests.engine.runs.test_life_cycles import VARIANTS


@pytest.mark.parametrize("name", ["sections", "ingress"])
def test_from_nothing_to_nothing(name: str) -> None:
    """A prod with every section and every chart, and a dev behind an ingress controller."""
    variant = VARIANTS[name]
    project = with_settings(find_project(variant.stack), variant.settings, variant.secrets)
    with live_cluster() as live, sandbox(moto=False, live=live) as box:
        proofs = list(life_cycle(box, project, list(variant.secrets.values()), policies=False))
    assert [f"{p.claim}: {p.detail}" for p in proofs if not p.holds] == []
    assert proofs[-1].claim == "everything is deleted before what it needs"
