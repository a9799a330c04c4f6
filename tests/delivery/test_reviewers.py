"""prod is deployed to only where people approve, or where a variable says that nobody has to."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.stackfiles import ROOT
from delivery.reviewers import problem

APPROVED: dict[str, Any] = {
    "name": "prod",
    "protection_rules": [
        {"type": "branch_policy"},
        {"type": "required_reviewers", "reviewers": [{"type": "User", "reviewer": {"login": "octocat"}}]},
    ],
}
"""As in the example of GitHub's page, Get an environment."""


CASES: list[tuple[dict[str, Any] | None, str, str]] = [
    (APPROVED, "", ""),
    (None, "", "there is no environment prod"),
    ({"protection_rules": []}, "", "has no required reviewers"),
    (
        {"protection_rules": [{"type": "wait_timer", "wait_timer": 30}]},
        "",
        "private ones of GitHub Enterprise only",
    ),
    ({"protection_rules": [{"type": "required_reviewers", "reviewers": []}]}, "", "has no required reviewers"),
    ({"protection_rules": []}, "staging", "gh variable set DEPLOY_WITHOUT_REVIEWERS --body prod"),
    ({"protection_rules": []}, "staging prod", ""),
    (None, "prod", ""),
]


@pytest.mark.parametrize(
    ("environment", "meant", "says"),
    CASES,
    ids=["approved", "no environment", "no rules", "a timer only", "nobody in it", "another is meant", "meant", "both"],
)
def test_an_environment_without_reviewers_is_refused(environment: dict[str, Any] | None, meant: str, says: str) -> None:
    found = problem("prod", environment, meant)
    assert bool(found) == bool(says)
    assert says in found


GH = """#!/bin/sh
echo "$@" >>"$CALLS"
cat "$ANSWER" >&"$STREAM"
exit $ENDS_WITH
"""
"""Stands for GitHub's command."""


@pytest.mark.parametrize(
    ("answer", "ends_with", "code", "says"),
    [
        (json.dumps(APPROVED), 0, 0, "environment prod: deployments to it are approved"),
        ('{"protection_rules": []}', 0, 1, "has no required reviewers"),
        ("gh: Not Found (HTTP 404)", 1, 1, "there is no environment prod"),
        ("gh: Resource not accessible by integration (HTTP 403)", 1, 1, "cannot ask GitHub"),
    ],
    ids=["approved", "no reviewers", "no environment", "no right to ask"],
)
def test_the_target_asks_github(answer: str, ends_with: int, code: int, says: str, tmp_path: Path) -> None:
    (tmp_path / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "answer").write_text(answer, encoding="utf-8")
    (tmp_path / "python3").symlink_to(sys.executable)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "ENVIRONMENT": "prod",
        "CALLS": str(tmp_path / "calls"),
        "ANSWER": str(tmp_path / "answer"),
        "ENDS_WITH": str(ends_with),
        "STREAM": "2" if ends_with else "1",
    }
    done = subprocess.run(
        ["make", "--no-print-directory", "reviewers"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert bool(done.returncode) == bool(code)
    assert says in done.stdout + done.stderr
    asked = (tmp_path / "calls").read_text(encoding="utf-8").split()
    assert asked == ["api", "repos/{owner}/{repo}/environments/prod"]
