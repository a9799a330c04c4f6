"""`make plan-diff` compares a tree with a commit: here, two trees whose `local` says what a file of theirs holds."""

import subprocess
from pathlib import Path
from typing import Final

import pytest
from typer import Exit

from delivery.comment import compose
from delivery.compare import main

LOCAL: Final = """\
import pathlib, sys
command, stack, *rest = sys.argv[1:]
held = pathlib.Path(f"Pulumi.{stack}.yaml")
if not held.exists():
    sys.exit(f"there is no stack '{stack}'")
usd = held.read_text().strip()
if "--against" in rest:
    print(f"### Cost: from {pathlib.Path(rest[1]).read_text().strip()} to {usd} USD")
elif rest:
    print(usd)
else:
    print(f"the {command} of {stack} says {usd} USD")
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose last commit has a stack `dev` of 10 USD."""
    (tmp_path / "local.py").write_text(LOCAL, encoding="utf-8")
    (tmp_path / "Pulumi.dev.yaml").write_text("10", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=Test", "-c", "user.email=test@example.com"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Base"]):
        subprocess.run([*git, *command], check=True)
    return tmp_path


def reports(tree: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (tree / ".reports").iterdir()}


def test_a_change_of_cost_is_in_the_comment_of_a_pull_request(tree: Path) -> None:
    (tree / "Pulumi.dev.yaml").write_text("12", encoding="utf-8")
    main("dev", "HEAD")
    found = reports(tree)
    assert found["dev-cost.txt"] == "### Cost: from 10 to 12 USD\n"
    assert "-the plan of dev says 10 USD\n+the plan of dev says 12 USD\n" in found["dev-plan.diff"]
    comment = compose(tree / ".reports")
    assert "<summary>dev: what it costs a month</summary>" in comment
    assert found["dev-cost.txt"].strip() in comment


def test_no_change_is_said(tree: Path) -> None:
    main("dev", "HEAD")
    assert reports(tree)["dev-plan.diff"] == "The plan does not change.\n"


def test_the_whole_cost_of_a_new_stack_is_shown(tree: Path) -> None:
    (tree / "Pulumi.new.yaml").write_text("7", encoding="utf-8")
    main("new", "HEAD")
    found = reports(tree)
    assert found["new-cost.txt"] == "the cost of new says 7 USD\n"
    assert "-there is no stack 'new'\n+the plan of new says 7 USD\n" in found["new-plan.diff"]


def test_what_is_wrong_with_a_stack_file_is_in_the_report(tree: Path) -> None:
    (tree / "Pulumi.dev.yaml").unlink()
    main("dev", "HEAD")
    assert reports(tree)["dev-cost.txt"] == "there is no stack 'dev'\n"


def test_the_commit_that_was_compared_with_is_left_as_it_was(tree: Path) -> None:
    main("dev", "HEAD")
    listed = subprocess.run(["git", "worktree", "list"], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) == 1
    assert sorted(path.name for path in tree.iterdir() if path.name not in {".git", "__pycache__"}) == [
        ".reports", "Pulumi.dev.yaml", "local.py",
    ]  # fmt: skip


def test_a_stack_that_neither_tree_has_is_an_error(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as ended:
        main("nope", "HEAD")
    assert ended.value.exit_code == 1
    assert "there is no stack 'nope'" in capsys.readouterr().err
    assert not (tree / ".reports").exists()
