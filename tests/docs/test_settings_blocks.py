"""A reader who puts the blocks of the pages into a stack file, one after the other, is not refused by the pack."""

import re

import pytest

from analysis.evaluation import evaluate_recording
from analysis.plan import record_stack
from analysis.policy import record_account
from bootstrap.settings import parse_settings as parse_account
from settings import parse_settings
from tests.docs.settings_blocks import (
    DOCS,
    STACKS,
    Applied,
    Block,
    account_blocks,
    account_with,
    applied,
    blocks,
    blocks_of,
)
from tests.policies.test_rules import TODAY

APPLIED = list(applied())


def test_every_block_of_every_page_is_applied() -> None:
    with_settings = {
        p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md") if "```yaml\n  flowise:" in p.read_text()
    }
    assert with_settings <= {step.block.page for step in APPLIED}
    assert [block for block in blocks() if block not in [step.block for step in APPLIED]] == []


PAGE = """# Page

{comment}
```yaml
flowise:protected: true
```
"""


def test_a_comment_says_what_is_special_about_a_block() -> None:
    (block,) = blocks_of("page.md", PAGE.format(comment="<!-- settings: {stacks: [dev],\n  kept: true} -->"))
    assert (block.line, block.special.stacks, block.special.kept, block.special.alone) == (5, ["dev"], True, False)
    (plain,) = blocks_of("page.md", PAGE.format(comment=""))
    assert plain.special.stacks == [*STACKS]


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("<!-- settings: {keep: true} -->", "page.md:4: the comment above this block takes stacks, kept, alone, also"),
        ("<!-- settings: {stacks: [pord]} -->", "stacks"),
        ("<!-- settings: {kept: sometimes} -->", "kept"),
        ("<!-- settings: {kept -->", "page.md:4"),
        ("<!-- settings: {kept: true} -->\n", "page.md: a comment `<!-- settings: ... -->` is not right above a block"),
    ],
)
def test_a_comment_that_is_not_understood_is_refused(comment: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        list(blocks_of("page.md", PAGE.format(comment=comment)))


def test_a_block_begins_with_the_keys_that_it_sets() -> None:
    """As it stands in the file below `config:`, which the reader has already; only such keys are applied here."""
    begins = [key for block in blocks() for key in block.settings]
    assert [key for key in begins if not key.startswith(("flowise:", "aws:"))] == []


@pytest.mark.parametrize("step", APPLIED, ids=lambda step: step.id)
def test_a_stack_passes_the_pack_after_each_block(step: Applied) -> None:
    parse_settings(step.config.values, step.config.secret_keys, step.config.stack)
    found = evaluate_recording(record_stack(step.config), step.config, TODAY).mandatory
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
