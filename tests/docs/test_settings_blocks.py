"""A reader who puts the blocks of the pages into a stack file, one after the other, is not refused by the pack."""

import pytest

from analysis.evaluation import evaluate_recording
from analysis.policy import record_account
from bootstrap.settings import parse_settings as parse_account
from settings import parse_settings
from tests.conftest import recorded_once
from tests.docs.settings_blocks import (
    JOURNEYS,
    Applied,
    Block,
    account_blocks,
    account_with,
    applied,
    blocks,
)
from tests.policies.test_rules import TODAY

APPLIED = list(applied())


def test_every_block_of_every_page_is_applied() -> None:
    read = {(step.page, step.number) for steps in JOURNEYS.values() for step in steps}
    assert {(block.page, block.number) for block in blocks()} == read


def test_a_block_begins_with_the_keys_that_it_sets() -> None:
    """As it stands in the file below `config:`, which the reader has already; only such keys are applied here."""
    begins = [key for block in blocks() for key in block.settings]
    assert [key for key in begins if not key.startswith(("flowise:", "aws:"))] == []


@pytest.mark.parametrize("step", APPLIED, ids=lambda step: step.id)
def test_a_stack_passes_the_pack_after_each_block(step: Applied) -> None:
    parse_settings(step.config.values, step.config.secret_keys, step.config.stack)
    found = evaluate_recording(recorded_once(step.config), step.config, TODAY).mandatory
    assert [f"{step.block.place}: {f.rule} {f.resource}: {f.message}" for f in found] == []


def test_pages_show_blocks_of_the_account_file() -> None:
    assert account_blocks()


@pytest.mark.parametrize("block", account_blocks(), ids=lambda block: block.place)
def test_the_account_passes_the_pack_with_each_block(block: Block) -> None:
    config = account_with(block)
    assert config.values != account_with(Block(page="", number=0, line=0, settings={})).values
    parse_account(config.values, config.secret_keys, config.stack)
    found = evaluate_recording(record_account(config), config, TODAY).mandatory
    assert [f"{block.place}: {f.rule} {f.resource}: {f.message}" for f in found] == []
