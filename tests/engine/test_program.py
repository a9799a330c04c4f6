"""The programs that the engine's language host runs: each has its own modules, and imports them once."""

import sys
from pathlib import Path

import pytest

import settings
from engine.program import program


def checkout(directory: Path, says: str) -> Path:
    """A program that notes what the module `settings` beside it says, and how often that was imported."""
    directory.mkdir()
    (directory / "settings.py").write_text(_noting(directory / "imported", "'i'") + f"SAYS = {says!r}\n")
    (directory / "__main__.py").write_text("import settings\n" + _noting(directory / "said", "settings.SAYS"))
    return directory


def _noting(file: Path, expression: str) -> str:
    return f"with open({str(file)!r}, 'a') as file:\n    file.write({expression})\n"


def test_two_checkouts_have_their_own_modules_and_import_them_once(tmp_path: Path) -> None:
    before, after = checkout(tmp_path / "before", "old"), checkout(tmp_path / "after", "new")
    path = list(sys.path)
    for directory in (before, after, before, after):
        program(directory)()
    assert [(each / "said").read_text() for each in (before, after)] == ["oldold", "newnew"]
    assert [(each / "imported").read_text() for each in (before, after)] == ["i", "i"]
    assert sys.modules["settings"] is settings, "what the caller has imported stays"
    assert sys.path == path


def test_a_program_that_fails_leaves_the_callers_modules(tmp_path: Path) -> None:
    broken = checkout(tmp_path / "broken", "")
    (broken / "__main__.py").write_text("import settings\nsettings.MISSING\n")
    with pytest.raises(AttributeError):
        program(broken)()
    assert sys.modules["settings"] is settings
