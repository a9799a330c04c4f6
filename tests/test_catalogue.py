"""One catalogue says which types the program may register; what is not in it does not pass unseen."""

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from analysis.rights.account import recorded_account
from analysis.rights.stacks import recordings
from analysis.synthetic import OUTPUTS
from components.common import catalogue
from components.common.catalogue import AWS, CATALOGUE
from engine.provider.moto_calls import DELETIONS
from local.aws.cloud import HANDLERS

ROOT = Path(__file__).parents[1]
_PROGRAM = (
    *("__main__.py", "settings.py", "cross_checks.py", "VERSION", "Pulumi.yaml", "Pulumi.dev.yaml", "pyproject.toml"),
    *("analysis", "components", "local", "pages", "policies", "image", "engine", "bootstrap", "ops", "delivery"),
)
_UNKNOWN = """
import pulumi_aws

pulumi_aws.opensearch.Domain("search", engine_version="OpenSearch_2.19", opts=on_aws_provider)
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program that registers a data store which is in no table."""
    copy = tmp_path_factory.mktemp("program")
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in _PROGRAM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, copy)
    page = copy / "__main__.py"
    provider = "pulumi.ResourceOptions(provider=on_aws.providers[0])"
    page.write_text(page.read_text() + _UNKNOWN.replace("on_aws_provider", provider))
    return copy


def test_an_unknown_type_is_refused_by_the_policy_pack(changed: Path) -> None:
    done = _run(changed, "policy", "dev")
    assert done.returncode != 0, done.stdout
    assert "type_known" in done.stdout
    assert "aws:opensearch/domain:Domain" in done.stdout


def test_the_plan_counts_an_unknown_type(changed: Path) -> None:
    done = _run(changed, "plan", "dev")
    assert done.returncode == 0, done.stderr
    assert "USD a month + 1 without a price" in " ".join(done.stdout.split())


def test_all_that_the_programs_register_is_in_the_catalogue() -> None:
    registered = {r.type for recording in (*recordings().values(), recorded_account()) for r in recording.records}
    assert {t for t in registered if t.startswith(("aws:", "kubernetes:", "random:"))} <= CATALOGUE.keys()


def test_every_entry_is_found_and_no_type_has_two() -> None:
    modules = [import_module(f"{catalogue.__name__}.{m.name}") for m in iter_modules(catalogue.__path__)]
    found = sorted(entry.type for module in modules for entry in getattr(module, "ENTRIES", ()))
    assert found == sorted(CATALOGUE)


def test_every_type_of_aws_is_made_in_moto_or_says_why_not() -> None:
    assert HANDLERS.keys() == {type_ for type_, entry in AWS.items() if not entry.moto.recorded_only}


def test_a_deletion_that_takes_a_function_has_one() -> None:
    assert DELETIONS.keys() == {type_ for type_, entry in AWS.items() if entry.moto.delete == "function"}


def test_outputs_are_invented_for_types_of_the_catalogue() -> None:
    assert OUTPUTS.keys() <= CATALOGUE.keys()


def _run(program: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", *command],
        cwd=program,
        env={**os.environ, "COLUMNS": "240", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
