"""Every recorded type of resource is mapped to the actions that it needs, and each role may do those of its work."""

import inspect
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from analysis.rights.account import recorded_account
from analysis.rights.actions import CHANGES, missing, needs
from analysis.rights.evaluator import may
from analysis.rights.stacks import STACKS, everything, recordings, types
from analysis.stackfiles import ROOT
from settings import StackSettings, parse_settings
from tests.bootstrap.account import rights
from tests.bootstrap.authorization import expand
from tests.delivery.test_drift import excluded

NAMES = (*STACKS, *(f"{stack}, everything on" for stack in STACKS))
APART = {
    "network.existing": "in place of a network of the stack's own; it makes less",
    "cluster.existing": "in place of a cluster of the stack's own; it makes less",
    "ingress": "in place of the edge and the load balancer; it makes less",
    "internal": "in place of the edge; it adds no type",
    "app.proxy": "variables and network policies; it adds no type",
    "database.restore_from": "a second instance of the same type",
}
"""Sections that cannot be on with the others, or add no type."""


def sections(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, bool]]:
    """Every section of the settings, and whether it may be left out."""
    for name, field in model.model_fields.items():
        for hint in (field.annotation, *get_args(field.annotation)):
            if inspect.isclass(hint) and issubclass(hint, BaseModel):
                yield f"{prefix}{name}", type(None) in get_args(field.annotation)
                yield from sections(hint, f"{prefix}{name}.")


@pytest.mark.parametrize("stack", STACKS)
def test_everything_is_on(stack: str) -> None:
    config = everything(stack)
    settings: Any = parse_settings(config.values, config.secret_keys, stack)
    off: set[str] = set()
    for path, optional in sections(StackSettings):
        value: Any = settings
        for part in path.split("."):
            value = getattr(value, part, None)
        if optional and value is None and not any(path.startswith(apart) for apart in APART):
            off.add(path)
    assert off == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_type_is_mapped(name: str) -> None:
    assert types(recordings()[name]) - needs().keys() == set()


def test_every_type_of_bootstrap_is_mapped() -> None:
    assert types(recorded_account()) - needs().keys() == set()


def test_every_action_exists() -> None:
    actions = {action for need in needs().values() for some in need.values() for action in some}
    assert [action for action in sorted(actions) if expand(action) != {action}] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_deploying_role_and_its_boundary_allow_what_the_stack_needs(name: str) -> None:
    stack = name.partition(",")[0]
    lacking = {
        type_: gone
        for type_ in types(recordings()[name])
        if (gone := missing(f"deploy-{stack}", stack, [a for actions in needs()[type_].values() for a in actions]))
    }
    assert lacking == {}


@pytest.mark.parametrize("name", NAMES)
def test_previews_and_drift_detection_read_every_type_but_contents(name: str) -> None:
    stack = name.partition(",")[0]
    for role in (f"preview-{stack}", "drift"):
        lacking = {
            type_: gone
            for type_ in types(recordings()[name])
            if (gone := missing(role, stack, needs()[type_].get("read", [])))
        }
        assert lacking == {}, role
        for type_ in types(recordings()[name]):
            assert missing(role, stack, needs()[type_].get("contents", [])) == needs()[type_].get("contents", [])


def test_what_shows_contents_is_what_drift_detection_leaves_out() -> None:
    contents = {type_ for type_, need in needs().items() if "contents" in need}
    assert contents == {type_ for type_ in excluded() if type_.startswith("aws:")}
    assert all(("contents" in need) != ("read" in need) for need in needs().values())


def test_readers_change_nothing_of_any_type() -> None:
    policies = rights(recorded_account())
    for need in needs().values():
        reads = {action for other in needs().values() for action in other.get("read", [])}
        for action in {a for part in CHANGES for a in need.get(part, [])} - reads - {"kms:Decrypt"}:
            for role in ("preview-dev", "preview-prod", "drift"):
                assert not may(policies[role], action, "*") or re.search(r":(Get|List|Describe)", action)


def test_the_table_holds_every_recorded_type() -> None:
    page = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    everywhere = [*recordings().values(), recorded_account()]
    for type_ in set[str]().union(*(types(recording) for recording in everywhere)):
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{type_.removeprefix('aws:')}` |")]
        assert not row.endswith("|  |")
