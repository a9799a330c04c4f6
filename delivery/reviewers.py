"""`make reviewers`: refuse an environment of GitHub that lets a deployment through without anybody's approval.

Needs Python and gh alone: the job that asks installs nothing and has no right but to read.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

MEANT = "DEPLOY_WITHOUT_REVIEWERS"
"""Repository variable with the names of environments that nobody has to approve, apart from each other by blanks."""
_PLANS = (
    "GitHub has required reviewers in public repositories, and in private ones of GitHub Enterprise only "
    "(docs.github.com, Managing environments for deployment)"
)


def problem(name: str, environment: Mapping[str, Any] | None, meant: str = "") -> str:
    """Why `name` must not be deployed to; empty when people approve, or when it is meant that nobody does."""
    if name in meant.split():
        return ""
    todo = (
        f"Add reviewers (Settings, Environments, {name}); or, where a merge by itself shall deploy, say so: "
        f"`gh variable set {MEANT} --body {name}`"
    )
    if environment is None:
        return f"there is no environment {name}, so nobody approves what is deployed. {todo}"
    rules: list[Mapping[str, Any]] = environment.get("protection_rules") or []
    if not any(rule.get("type") == "required_reviewers" and rule.get("reviewers") for rule in rules):
        return f"environment {name} has no required reviewers, so every merge is deployed at once. {_PLANS}. {todo}"
    return ""


def ask(name: str) -> Mapping[str, Any] | None:
    """The environment as GitHub's REST API gives it (Get an environment); None when there is none."""
    command = ["gh", "api", f"repos/{{owner}}/{{repo}}/environments/{name}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "HTTP 404" in done.stderr:
        return None
    if done.returncode:
        sys.exit(f"cannot ask GitHub for the environment {name}, so it is not deployed to: {done.stderr.strip()}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    wanted = os.environ.get("ENVIRONMENT", "")
    if found := problem(wanted, ask(wanted), os.environ.get(MEANT, "")):
        sys.exit(found)
    sys.stdout.write(f"environment {wanted}: deployments to it are approved, or it is meant that they are not\n")
