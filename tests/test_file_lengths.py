"""A file that a reader can hold in mind."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES = 400
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


@pytest.mark.parametrize("name", [*PACKAGES, "tests"])
def test_no_file_of_a_package_or_of_its_tests_is_longer(name: str) -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / name).rglob("*.py")}
    assert {str(path): count for path, count in lines.items() if count > MOST_LINES} == {}
