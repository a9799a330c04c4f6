"""Pages that stop Flowise say how it starts again: `pulumi up` alone leaves a Deployment at 0 pods.

The number of pods is an autoscaler's where there is one (`ignore_changes` in components/app/workload.py), so an update
keeps a live 0. KEDA for its part brings workers back that it did not stop itself (scale_scaledobjects.go, 2.20.2).
"""

import re
from typing import Final

import pytest

from analysis.stackfiles import ROOT
from pages.site import markdown_pages as pages
from tests.docs.shell import Command, commands

PAGES: Final = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")}
ZERO: Final = re.compile(r"--replicas[ =]0\b")
PAUSED: Final = "autoscaling.keda.sh/paused-replicas"
WORKLOADS: Final = {"flowise-server", "flowise-worker"}


def kubectl(text: str, verb: str) -> list[Command]:
    """Commands of kubectl with this verb."""
    return [each for each in commands("page", text) if each.words[0] == "kubectl" and verb in each.words]


def stops(text: str) -> list[Command]:
    """Commands that scale to 0."""
    return [each for each in kubectl(text, "scale") if ZERO.search(" ".join(each.words))]


def stopped_by(command: Command) -> set[str]:
    """Deployments that a command names."""
    named = {word.removeprefix("deployment/") for word in command.words} & WORKLOADS
    return WORKLOADS if "--all" in command.words else named


STOPPING: Final = sorted(page for page, text in PAGES.items() if stops(text))


def test_the_pages_that_stop_flowise_are_found() -> None:
    assert {"docs/adopt.md", "docs/upgrade-flowise.md", "docs/runbooks/database-gone.md"} < set(STOPPING)


def test_a_scale_to_zero_stands_in_a_block_of_commands() -> None:
    """In a sentence nobody would find out whether it is taken back."""
    for page, text in PAGES.items():
        in_blocks = sum(len(ZERO.findall(line)) for block in pages.blocks(text) for line in block.text.splitlines())
        assert len(ZERO.findall(text)) == in_blocks, page


@pytest.mark.parametrize("page", STOPPING)
def test_what_is_scaled_to_zero_gets_its_pods_back(page: str) -> None:
    """By a number, or by a Deployment that Pulumi makes again because it is gone, and gone from its state."""
    text = PAGES[page]
    for stop in stops(text):
        again: set[str] = set()
        for up in kubectl(text, "scale"):
            if up.line > stop.line and not ZERO.search(" ".join(up.words)):
                again |= stopped_by(up)
        for removal in kubectl(text, "delete"):
            if removal.line > stop.line and "deployment" in removal.words and made_again(text, removal.line):
                again |= stopped_by(removal)
        assert again >= stopped_by(stop), f"{page}: {stop} is not taken back for {stopped_by(stop) - again}"


def made_again(text: str, line: int) -> bool:
    """Whether Pulumi reads what is there after this line; else it would update a Deployment that is gone."""
    after = [each for each in commands("page", text) if each.words[0] == "pulumi" and each.line > line]
    return any(each.words[1] == "refresh" or "--refresh" in each.words for each in after)


@pytest.mark.parametrize("page", STOPPING)
def test_keda_is_paused_before_and_resumed_after(page: str) -> None:
    text = PAGES[page]
    marks = kubectl(text, "annotate")
    for stop in stops(text):
        assert [mark for mark in marks if mark.line < stop.line and f"{PAUSED}=0" in mark.words], f"{page}: {stop}"
        assert [mark for mark in marks if mark.line > stop.line and f"{PAUSED}-" in mark.words], f"{page}: {stop}"


def test_the_owner_job_of_going_back_finds_a_server() -> None:
    """It waits for one, and `pulumi up` for it: the same `pulumi up` must make the servers, with pods."""
    text = PAGES["docs/upgrade-flowise.md"]
    (stop,) = stops(text)
    (removal,) = kubectl(text, "delete")
    (deployment,) = [c for c in commands("page", text) if c.words[0] == "pulumi" and "--refresh" in c.words]
    assert stop.line < removal.line < deployment.line
    assert stopped_by(removal) >= {"flowise-server"}
    assert not [up for up in kubectl(text, "scale") if up.line > stop.line], (
        "the newer image would migrate the database"
    )
