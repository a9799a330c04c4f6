"""The blocks of settings that pages show, through Pulumi's engine and the policy pack."""

from dataclasses import replace

import pytest

from analysis.changes import HOLDS_DATA
from engine.proofs import failure
from engine.sandbox import find_project, sandbox
from tests.docs.settings_blocks import STACKS, Applied, standing_alone, together, with_block

RESTORE = "runbooks/database-gone.md"
FIRST = [step for step in standing_alone() if step.block.page != RESTORE]
"""Blocks with which a stack begins."""


@pytest.mark.parametrize("stack", STACKS)
def test_all_blocks_of_the_pages_are_deployed(stack: str) -> None:
    config = together(stack)
    with sandbox(moto=False) as box:
        engine = box.stack(replace(find_project(stack), config=config))
        preview = engine.preview()
        assert failure(preview) == []
        update = engine.up(policies=False)  # tests/docs/test_settings_blocks.py asks the pack with all values
        assert failure(update) == []
        assert {(s.op, s.urn) for s in update.changes} == {(s.op, s.urn) for s in preview.changes}
        for restore in [step.block for step in standing_alone() if (step.stack, step.block.page) == (stack, RESTORE)]:
            engine.configure(with_block(config, restore))
            after = engine.preview(policies=False)
            assert failure(after) == []
            assert "aws:rds/instance:Instance" in {s.type for s in after.changes if s.op == "create"}
            gone = {s.type for s in after.changes if s.op in {"delete", "replace"}}
            assert not gone & HOLDS_DATA, "the page says that its preview shows none"


@pytest.mark.parametrize("step", FIRST, ids=lambda step: step.id)
def test_a_block_that_stands_alone_passes_the_first_preview(step: Applied) -> None:
    with sandbox(moto=False) as box:
        assert failure(box.stack(replace(find_project(step.stack), config=step.config)).preview()) == []


def test_the_restore_is_previewed() -> None:
    assert RESTORE in {step.block.page for step in standing_alone()}
