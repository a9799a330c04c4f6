"""From a new digest to a changed stack file to a pull request, in a scratch repository."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from analysis.stackfiles import ROOT
from delivery import digest, propose
from delivery.digest import DigestError, image_of, with_digest

NEW = "sha256:" + "ab12" * 16
OTHER = "sha256:" + "cd34" * 16
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/flowise"
GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
"""


def stack_text(stack: str) -> str:
    return (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")


def test_only_the_image_changes(stack: str) -> None:
    before = stack_text(stack)
    after = with_digest(before, NEW, REPOSITORY)
    assert image_of(after) == f"{REPOSITORY}@{NEW}"
    changed = [(b, a) for b, a in zip(before.splitlines(), after.splitlines(), strict=True) if b != a]
    assert len(changed) == 1
    assert with_digest(after, NEW) == after, "twice is once"
    assert [line for line in after.splitlines() if "#" in line] == [line for line in before.splitlines() if "#" in line]


def test_the_repository_stays_unless_another_is_given(stack: str) -> None:
    before = stack_text(stack)
    assert image_of(with_digest(before, NEW)).partition("@")[0] == image_of(before).partition("@")[0]


SPELLINGS = {
    "quotes": '    image: "x/y@sha256:00"',
    "single quotes": "    image: 'x/y@sha256:00'",
    "comment behind": "    image: x/y@sha256:00 # build 7",
    "no newline at the end": "    image: x/y@sha256:00",
}


@pytest.mark.parametrize("line", SPELLINGS.values(), ids=list(SPELLINGS))
def test_the_line_keeps_its_spelling(line: str) -> None:
    database = "  flowise:database:\n    image: not/this@sha256:11\n"
    text = f"config:\n{database}  flowise:app:\n    # image: nor/this@sha256:22\n{line}"
    after = with_digest(text, NEW)
    assert after == text.replace("sha256:00", NEW)
    assert yaml.safe_load(after)["config"]["flowise:database"]["image"] == "not/this@sha256:11"


WRONG = {
    "no digest": ("", "image: x@sha256:00"),
    "a tag": ("3.1.4", "image: x@sha256:00"),
    "a short digest": ("sha256:ab12", "image: x@sha256:00"),
    "upper case": ("sha256:" + "AB12" * 16, "image: x@sha256:00"),
    "no image in the file": (NEW, "owner: x"),
    "an image with a tag": (NEW, "image: x:3"),
}


@pytest.mark.parametrize(("given", "line"), WRONG.values(), ids=list(WRONG))
def test_a_mistake_changes_nothing_and_is_explained(given: str, line: str) -> None:
    with pytest.raises(DigestError, match=r"digest|images under flowise:app"):
        with_digest(f"config:\n  flowise:app:\n    {line}\n", given)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with both stack files, in which commands run, and a `gh` that only takes notes."""
    origin, clone, bin_ = tmp_path / "origin.git", tmp_path / "clone", tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "gh").write_text(GH, encoding="utf-8")
    (bin_ / "gh").chmod(0o755)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "--quiet", "--bare", str(origin)], check=True)
    subprocess.run([*git, "clone", "--quiet", str(origin), str(clone)], check=True, capture_output=True)
    for stack in ("dev", "prod"):
        (clone / f"Pulumi.{stack}.yaml").write_text(stack_text(stack), encoding="utf-8")
    for command in (
        ["switch", "-q", "-c", "main"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["push", "-q", "origin", "main"],
    ):
        subprocess.run([*git, *command], cwd=clone, check=True, capture_output=True)
    monkeypatch.chdir(clone)
    monkeypatch.setenv("PATH", f"{bin_}:{os.environ['PATH']}")
    monkeypatch.setenv("GH_LOG", str(tmp_path / "gh.log"))
    return clone


def run_as_make_does(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-m", *arguments], env=env, capture_output=True, text=True, check=False)


def run(main: Callable[..., None], *arguments: str) -> Result:
    """The same without a process of its own."""
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def git_out(clone: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=clone, capture_output=True, text=True, check=True).stdout


def test_from_digest_to_pull_request_and_again(scratch: Path) -> None:
    (scratch / ".reports").mkdir()
    built = {"containerimage.digest": NEW, "image.name": f"{REPOSITORY}:abc123"}
    (scratch / ".reports" / "image.json").write_text(json.dumps(built), encoding="utf-8")

    current = image_of(stack_text("dev")).partition("@")[2]
    same = scratch / ".reports" / "same-layers.json"
    same.write_text(json.dumps([current]), encoding="utf-8")
    assert "same layers" in run_as_make_does("delivery.digest", "dev").stdout
    assert "nothing to propose" in run_as_make_does("delivery.propose", "dev").stdout
    same.write_text("[]", encoding="utf-8")

    done = run(digest.main, "dev")
    assert done.exit_code == 0, done.stderr
    assert git_out(scratch, "status", "--porcelain", "--untracked-files=no") == " M Pulumi.dev.yaml\n"
    assert "has this image already" in run(digest.main, "dev").stdout

    done = run(propose.main, "dev")
    assert done.exit_code == 0, done.stderr
    branch = "image/dev-ab12ab12ab12"
    assert branch in git_out(scratch, "ls-remote", "--heads", "origin")
    assert git_out(scratch, "diff", "--stat", "origin/main", "HEAD").startswith(" Pulumi.dev.yaml | 2 +-")
    calls = (scratch.parent / "gh.log").read_text(encoding="utf-8").splitlines()
    assert calls[0] == "auth setup-git"
    assert calls[1].startswith(f"pr create --base main --head {branch}")

    # The next night: the pull request is still open.
    git_out(scratch, "switch", "--quiet", "main")
    run(digest.main, "dev")
    again = run(propose.main, "dev")
    assert again.exit_code == 0
    assert "has been proposed before" in again.stdout
    assert len((scratch.parent / "gh.log").read_text(encoding="utf-8").splitlines()) == len(calls)

    # And after it was merged.
    git_out(scratch, "checkout", "--quiet", "--", ".")
    git_out(scratch, "merge", "--quiet", f"origin/{branch}")
    run(digest.main, "dev")
    assert "nothing to propose" in run(propose.main, "dev").stdout


def test_wrong_calls_are_explained(scratch: Path) -> None:
    for arguments, says in (
        (["nosuch", NEW], "there is no Pulumi.nosuch.yaml"),
        (["dev", "latest"], "is not a digest"),
    ):
        done = run(digest.main, *arguments)
        assert done.exit_code == 1
        assert says in done.stderr
    assert git_out(scratch, "status", "--porcelain") == ""
    assert OTHER not in (scratch / "Pulumi.dev.yaml").read_text(encoding="utf-8")
