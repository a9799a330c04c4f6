"""The mutations fit the program as it is: each changes one place of a file, and the file still compiles."""

import ast
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT, stack_names
from tests.engine.mutations import MUTATIONS, Mutation, copy_program

WANTED = 20


def test_there_are_twenty_of_different_names() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) == WANTED


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_changes_one_place(mutation: Mutation, tmp_path: Path) -> None:
    source = (ROOT / mutation.file).read_text("utf-8")
    assert source.count(mutation.old) == 1
    file = tmp_path / mutation.file
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
    mutation.apply(tmp_path)
    assert file.read_text("utf-8") != source
    ast.parse(file.read_text("utf-8"))


def test_a_copy_of_the_program_has_its_stacks(tmp_path: Path) -> None:
    copy_program(tmp_path / "checkout")
    assert stack_names(tmp_path / "checkout") == stack_names()
