"""One catalogue says which types the program may register; what is not in it does not pass unseen."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, cast

import pytest
from typer.testing import CliRunner, Result

from analysis import plan, program, recorder
from analysis.diagram.parts import PARTS
from analysis.recorder import Recording
from analysis.rights.account import recorded_account
from analysis.rights.stacks import recordings
from analysis.stackfiles import read_stack
from analysis.synthetic import OUTPUTS
from components.common import catalogue
from components.common.aws_names import TAGS
from components.common.catalogue import AWS, CATALOGUE, SERVICES, Service, api
from engine.provider.moto_calls import DELETIONS
from local.__main__ import make_app
from local.aws.cloud import HANDLERS
from policies.rules.pods import MAKES_PODS

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
_UNKNOWN = """
import pulumi_aws

pulumi_aws.dynamodb.Table("chats", hash_key="id", attributes=[{"name": "id", "type": "S"}], opts=on_aws_provider)
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """What dev would be if the program registered a data store which is in no table."""
    place = tmp_path_factory.mktemp("program")
    provider = "pulumi.ResourceOptions(provider=on_aws.providers[0])"
    page = (ROOT / "__main__.py").read_text() + _UNKNOWN.replace("on_aws_provider", provider)
    (place / "__main__.py").write_text(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "ROOT", place)
        patch.setattr(plan, "record", recorder.record)  # not the one that is kept
        patch.setattr(sys, "path", [str(place), *sys.path])  # which gets it for good where it is not there
        return plan.record_stack(read_stack("dev"))


@pytest.fixture
def run(changed: Recording, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a command that reads this program."""

    def recorded_before(*_: object, **__: object) -> Recording:
        return changed

    monkeypatch.setattr(plan, "record", recorded_before)
    monkeypatch.setenv("COLUMNS", "240")
    return lambda *words: CliRunner().invoke(make_app(words[0]), words, catch_exceptions=False)


def test_an_unknown_type_is_refused_by_the_policy_pack(run: Callable[..., Result]) -> None:
    done = run("policy", "dev")
    assert done.exit_code != 0, done.stdout
    assert "type_known" in done.stdout
    assert "aws:dynamodb/table:Table" in done.stdout


def test_the_plan_counts_an_unknown_type(run: Callable[..., Result]) -> None:
    done = run("plan", "dev")
    assert done.exit_code == 0, done.stderr
    assert "USD a month + 1 without a price" in " ".join(done.stdout.split())


def test_all_that_the_programs_register_is_in_the_catalogue() -> None:
    registered = {r.type for recording in (*recordings().values(), recorded_account()) for r in recording.records}
    assert {t for t in registered if t.startswith(("aws:", "kubernetes:", "random:"))} <= CATALOGUE.keys()


def test_every_entry_is_found_and_no_type_has_two() -> None:
    modules = [import_module(f"{catalogue.__name__}.{m.name}") for m in iter_modules(catalogue.__path__)]
    found = sorted(entry.type for module in modules for entry in getattr(module, "ENTRIES", ()))
    assert found == sorted(CATALOGUE)


def test_a_service_is_entered_once_in_a_file_of_types_that_name_it() -> None:
    modules = [import_module(f"{catalogue.__name__}.{m.name}") for m in iter_modules(catalogue.__path__)]
    found = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Service)}
    assert sorted(service.name for service in found.values()) == list(SERVICES)
    assert {entry.tags.name for entry in AWS.values() if entry.tags} == TAGS.keys()


def test_a_service_that_is_not_entered_is_told_where() -> None:
    with pytest.raises(KeyError, match="add a `Service` of this name to the file of its types in"):
        api("never-heard-of", "Create")


def test_every_type_of_aws_is_made_in_moto_or_says_why_not() -> None:
    assert HANDLERS.keys() == {type_ for type_, entry in AWS.items() if not entry.moto.recorded_only}


def test_a_deletion_that_takes_a_function_has_one() -> None:
    assert DELETIONS.keys() == {type_ for type_, entry in AWS.items() if entry.moto.delete == "function"}


def test_outputs_are_invented_for_types_of_the_catalogue() -> None:
    assert OUTPUTS.keys() <= CATALOGUE.keys()


def test_every_type_with_a_picture_is_drawn_with_it() -> None:
    assert {part.shows for part in PARTS.values() if part.shows} == {t for t, e in CATALOGUE.items() if e.picture}


def test_every_object_with_containers_is_one_whose_pods_the_policies_check() -> None:
    made = {r.type for recording in recordings().values() for r in recording.records if _has_containers(r.inputs)}
    assert made <= set(MAKES_PODS)


def _has_containers(value: Any) -> bool:
    if isinstance(value, dict):
        inputs = cast("dict[str, Any]", value)
        return "containers" in inputs or any(_has_containers(part) for part in inputs.values())
    return isinstance(value, list) and any(_has_containers(part) for part in cast("list[Any]", value))


_TOKEN = re.compile(r"(aws|kubernetes|random):[\w.-]+/\w+:[A-Z]\w+")
_FUNCTIONS = (ast.Name, ast.Attribute, ast.Lambda, ast.Call)


def test_no_list_of_types_is_kept_by_hand_elsewhere() -> None:
    """Tables from types to functions are none, and rules of the policy pack name what they look at."""
    files = {path: path.read_text() for folder in PACKAGES for path in (ROOT / folder).rglob("*.py")}
    kept = {
        f"{path.relative_to(ROOT)}:{line}"
        for path, text in files.items()
        if "aws:" in text or "kubernetes:" in text or "random:" in text
        for line in _lists_of_types(ast.parse(text))
    }
    allowed = re.compile(r"components/common/catalogue/|policies/rules/")
    assert {place for place in kept if not allowed.match(place)} == set()


def _lists_of_types(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            facts = [value for key, value in zip(node.keys, node.values, strict=True) if _is_type(key)]
            if len([value for value in facts if not isinstance(value, _FUNCTIONS)]) > 1:
                yield node.lineno
        elif isinstance(node, ast.Set | ast.List | ast.Tuple) and sum(map(_is_type, node.elts)) > 2:
            yield node.lineno


def _is_type(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_TOKEN.fullmatch(node.value))
