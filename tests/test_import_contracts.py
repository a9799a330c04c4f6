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


def test_every_package_is_analyzed() -> None:
    assert _CONFIG["root_packages"] == _PACKAGES


FORBIDDEN = [
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
    for name in ("pyproject.toml", "settings.py", "cross_checks.py", "renamed_keys.py"):
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
