"""The order of the engine's runs, which is a list of files: a name that is wrong would change it without a word."""

from pathlib import Path

from tests.engine.runs.conftest import LONGEST_FIRST, ONE_PROCESS

FILES = {file.name for file in (Path(__file__).parent / "runs").glob("test_*.py")}


def test_every_file_has_its_place_and_every_place_its_file() -> None:
    assert sorted(LONGEST_FIRST) == sorted(FILES), "correct LONGEST_FIRST in tests/engine/runs/conftest.py"


def test_files_that_share_a_stack_are_there() -> None:
    assert {*ONE_PROCESS} <= FILES, "correct ONE_PROCESS in tests/engine/runs/conftest.py"
