"""Whatever security property of the components is turned off: a rule catches it."""

from functools import cache
from pathlib import Path

import pytest

from analysis.evaluation import stack_of
from analysis.optional_sections import left_out_by_prod
from analysis.stackfiles import read_stack
from policies.evaluate import evaluate
from policies.model import Stack
from tests.conftest import edited, recorded, recorded_with
from tests.policies.mutations import DEV, PROD, Mutation, mutate
from tests.policies.mutations import RETRIEVAL as RETRIEVAL_MUTATIONS
from tests.policies.mutations import RUNNER as RUNNER_MUTATIONS
from tests.policies.test_rules import TODAY

RUNNER = left_out_by_prod()["runner"]
RETRIEVAL = left_out_by_prod()["retrieval"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-mutations.md"
HEADER = """# What catches what

Each line turns one security property of the recorded stack off, in all resources of the type unless one is named, and says which rules
([policies.md](policies.md)) find it. `make golden` writes this page; the tests fail when a line is caught by nothing.

| stack | turned off | caught by |
| --- | --- | --- |
"""  # noqa: E501  # lines of a page
WITH_RUNNER, WITH_RETRIEVAL = "dev with a runner", "prod with OpenSearch"
SECTIONS = {WITH_RUNNER: ("dev", {"runner": RUNNER}), WITH_RETRIEVAL: ("prod", {"retrieval": RETRIEVAL})}
"""Stacks of this repository with a section that they leave out."""
BY_STACK = {"prod": PROD, "dev": DEV, WITH_RUNNER: RUNNER_MUTATIONS, WITH_RETRIEVAL: RETRIEVAL_MUTATIONS}
ALL = [(stack, mutation) for stack, mutations in BY_STACK.items() for mutation in mutations]


@cache
def plain_stack(name: str) -> Stack:
    """A stack as it is, evaluated without exceptions."""
    if name in SECTIONS:
        stack, section = SECTIONS[name]
        return stack_of(recorded_with(stack, section), edited(stack, section), TODAY)
    return stack_of(recorded(name), read_stack(name), TODAY)


@cache
def found_before(name: str) -> frozenset[tuple[str, str, str]]:
    """What rules find about the stack as it is."""
    return frozenset((f.rule, f.resource, f.message) for f in evaluate(plain_stack(name), ()).findings)


@cache
def caught(index: int) -> list[str]:
    """Rules with a finding that was not there before a line of `ALL`."""
    name, mutation = ALL[index]
    findings = evaluate(mutate(plain_stack(name), mutation), ()).findings
    return sorted({f.rule for f in findings if (f.rule, f.resource, f.message) not in found_before(name)})


def test_there_is_a_mutation_for_most_of_what_the_components_do() -> None:
    assert len({(stack, mutation.what) for stack, mutation in ALL}) == len(ALL) >= 60


@pytest.mark.parametrize("index", range(len(ALL)), ids=[f"{stack}-{mutation.what}" for stack, mutation in ALL])
def test_a_property_that_is_turned_off_is_caught(index: int) -> None:
    assert caught(index)


def test_a_mutation_that_changes_nothing_is_an_error() -> None:
    with pytest.raises(LookupError):
        mutate(plain_stack("dev"), Mutation(type="aws:rds/instance:Instance", path="multiAz", value=False))


def test_the_page_lists_them(request: pytest.FixtureRequest) -> None:
    lines = [
        f"| {stack} | {mutation.what} | {', '.join(f'`{rule}`' for rule in caught(index))} |"
        for index, (stack, mutation) in enumerate(ALL)
    ]
    page = HEADER + "\n".join(lines) + "\n"
    if request.config.getoption("--write-goldens"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run `make golden` and read the difference"
