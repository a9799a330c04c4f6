"""`make preview-local`: a change of the working files against a commit, as text and as Markdown."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.stackfiles import ROOT
from engine.__main__ import app
from engine.change import StackChange, markdown, preview_change, text


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout of this commit with two edits that are not committed."""
    tree = tmp_path_factory.mktemp("checkout") / "tree"
    subprocess.run(["git", "-C", str(ROOT), "worktree", "add", "--quiet", "--detach", str(tree), "HEAD"], check=True)
    file = tree / "Pulumi.dev.yaml"
    stated = file.read_text("utf-8")
    for before, after in (
        ("instance_class: db.t4g.micro", "instance_class: db.t4g.large"),
        ("max_storage_gib: 100", "max_storage_gib: 200\n    password_generation: 2"),
    ):
        assert before in stated
        stated = stated.replace(before, after)
    file.write_text(stated, "utf-8")
    yield tree
    subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(tree)], check=True)


@pytest.fixture(scope="module")
def change(checkout: Path) -> StackChange:
    return preview_change("dev", "HEAD", checkout)


def test_a_change_is_shown_as_a_pull_request_would(change: StackChange) -> None:
    assert change.preview.good, change.preview.output[-2000:]
    shown = markdown(change)
    assert shown.startswith("### Preview of `dev`, compared with `HEAD`\n")
    assert (
        "| update in place | `aws:rds/instance:Instance` | `database` | `instanceClass`, `maxAllocatedStorage` |"
        in shown
    )
    assert "| replace | `random:index/randomPassword:RandomPassword` | `database` |" in shown
    assert "replace | `aws:rds/instance:Instance`" not in shown
    assert "delete |" not in shown


def test_the_text_is_the_engines_own_diff(change: StackChange) -> None:
    shown = text(change)
    assert "db.t4g.micro" in shown
    assert "db.t4g.large" in shown
    assert "Loading policy packs" not in shown


def test_an_unknown_commit_is_told() -> None:
    result = CliRunner().invoke(app, ["preview", "dev", "--base", "no-such-commit"])
    assert result.exit_code == 2
    assert "there is no commit no-such-commit to compare with" in result.output
    assert "BASE=" in result.output


def test_an_unknown_stack_is_told() -> None:
    result = CliRunner().invoke(app, ["preview", "staging", "--base", "HEAD"])
    assert result.exit_code == 2
    assert "stacks here: dev, prod" in result.output
