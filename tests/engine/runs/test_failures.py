"""What goes wrong in the middle of a run, at ten places: each time the next `up` goes on, and at last all is there."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from analysis.stackfiles import override
from engine.errors import EngineError
from engine.sandbox import Sandbox, find_project, sandbox
from engine.stack import EngineStack, Result
from engine.workspace import Workspace

MESSAGE = "api error ThrottlingException: a test has asked for it"


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with sandbox(moto=False, checkpoints=True) as started:
        yield started


@pytest.fixture(scope="module")
def stack(box: Sandbox) -> EngineStack:
    """One stack for the whole file: each test leaves it as far as it has come."""
    return box.stack(find_project("dev"))


def fails(result: Result, name: str) -> None:
    """A run that says what failed where."""
    assert not result.good
    assert any(error.startswith(f"{name}: ") and MESSAGE in error for error in result.errors), result.errors


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("aws:ec2/vpc:Vpc", "network"),
        ("aws:rds/instance:Instance", "database"),
        ("aws:eks/cluster:Cluster", "cluster-eksCluster"),
    ],
)
def test_a_create_that_fails_is_made_up_for(box: Sandbox, stack: EngineStack, type_: str, name: str) -> None:
    box.backend.fail_next(type_, "create", MESSAGE)
    fails(stack.up(policies=False), name)
    assert not any(urn.endswith(f"::{name}") and type_ in urn for urn in stack.resources())


def test_a_kubernetes_object_that_is_refused(box: Sandbox, stack: EngineStack) -> None:
    box.cluster.fail_next("kubernetes:batch/v1:Job", "create", MESSAGE)
    result = stack.up(policies=False)
    assert not result.good
    assert MESSAGE in result.output


def test_the_last_create_that_fails(box: Sandbox, stack: EngineStack) -> None:
    box.backend.fail_next("aws:cloudfront/distribution:Distribution", "create", MESSAGE)
    fails(stack.up(policies=False), "edge")


def test_the_state_after_failed_creates_is_what_exists(box: Sandbox, stack: EngineStack) -> None:
    known = {r["id"] for r in stack.resources().values() if str(r["type"]).startswith("aws:")}
    assert {held.id for held in box.backend.account.inventory.held.values()} <= known


def when(condition: Callable[[], bool], do: Callable[[], None]) -> None:
    """Do something as soon as a condition holds, beside the run."""

    def wait() -> None:
        for _ in range(3000):
            if condition():
                return do()
            time.sleep(0.02)
        return None

    threading.Thread(target=wait, daemon=True).start()


def test_an_engine_that_is_killed_in_mid_update_leaves_its_lock_and_loses_nothing(
    box: Sandbox, stack: EngineStack
) -> None:
    stack.configure(override(stack.project.config, ['tags={"changed": "yes"}']))
    before = stack.resources()
    done = len(box.backend.calls)

    def kill(process: subprocess.Popen[str]) -> None:
        when(lambda: len(box.backend.calls) > done + 5, lambda: os.kill(process.pid, signal.SIGKILL))

    result = stack.up(policies=False, started=kill)
    assert result.code == -signal.SIGKILL
    locked = stack.up(policies=False)
    assert not locked.good
    assert "is currently locked by 1 lock(s)" in locked.output
    with pytest.raises(EngineError) as caught:
        stack.call("import", "--file", "none.json", "--yes")
    assert caught.value.hint
    stack.unlock()
    after = stack.resources()
    assert after.keys() >= before.keys()
    assert after != before, "what the killed run has done is in the state"


def test_an_update_that_fails(box: Sandbox, stack: EngineStack) -> None:
    stack.configure(override(stack.project.config, ['tags={"changed": "again"}']))
    box.backend.fail_next("aws:rds/instance:Instance", "update", MESSAGE)
    fails(stack.up(policies=False), "database")


def test_the_next_update_finishes_and_then_nothing_is_left_to_do(stack: EngineStack) -> None:
    finished = stack.up()
    assert finished.good, finished.output[-2000:]
    assert finished.findings == ()
    assert [step.urn for step in stack.preview(policies=False).changes] == []


def test_a_read_that_fails_in_a_refresh_changes_no_state(box: Sandbox, stack: EngineStack) -> None:
    before = stack.resources()
    box.backend.fail_next("aws:kms/key:Key", "read", MESSAGE)
    fails(stack.refresh(), "key")
    assert stack.resources().keys() == before.keys()
    assert stack.refresh().changes == ()


def test_another_passphrase_is_told_from_a_lost_state(box: Sandbox, stack: EngineStack) -> None:
    directory = stack.workspace.directory
    with pytest.raises(EngineError, match="failed in") as caught:
        EngineStack(directory, stack.project, box.ports, passphrase="another").call("stack", "export", "--show-secrets")
    assert "PULUMI_CONFIG_PASSPHRASE" in caught.value.hint


def test_a_folder_that_cannot_be_written(box: Sandbox, stack: EngineStack) -> None:
    file = box.directory / "a-file"
    file.touch()
    with pytest.raises(EngineError, match="cannot be written"):
        Workspace(file / "below", stack.project).write()


def test_a_delete_that_fails_is_made_up_for(box: Sandbox, stack: EngineStack) -> None:
    box.backend.fail_next("aws:ec2/vpc:Vpc", "delete", MESSAGE)
    fails(stack.destroy(), "network")
    assert stack.resources()
    again = stack.destroy()
    assert again.good, again.output[-2000:]
    assert stack.resources() == {}
    assert box.backend.account.inventory.held == {}
    assert box.cluster.objects == {}
