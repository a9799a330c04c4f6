"""What sets two stacks apart: every setting that differs, defaults included, and every item of the bill."""

from functools import cache
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis import stack_difference
from analysis.stack_difference import SettingDifference, StackDifference, compare, setting_differences
from analysis.stackfiles import StackConfig, read_stack
from local.__main__ import make_app
from settings import StackSettings, parse_settings
from tests.conftest import edited, recorded


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the recording of stacks that other tests have recorded."""

    def recall(config: StackConfig) -> Any:
        return recorded(config.stack)

    monkeypatch.setattr(stack_difference, "record_stack", recall)


@cache
def small() -> StackDifference:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stack_difference, "record_stack", lambda config: recorded(config.stack))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType, reportUnknownMemberType]
        return compare("small", "prod")


def settings(stack: str, edits: dict[str, Any] | None = None) -> StackSettings:
    config = edited(stack, edits or {})
    return parse_settings(config.values, config.secret_keys, stack)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(make_app("difference"), ["difference", *arguments], env={"COLUMNS": "160"})
    return result.exit_code, result.output


def test_a_default_that_one_file_changes_is_a_difference() -> None:
    """Prod says nothing about `multi_az` and `nat`: what holds is their default."""
    assert "multi_az" not in read_stack("prod").values["flowise:database"]
    found = {each.key: (each.value, each.other) for each in small().settings}
    assert found["database.multi_az"] == ("false", "true")
    assert found["network.zones"] == ("us-east-1a, us-east-1b", "us-east-1a, us-east-1b, us-east-1c")
    assert "protected" not in found, "both keep what holds data"
    assert "backup.continuous_days" not in found


def test_a_section_that_one_stack_lacks_is_listed_by_what_its_file_says() -> None:
    found = [each for each in small().settings if each.key.startswith("queue.")]
    assert found == [
        SettingDifference(key="queue.node_type", value="none", other="cache.t4g.small"),
        SettingDifference(key="queue.nodes", value="none", other="2"),
    ]


def test_a_section_that_says_nothing_is_listed_too() -> None:
    with_nodes, without = settings("dev", {"nodes": {}}), settings("dev", {"nodes": None})
    assert list(setting_differences(with_nodes, without)) == [
        SettingDifference(key="nodes", value="with its defaults", other="none")
    ]


def test_the_items_add_up_to_the_difference_of_the_bills() -> None:
    found = small()
    assert sum(each.month for each in found.items) == pytest.approx(
        found.cost.total() - found.other_cost.total(), abs=0.05
    )
    assert found.cost.total() < found.other_cost.total() / 2
    largest = [abs(each.month) for each in found.items]
    assert largest == sorted(largest, reverse=True)


def test_the_command_shows_settings_and_money() -> None:
    code, text = run("small")
    assert code == 0
    for each in small().settings:
        assert each.key in text
    assert f"small costs about {small().cost.total():,.0f} USD a month" in text
    assert "cache.t4g.small" in text


def test_a_stack_does_not_differ_from_itself() -> None:
    assert run("small", "--against", "small") == (0, "small and small have the same settings and cost the same.\n")


def test_an_unknown_stack_is_an_error_with_the_ones_that_exist() -> None:
    code, text = run("small", "--against", "prd")
    assert code == 1
    assert "there is no stack 'prd'" in text
    assert "stacks here: dev, prod, small" in text
