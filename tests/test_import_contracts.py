"""The import contracts of pyproject.toml cover what is added later: packages, and components in any form."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
_PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")


_FILES = sorted(path.stem for path in ROOT.glob("*.py") if path.stem != "__main__")
_CONTRACTS = {contract["name"]: contract for contract in _CONFIG["contracts"]}


def test_every_package_is_analyzed_and_has_its_layer() -> None:
    assert _CONFIG["root_packages"] == _PACKAGES
    (layers,) = [contract["layers"] for contract in _CONTRACTS.values() if contract["type"] == "layers"]
    assert sorted(package for layer in layers for package in layer.split(" | ")) == _PACKAGES


def test_files_of_a_stack_are_kept_from_what_is_no_stack() -> None:
    assert _CONTRACTS["What is no stack knows nothing of a stack file"]["forbidden_modules"] == _FILES


def test_recovery_is_kept_from_every_package_that_is_not_above_it() -> None:
    (recovery,) = [contract for contract in _CONTRACTS.values() if contract.get("source_modules") == ["ops"]]
    assert recovery["forbidden_modules"] == [name for name in _PACKAGES if name not in _BESIDE_RECOVERY]


_BESIDE_RECOVERY = ("bench", "delivery", "engine", "ops")
"""Recovery and the packages that its layer keeps it from."""
FORBIDDEN = [
    ("components.queue", "bench.load"),
    ("components.queue", "engine.needs"),
    ("components.queue", "ops.errors"),
    ("analysis.plan", "ops.errors"),
    ("local.layout", "delivery.block"),
    ("policies.exceptions", "bootstrap.state"),
    ("policies.exceptions", "cross_checks.entry"),
    ("bootstrap.state", "cross_checks.entry"),
    ("ops.errors", "policies.exceptions"),
    ("ops.errors", "delivery.block"),
    ("ops.errors", "settings"),
    ("components.queue", "components.billing"),
    ("components.billing", "components.search"),
    ("components.search", "components.nodes"),
    ("components.common.names", "components.billing"),
    ("components.search", "settings"),
    ("bootstrap.state", "components.search"),
    ("policies.exceptions", "components.billing"),
    ("ops.errors", "components.search"),
    ("analysis.plan", "local.layout"),
    ("analysis.plan", "pages.names"),
    ("pages.names", "local.layout"),
]
"""Imports that somebody could add, from a module to another."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one more component, in a module, and another, in a package."""
    copy = tmp_path_factory.mktemp("program")
    for package in _PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", *(f"{module}.py" for module in _FILES)):
        shutil.copy(ROOT / name, copy)
    (copy / "components/billing.py").write_text('"""Another component."""\n')
    (copy / "components/search").mkdir()
    (copy / "components/search/__init__.py").write_text('"""Another component, of several files."""\n')
    return copy


@pytest.fixture(scope="module")
def report(program: Path) -> str:
    """What is said of a program that holds all of these imports."""
    assert _lint(program).returncode == 0, "the program as it is keeps every contract"
    for module, imported in FORBIDDEN:
        base = program.joinpath(*module.split("."))
        path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        path.write_text(f"{path.read_text()}\nimport {imported}\n")
    done = _lint(program)
    assert done.returncode == 1, done.stdout
    return done.stdout


@pytest.mark.parametrize(("module", "imported"), FORBIDDEN)
def test_another_component_is_covered(report: str, module: str, imported: str) -> None:
    assert f"{module} -> {imported} (" in report, report


def _lint(program: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=program, capture_output=True, text=True, check=False, timeout=300)
