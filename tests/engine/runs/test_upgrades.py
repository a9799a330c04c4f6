"""A stack that an earlier release deployed, under today's program: nothing that holds data is replaced or deleted.

A change that needs a hand fails here until CHANGELOG.md and docs/upgrade.md say how, and the test does it.
"""

from typing import Final

import pytest

from analysis.changes import HOLDS_DATA
from engine.change import tree_of
from engine.sandbox import find_project, sandbox
from engine.steps import Step

RELEASES: Final = {"0.1.0": "feb93602"}
"""Releases with their commit, the oldest first."""
_GONE: Final = frozenset({"replace", "delete", "create-replacement", "delete-replaced", "discard"})


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("stack", ["prod", "dev"])
def test_an_upgrade_keeps_what_holds_data(release: str, stack: str) -> None:
    with sandbox(moto=False) as box, tree_of(RELEASES[release]) as tree:
        engine = box.stack(find_project(stack, tree))
        before = engine.up(policies=False)
        assert before.good, before.errors
        engine.use(find_project(stack))
        preview = engine.preview(policies=False)
        assert preview.good, preview.errors
        assert _lost(preview.changes) == []
        after = engine.up(policies=False)
        assert after.good, after.errors
        # A preview may show an update for a value that is not known yet and turns out the same; never the reverse.
        assert {(step.op, step.urn) for step in after.changes} <= {(step.op, step.urn) for step in preview.changes}
        again = engine.preview(policies=False)
        assert again.changes == (), [(step.op, step.urn) for step in again.changes]


def _lost(steps: tuple[Step, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(step.op, step.urn, step.replaced_by) for step in steps if step.type in HOLDS_DATA and step.op in _GONE]
