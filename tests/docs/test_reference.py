"""The reference pages leave nothing out: every setting, component, alarm and rule of the program is in its page."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

import pulumi
import pytest
from pydantic import BaseModel

from analysis.recorder import Recording
from analysis.rights.stacks import recordings
from analysis.sections import SECTIONS
from pages import alarms
from pages.components import STACK
from pages.site import markdown_pages as pages
from policies.rules import RULES
from settings import PROJECT, REGION_KEY, SECRET_KEYS, StackSettings
from tests.conftest import recorded

OF_THE_STACK = {"region", "tags", "permissions_boundary_arn", "policy_exceptions"}
"""Keys that no single component reads."""


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """Rows of all tables below a heading of second or third rank, by the name in their first cell."""
    section = page.split(f"\n{heading}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if "|" in line]
    return {row[0].split("`")[1]: row[1:] for row in cells if "`" in row[0]}


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every key that a section may hold, as deep as it goes."""
    for name, field in model.model_fields.items():
        inner = models(field.annotation)
        if inner:
            for each in inner:
                yield from keys(each, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def models(annotation: Any) -> list[type[BaseModel]]:
    """Settings models that a type is made of: itself, an alternative to none, or the items of a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models(part)]


@pytest.mark.parametrize("name", StackSettings.model_fields)
def test_every_setting_is_in_the_reference_with_its_meaning(name: str) -> None:
    page = pages.read("docs/settings.md")
    key = REGION_KEY if name == "region" else f"{PROJECT}:{name}"
    sections = models(StackSettings.model_fields[name].annotation)
    if not sections:
        assert rows(page, "## Stack")[key][-1]
    for section in sections:
        found = rows(page, f"## {key}")
        assert found.keys() == set(keys(section))
        assert all(cells[-1] for cells in found.values())


@pytest.mark.parametrize("name", sorted(SECRET_KEYS))
def test_every_secret_is_in_the_reference_with_its_command(name: str) -> None:
    assert f"pulumi config set --secret {PROJECT}:{name}" in pages.spans(pages.read("docs/settings.md"))


def components() -> list[str]:
    """Components that `__main__.py` makes."""
    tree = ast.parse(pages.read("__main__.py"))
    imported = [
        (str(node.module), name.name) for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names
    ]
    return [name for module, name in imported if _is_component(getattr(importlib.import_module(module), name))]


def _is_component(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, pulumi.ComponentResource)


def component_class(name: str) -> type[pulumi.ComponentResource]:
    """A component by its name."""
    tree = ast.parse(pages.read("__main__.py"))
    modules = [
        node.module for node in tree.body if isinstance(node, ast.ImportFrom) and name in {n.name for n in node.names}
    ]
    return getattr(importlib.import_module(str(modules[0])), name)


def test_components_are_in_the_order_of_life() -> None:
    headings = [line for line in pages.read("docs/components.md").splitlines() if line.startswith("## ")]
    assert headings[:-1] == [f"## {name}" for name in SECTIONS]
    assert set(SECTIONS) == set(components())


@pytest.mark.parametrize("name", components())
def test_every_argument_and_output_of_a_component_is_in_the_reference_with_its_meaning(name: str) -> None:
    component = component_class(name)
    args = getattr(importlib.import_module(component.__module__), f"{name}Args")
    outputs = {attribute for attribute in component.__annotations__ if not attribute.startswith("_")}
    found = rows(pages.read("docs/components.md"), f"## {name}")
    for attribute in {field.name for field in fields(args)} | outputs:
        assert found[attribute][-1], attribute


@pytest.mark.parametrize("name", components())
def test_every_resource_of_a_component_is_counted(name: str) -> None:
    recording, where = recorded(STACK), "in prod"
    if not any(r.type.endswith(f":{name}") for r in recording.records):
        where = "where its section is on; prod has none"
        recording = recorded("internal") if name == "InternalEntry" else recordings()[f"{STACK}, everything on"]
    component = next(r for r in recording.records if r.type.endswith(f":{name}"))
    section = pages.read("docs/components.md").split(f"\n## {name}\n")[1].split("\n## ")[0]
    counted = section.split(f"| registered {where} |")[1].splitlines()
    below = [r for r in recording.records if r.custom and _is_below(recording, r.parent, component.urn)]
    assert counted[0].strip(" |") == str(len(below))
    assert sum(int(line.strip(" |").split("|")[-1]) for line in counted[2:] if line) == len(below)


def _is_below(recording: Recording, urn: str, component: str) -> bool:
    parents = {r.urn: r.parent for r in recording.records}
    while urn and urn != component:
        urn = parents.get(urn, "")
    return bool(urn)


def test_every_section_of_the_stack_file_leads_from_a_component() -> None:
    read = {section for sections in SECTIONS.values() for section in sections}
    assert read | OF_THE_STACK == set(StackSettings.model_fields)
    linked = {link.anchor for link in pages.links("docs/components.md", pages.read("docs/components.md"))}
    assert {
        pages.slug(f"{PROJECT}:{name}") for name in read if models(StackSettings.model_fields[name].annotation)
    } <= linked


def test_every_alarm_is_in_its_page(recording: Recording) -> None:
    page = pages.read("docs/alarms.md")
    known = alarms.alarms(recording)
    told = [name for name, record in known.items() if record.inputs.get("alarmActions")]
    assert told
    missing = [name for name in told if f"\n| {name} |" not in page and f"`{name}`" not in page]
    assert missing == []


def test_every_rule_is_in_its_page() -> None:
    page = pages.read("docs/policies.md")
    missing = [rule.id for rule in RULES if f"\n| `{rule.id}`" not in page]
    assert not missing, str(missing)
