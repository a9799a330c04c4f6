"""Whatever security property of the components is turned off: a rule catches it."""

from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from analysis.evaluation import stack_of
from analysis.optional_sections import left_out_by_prod
from analysis.stackfiles import read_stack
from policies.evaluate import evaluate
from policies.model import Stack
from policies.rules import RULES
from tests.conftest import edited, recorded, recorded_with
from tests.policies import mutations
from tests.policies.mutations import Mutation, mutate
from tests.policies.test_rules import TODAY

PAGE = Path(__file__).resolve().parents[2] / "docs" / "policy-mutations.md"
HEADER = """# What catches what

Each line turns one security property of the recorded stack off, in all resources of the type unless one is named, and says which rules
([policies.md](policies.md)) find it. `make golden` writes this page; the tests fail when a line is caught by nothing.

| stack | turned off | caught by |
| --- | --- | --- |
"""  # noqa: E501  # lines of a page
STACKS = ("prod", "dev")


def on(section: str) -> str:
    """The stack that a section is put on."""
    return getattr(FOUND[section], "ON", "prod")


FOUND = {found.name: import_module(f"{mutations.__name__}.{found.name}") for found in iter_modules(mutations.__path__)}
"""By stack or section, the file of its mutations."""
SECTIONS = {f"{on(name)} with `{name}`": name for name in FOUND if name not in STACKS}
"""By what the page calls a stack, the section that is put on it."""
FOR_MANY_TYPES = ("name_within_limit", "data_protected")
"""Rules that take their types from the catalogue."""
WITHOUT = {
    "aws:ec2/vpc:Vpc": "its rules ask for other resources, each of which is removed once",
    "aws:ec2/networkInterface:NetworkInterface": "its rule asks protected stacks, and dev, which has one, is none",
}
"""Types that rules name, and no input of which turns anything off."""
ALL: list[tuple[str, Mutation]] = [
    *((stack, mutation) for stack in STACKS for mutation in FOUND[stack].MUTATIONS),
    *((stack, mutation) for stack, section in SECTIONS.items() for mutation in FOUND[section].MUTATIONS),
]


ABOUT_ONE = [rule for rule in RULES if rule.on_resource]
ABOUT_MORE = [rule for rule in RULES if not rule.on_resource]


@cache
def plain_stack(name: str) -> Stack:
    """A stack as it is, evaluated without exceptions."""
    if name in SECTIONS:
        stack = on(SECTIONS[name])
        section = {SECTIONS[name]: left_out_by_prod()[SECTIONS[name]]}
        return stack_of(recorded_with(stack, section), edited(stack, section), TODAY)
    return stack_of(recorded(name), read_stack(name), TODAY)


@cache
def found_before(name: str) -> frozenset[tuple[str, str, str]]:
    """What rules find about the stack as it is."""
    return frozenset((f.rule, f.resource, f.message) for f in evaluate(plain_stack(name), ()).findings)


@cache
def caught(index: int) -> list[str]:
    """Rules with a finding that was not there before a line of `ALL`.

    What a rule about single resources says of one that is the same was there before.
    """
    name, mutation = ALL[index]
    plain = plain_stack(name)
    mutated = mutate(plain, mutation)
    same = {id(resource) for resource in plain.resources}
    changed = replace(mutated, resources=tuple(each for each in mutated.resources if id(each) not in same))
    findings = evaluate(changed, (), ABOUT_ONE).findings + evaluate(mutated, (), ABOUT_MORE).findings
    return sorted({f.rule for f in findings if (f.rule, f.resource, f.message) not in found_before(name)})


def test_every_section_that_prod_leaves_out_has_a_file_of_mutations() -> None:
    assert FOUND.keys() == {*STACKS, *left_out_by_prod()}, "one file for each section in tests/policies/mutations"


def test_every_type_that_a_rule_names_has_a_mutation() -> None:
    named = {type_ for rule in RULES if rule.id not in FOR_MANY_TYPES for type_ in rule.types}
    registered = {resource.type for stack in (*STACKS, *SECTIONS) for resource in plain_stack(stack).resources}
    assert (named & registered) - {mutation.type for _, mutation in ALL} == WITHOUT.keys()


def test_there_is_a_mutation_for_most_of_what_the_components_do() -> None:
    assert len({(stack, mutation.what) for stack, mutation in ALL}) == len(ALL) >= 60


def test_a_property_that_is_turned_off_is_caught() -> None:
    uncaught = [(stack, mutation.what) for index, (stack, mutation) in enumerate(ALL) if not caught(index)]
    assert not uncaught, str(uncaught)


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
