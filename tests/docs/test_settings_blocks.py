"""A reader who puts the blocks of the pages into a stack file, one after the other, is not refused by the pack."""

import pytest

from local.judge import judge
from local.plan import record_stack
from settings import parse_settings
from tests.docs.settings_blocks import JOURNEYS, Applied, applied, blocks
from tests.policies.test_rules import TODAY

APPLIED = list(applied())


def test_every_block_of_every_page_is_applied() -> None:
    read = {(step.page, step.number) for steps in JOURNEYS.values() for step in steps}
    assert {(block.page, block.number) for block in blocks()} == read


@pytest.mark.parametrize("step", APPLIED, ids=lambda step: step.id)
def test_a_stack_passes_the_pack_after_each_block(step: Applied) -> None:
    parse_settings(step.config.values, step.config.secret_keys, step.config.stack)
    found = judge(record_stack(step.config), step.config, TODAY).mandatory
    assert [f"{step.block.place}: {f.rule} {f.resource}: {f.message}" for f in found] == []
