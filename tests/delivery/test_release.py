"""A release: tag, version and changelog agree, and what is published is the changelog's own section."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from delivery.release import ReleaseError, main, notes
from settings import VERSION

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- something for later

## [1.4.0] - 2026-11-24

### Changed

- **Breaking:** a key has gone

## [1.3.9] - 2026-10-01

- an old thing

[1.4.0]: https://example.com/compare/v1.3.9...v1.4.0
"""


def test_the_text_is_the_section_and_nothing_of_its_neighbours() -> None:
    assert notes("v1.4.0", "1.4.0\n", CHANGELOG) == "### Changed\n\n- **Breaking:** a key has gone\n"


def test_links_at_the_end_are_no_text_of_the_last_section() -> None:
    oldest = CHANGELOG.replace("## [1.4.0] - 2026-11-24", "## [Unreleased too]")
    with pytest.raises(ReleaseError):
        notes("v1.3.9", "1.3.9", oldest)
    alone = "## [1.3.9] - 2026-10-01\n\n- an old thing\n\n[1.3.9]: https://example.com\n"
    assert notes("v1.3.9", "1.3.9", alone) == "- an old thing\n"


@pytest.mark.parametrize(
    ("tag", "version", "changelog", "says"),
    [
        ("v1.4.1", "1.4.0", CHANGELOG, "tag v1.4.1: VERSION says 1.4.0"),
        ("1.4.0", "1.4.0", CHANGELOG, "as v1.4.0"),
        ("v1.4", "1.4", CHANGELOG, "1.4 is no version"),
        ("v01.4.0", "01.4.0", CHANGELOG, "01.4.0 is no version"),
        ("v", "", CHANGELOG, "nothing is no version"),
        ("v1.5.0", "1.5.0", CHANGELOG, r"has no section `## \[1.5.0\]"),
        ("v1.3.9", "1.3.9", CHANGELOG, "newest section is 1.4.0"),
        ("v1.4.0", "1.4.0", CHANGELOG.replace("- 2026-11-24", ""), "1.4.0 needs the day"),
        ("v1.4.0", "1.4.0", CHANGELOG.replace("2026-10-01", "yesterday"), "1.3.9 needs the day"),
        ("v1.4.0", "1.4.0", "## [1.4.0] - 2026-11-24\n\n## [1.3.9] - 2026-10-01\n\n- x\n", "is empty"),
    ],
)
def test_what_does_not_agree_is_named(tag: str, version: str, changelog: str, says: str) -> None:
    with pytest.raises(ReleaseError, match=says):
        notes(tag, version, changelog)


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(ReleaseError) as caught:
        notes("v2.0.0", "1.5.0", CHANGELOG)
    assert len(str(caught.value).splitlines()) == 2


def run(tag: str | None, *interpreter: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "TAG"} | ({"TAG": tag} if tag else {})
    return subprocess.run(
        [sys.executable, *interpreter, "-m", "delivery.release"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_this_commit_can_be_released_with_nothing_installed() -> None:
    """`-S` leaves the installed packages out."""
    done = run(None, "-S")
    assert done.returncode == 0, done.stderr
    assert done.stdout == notes(f"v{VERSION}", VERSION, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def test_a_wrong_tag_ends_the_release_with_the_reason() -> None:
    done = run("v99.0.0")
    assert done.returncode == 1
    assert done.stderr.startswith("v99.0.0 cannot be released:\n  - tag v99.0.0: VERSION says ")
    assert done.stdout == ""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A clone with a release that is on the branch main of its origin."""
    clone = tmp_path / "clone"
    (tmp_path / "origin").mkdir()
    git(tmp_path / "origin", "init", "--quiet", "--bare", "--initial-branch", "main")
    git(tmp_path, "clone", "--quiet", str(tmp_path / "origin"), str(clone))
    (clone / "VERSION").write_text("1.4.0\n", encoding="utf-8")
    (clone / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    git(clone, "checkout", "--quiet", "-B", "main")
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "Release 1.4.0")
    git(clone, "push", "--quiet", "origin", "main")
    return clone


def git(directory: Path, *command: str) -> None:
    person = ("-c", "user.name=someone", "-c", "user.email=someone@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *person, *command], cwd=directory, capture_output=True, check=True)


def test_a_commit_of_the_branch_is_released_when_the_branch_has_moved_on(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TAG", "v1.4.0")
    monkeypatch.setenv("BRANCH", "main")
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Later")
    git(repository, "push", "--quiet", "origin", "main")
    git(repository, "checkout", "--quiet", "--detach", "HEAD~1")
    main(repository)
    assert capsys.readouterr().out == notes("v1.4.0", "1.4.0", CHANGELOG)


@pytest.mark.parametrize(
    ("branch", "says"), [("main", "the commit is not on it; merge it first"), ("trunk", "origin/trunk is not here")]
)
def test_a_commit_that_is_not_on_the_branch_is_not_released(
    repository: Path, monkeypatch: pytest.MonkeyPatch, branch: str, says: str
) -> None:
    monkeypatch.setenv("TAG", "v1.4.0")
    monkeypatch.setenv("BRANCH", branch)
    git(repository, "commit", "--quiet", "--allow-empty", "--message", "Not reviewed")
    git(repository, "push", "--quiet", "origin", "HEAD:other")
    with pytest.raises(SystemExit, match=says):
        main(repository)


GH = """#!/bin/sh
echo "$@" >>"$CALLS"
case "$2" in view) exit $VIEW_ENDS_WITH ;; create) cp "$8" "$CALLS.notes" ;; esac
"""
"""Stands for GitHub's command: notes what it is asked, and keeps the text of a new release."""


@pytest.mark.parametrize(
    ("view_ends_with", "asked"), [(1, ["view", "create"]), (0, ["view"])], ids=["new", "there already"]
)
def test_a_release_is_made_once(tmp_path: Path, view_ends_with: int, asked: list[str]) -> None:
    gh, calls, tag = tmp_path / "gh", tmp_path / "calls", f"v{VERSION}"
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "TAG": tag,
        "CALLS": str(calls),
        "VIEW_ENDS_WITH": str(view_ends_with),
    }
    command = ["make", "--no-print-directory", "release", f"REPORTS={tmp_path}"]
    subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    lines = calls.read_text(encoding="utf-8").splitlines()
    assert [line.split()[:3] for line in lines] == [["release", verb, tag] for verb in asked]
    if "create" in asked:
        expected = notes(tag, VERSION, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        assert (tmp_path / "calls.notes").read_text(encoding="utf-8") == expected


def test_the_version_is_an_output_of_every_stack(recording: Recording) -> None:
    assert recording.exports["version"] == VERSION


def test_the_workflow_gates_before_it_writes() -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    gate, _, publish = text.partition("\n  publish:")
    gates = re.findall(r"^make (\S+)$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert re.findall(r"run: make (\S+)", gate) == ["release-check", *gates]
    assert "BRANCH: ${{ github.event.repository.default_branch }}" in gate
    assert "fetch-depth: 0" in gate, "a tag's commit alone does not say which branch it is on"
    assert re.findall(r"run: make (\S+)", publish) == ["release"]
    assert "needs: gate" in publish
