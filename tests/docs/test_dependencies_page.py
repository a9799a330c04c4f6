"""docs/dependencies.md has a line for each direct dependency, and says what it is for."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
_ROW = re.compile(r"^\| ([A-Za-z0-9._-]+) \| (`[^|]*|development) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def test_every_direct_dependency_has_a_line_that_says_what_it_is_for() -> None:
    files = ("requirements.in", "bootstrap/requirements.in", "requirements-dev.in")
    pinned = [name for file in files for name in _PINNED.findall((ROOT / file).read_text(encoding="utf-8"))]
    rows = _ROW.findall((ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8"))
    assert [name for name, _, _ in rows] == pinned
    assert all(purpose.strip() for _, _, purpose in rows)
