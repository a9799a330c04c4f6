"""What only a real provider and a real API server show of a stack that runs: failed Jobs, changes, drift."""

from collections.abc import Iterator

import pytest

from analysis.stackfiles import override
from engine.kubernetes import LiveCluster, live_cluster
from engine.sandbox import find_project, sandbox
from engine.stack import EngineStack, Result

JOBS = "kubernetes:batch/v1:Job"
NEW_IMAGE = f"registry.example.com/flowise@sha256:{'0' * 64}"
DEPLOYMENTS = "/apis/apps/v1/namespaces/flowise/deployments"


@pytest.fixture(scope="module")
def live() -> Iterator[LiveCluster]:
    with live_cluster() as started:
        yield started


@pytest.fixture(scope="module")
def stack(live: LiveCluster) -> Iterator[EngineStack]:
    """One stack for the whole file: each test leaves it complete."""
    with sandbox(moto=False, live=live) as box:
        yield box.stack(find_project("dev"))


def update(stack: EngineStack) -> Result:
    """An update that succeeds."""
    result = stack.up(policies=False)
    assert result.good, result.output[-3000:]
    return result


def replaced(result: Result) -> set[str]:
    """Logical names of the Jobs that were replaced."""
    return {step.name for step in result.steps if step.op == "create-replacement" and step.type == JOBS}


def test_a_job_that_failed_is_run_again_by_the_next_update(live: LiveCluster, stack: EngineStack) -> None:
    """`pulumi.com/replaceUnready`: without it the provider takes the failed Job as it is, in every update."""
    for name in ("flowise-migration", "flowise-owner"):
        live.cluster.nodes.failing = {name}
        failed = stack.up(policies=False)
        assert not failed.good
        assert any(error.startswith(f"{name}: ") for error in failed.errors), failed.errors
    live.cluster.nodes.failing = set()
    assert replaced(update(stack)) == {"flowise-owner"}
    assert stack.preview(policies=False).changes == ()


def test_a_new_image_is_migrated_to_by_a_new_job(live: LiveCluster, stack: EngineStack) -> None:
    stack.configure(override(stack.project.config, [f"app.image={NEW_IMAGE}"]))
    preview = stack.preview(policies=False)
    up = update(stack)
    assert {(step.op, step.urn) for step in up.changes} == {(step.op, step.urn) for step in preview.changes}
    assert replaced(up) == {"flowise-migration", "flowise-owner"}
    pods = live.cluster.admin.get("/api/v1/namespaces/flowise/pods").json()["items"]
    assert {c["image"] for pod in pods for c in pod["spec"]["containers"]} == {NEW_IMAGE}


def test_what_somebody_deleted_is_found_by_a_refresh_and_made_again(live: LiveCluster, stack: EngineStack) -> None:
    (server,) = (d["metadata"]["name"] for d in live.cluster.admin.get(DEPLOYMENTS).json()["items"])
    live.cluster.admin.delete(f"{DEPLOYMENTS}/{server}?propagationPolicy=Background")
    refreshed = stack.refresh()
    assert [step.type for step in refreshed.changes] == ["kubernetes:apps/v1:Deployment"]
    made = update(stack)
    assert [(step.op, step.type) for step in made.changes] == [("create", "kubernetes:apps/v1:Deployment")]
    assert live.cluster.admin.get(f"{DEPLOYMENTS}/{server}").json()["status"]["readyReplicas"] >= 1


def test_a_destroy_leaves_nothing_in_the_cluster(live: LiveCluster, stack: EngineStack) -> None:
    destroyed = stack.destroy()
    assert destroyed.good, destroyed.output[-3000:]
    assert stack.resources() == {}
    assert live.left() == []
