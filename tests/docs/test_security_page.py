"""docs/security.md: what it names is there, and what it tells people to do works."""

import re
from functools import cache
from typing import Any, cast

import pytest
import yaml

from analysis.stackfiles import ROOT
from policies.evaluate import EXCEPTION_RULES
from policies.rules import RULES
from settings import PROJECT, StackSettings
from tests.components.edge_evaluator import Edge, HttpRequest
from tests.conftest import recorded_with

PAGE = ROOT / "docs" / "security.md"
TEXT = PAGE.read_text(encoding="utf-8")
RULE_NAMES = {*(rule.id for rule in RULES), *EXCEPTION_RULES}


def words() -> list[str]:
    """Everything between backticks, blocks of code left out."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))


def rows(heading: str) -> list[list[str]]:
    """Cells of every table below a heading, without the head of the tables."""
    (section,) = re.findall(rf"^{re.escape(heading)}\n(.*?)(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE)
    lines = [line for line in str(section).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [number for number, row in enumerate(cells) if set(row[0]) == {"-"}]
    heads = {head for number in rules for head in (number, number - 1)}
    return [row for number, row in enumerate(cells) if number not in heads]


def test_every_rule_is_one() -> None:
    named = [word for word in words() if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", word)]
    assert len(set(named)) > 40
    assert set(named) <= RULE_NAMES


def test_every_file_and_test_is_there() -> None:
    named = [word for word in words() if re.match(r"(tests|image|docs|components)/", word)]
    assert len(set(named)) > 30
    for word in named:
        file, _, test = word.partition("::")
        assert (ROOT / file).is_file(), word
        if test:
            assert re.search(rf"^def {re.escape(test)}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), (
                word
            )


@cache
def schema() -> dict[str, Any]:
    return StackSettings.model_json_schema()


def setting(path: str) -> bool:
    """Whether a stack file knows the key `section.key`."""
    node = schema()
    for key in path.split("."):
        if key not in node.get("properties", {}):
            return False
        node = cast("dict[str, Any]", node["properties"][key])
        for option in [node, *cast("list[dict[str, Any]]", node.get("anyOf", []))]:
            if "$ref" in option:
                node = cast("dict[str, Any]", schema()["$defs"][str(option["$ref"]).rsplit("/", 1)[1]])
    return True


def test_every_setting_is_one() -> None:
    named = [
        word.removeprefix(f"{PROJECT}:") for word in words() if re.fullmatch(r"(flowise:)?[a-z_]+(\.[a-z_]+)*", word)
    ]
    keys = [word for word in named if "." in word or f"{PROJECT}:{word}" in words()]
    assert len(set(keys)) >= 5
    assert [key for key in keys if not setting(key)] == []


def test_every_control_is_held_by_a_rule_or_a_test() -> None:
    controls = rows("## What each layer stops")
    assert len(controls) > 30
    for control in controls:
        held_by = " ".join(control[2:])
        assert "test" in held_by, control[0]
        assert control[2] == "none" or RULE_NAMES & set(re.findall(r"`(\w+)`", control[2])), control[0]


def test_every_layer_is_there() -> None:
    layers = re.findall(r"^### (.+)$", TEXT, flags=re.MULTILINE)
    assert layers == [
        "Edge", "Sign-in and load balancer", "Network", "Pods", "Rights", "Keys and secrets", "Data stores", "Backups",
        "Delivery", "Policy pack",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/openai-assistants-file/download",
        "/API/v1/openai-assistants-file/%64ownload",
        "/api/v1/oauth2-credential/refresh/7c0e",
    ],
)
def test_what_the_page_tells_to_block_is_blocked(path: str) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)
    told = cast("dict[str, Any]", yaml.safe_load(block))["flowise:edge"]["blocked_paths"]
    edge = Edge(recorded_with("prod", {"edge.blocked_paths": told}))
    assert edge.decide(HttpRequest(method="POST", path=path, address="203.0.113.9")).refused_by == "BlockedPaths"
    other = edge.decide(HttpRequest(method="POST", path="/api/v1/prediction/7c0e", address="203.0.113.9"))
    assert other.refused_by is None
