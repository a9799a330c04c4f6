"""Alarms that components describe themselves: each is made, and is told of where people look for a failure."""

import ast
import inspect
import re

import pytest

from analysis.sections import component_classes
from pages import alarms


def test_every_failure_names_alarms_that_there_are() -> None:
    known = alarms.all_alarms()
    failures = alarms.failures()
    for failure in failures:
        assert failure.seen_by or failure.note, failure.what
        assert set(failure.seen_by) <= known.keys(), failure.what
    assert len({failure.what for failure in failures}) == len(failures)


@pytest.mark.parametrize("package", alarms.described())
def test_every_alarm_that_a_component_describes_is_made_and_sees_a_failure(package: str) -> None:
    """A component whose `monitoring` is not handed on in `__main__.py` would have alarms that nobody gets."""
    module = alarms.described()[package]
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    named = [_argument(call, "name") for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Alarm"]
    names = {name.value for name in named if isinstance(name, ast.Constant)}
    assert names, "alarms.py describes no alarm"
    assert len(names) == len(named), "an alarm's name is written out, once, so that whoever is told of it finds it"
    assert names <= alarms.all_alarms().keys(), f"add components/{package} to `described` in __main__.py"
    assert names <= {name for failure in module.FAILURES for name in failure.seen_by}, "a failure in FAILURES for each"


def _argument(call: ast.Call, name: str) -> ast.expr:
    return next(keyword.value for keyword in call.keywords if keyword.arg == name)


def test_components_describe_alarms_in_the_module_that_the_page_reads() -> None:
    own = {
        component.__module__.split(".")[1]
        for component in component_classes().values()
        if "monitoring" in component.__annotations__
    }
    assert own == alarms.described().keys()


def test_alarms_without_a_failure_that_they_see_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(alarms.described()["retrieval"], "FAILURES")
    with pytest.raises(LookupError, match=re.escape("components/retrieval/alarms.py describes alarms and no failure")):
        alarms.failures()
