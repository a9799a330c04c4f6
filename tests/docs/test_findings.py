"""The scripts in findings/: each is in the table, and says what it must, though CI does not run them."""

import os
import re
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT

FOLDER = ROOT / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
_PARTS = ["What", "Versions", "Why it matters", "Here"]


def test_the_table_lists_every_script_once() -> None:
    rows = re.findall(
        r"^\| \[([a-z0-9-]+)\]\(\1\.sh\) \|", (FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert rows == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_says_what_happens_and_fails_when_it_changes(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    comment, _, code = text.partition("\nset -euo pipefail\n")
    assert os.access(script, os.X_OK)
    assert re.findall(r"^# ([A-Z][a-z ]+):", comment, re.MULTILINE) == _PARTS
    assert re.findall(r'^echo "(version|behaviour|seen):', code, re.MULTILINE) == ["version", "behaviour", "seen"]
    assert "trap 'rm -rf \"$work\"' EXIT" in code
    assert re.search(r"^\[ \"\$seen\" = \"\$expected\" \] \|\| \{ .* exit 1; \}$", code, re.MULTILINE)
    assert not re.search(r"https?://|--index-url|--registry", code), "the packages come from the tools' own registry"
