"""Mistakes that no single section sees: each file of cross_checks is asked."""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import pytest

import cross_checks

THEMES = [module.name for module in pkgutil.iter_modules(cross_checks.__path__)]


@pytest.mark.parametrize("theme", THEMES)
def test_a_file_has_checks_by_a_name_that_is_asked_for(theme: str) -> None:
    module = importlib.import_module(f"cross_checks.{theme}")
    assert {"checks", "checks_when_deploying"} & vars(module).keys()
    asked = {name for name, value in vars(module).items() if callable(value) and value.__module__ == module.__name__}
    assert {name for name in asked if name.startswith("check")} <= {"checks", "checks_when_deploying"}


@pytest.mark.parametrize("theme", THEMES)
def test_what_a_file_finds_is_reported(theme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"cross_checks.{theme}")

    def found(sections: Mapping[str, Any]) -> list[str]:
        return [f"{theme}: {sections['region']}"]

    monkeypatch.setattr(module, "checks", found)
    sections = {"region": "eu-central-1"}
    assert f"{theme}: eu-central-1" in list(cross_checks.cross_checks(sections, deploying=False))
