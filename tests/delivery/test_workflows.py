"""The workflows: every step a make target, every action pinned, no right that a job does not need."""

import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from analysis.stackfiles import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NEEDS_MORE = {
    # target: what it needs that is not here; each says so itself (below)
    "preview": "pulumi",
    "deploy": "pulumi",
    "drift": "pulumi",
    "reviewers": "gh",
    "image": "docker",
    "image-files": "docker",
    "image-sign": "cosign",
    "image-pull-request": "gh",
    "comment": "gh",
    "issue": "gh",
    "release": "gh",
}
RUNS_HERE = {
    # target: where it is run in full
    "setup", "check", "policy", "test", "engine-test", "kubernetes", "engine-kubernetes", "e2e",  # .ci/run
    "plan", "plan-diff", "image-digest",  # below, and tests/delivery/test_digest.py
    "engine-mutations",  # every night alone: it takes longer than the gate may
    "retrieval-test",  # every night alone: it needs Java
    "image-fit",  # tests/delivery/test_image_fit.py
    "release-check",  # tests/delivery/test_release.py
}  # fmt: skip
ANSWERED_BY_AWS = {"image-scan", "image-changes", "restore-drill"}
"""Their code runs against stand-ins in tests/delivery/test_scan.py, test_layers.py and test_drill.py."""
ASKS_REPOSITORIES = {"chart-rights"}
"""Charts come from their makers' repositories; with stand-ins in tests/delivery/test_chart_rights.py."""


@cache
def load(path: Path) -> dict[str, Any]:
    """A workflow; YAML 1.1 reads its key `on` as true."""
    return cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


def jobs() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path.stem, name, job) for path in FILES for name, job in load(path)["jobs"].items()]


def steps() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{workflow}/{name}", step) for workflow, name, job in jobs() for step in job["steps"]]


def targets() -> set[str]:
    """Everything that make can be asked for."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+):.*## ", makefile, flags=re.MULTILINE))


def used() -> set[str]:
    return {step["run"].removeprefix("make ").strip() for _, step in steps() if "run" in step}


def test_all_workflows_are_there() -> None:
    night = {"drift", "kubernetes", "mutations", "restore-drill", "retrieval"}
    assert {path.stem for path in FILES} == {"test", "preview", "deploy", "image", "release"} | night


def test_every_step_is_a_make_target_that_exists() -> None:
    for where, step in steps():
        if "run" in step:
            assert re.fullmatch(r"make [a-z0-9-]+", step["run"].strip()), where
            assert step["run"].split()[1] in targets(), where


def test_every_action_is_pinned_and_says_its_version() -> None:
    for path in FILES:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
        assert lines
        for line in lines:
            assert re.search(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+\b", line), f"{path.name}: {line}"


def test_one_version_of_each_action() -> None:
    pins = {step["uses"] for _, step in steps() if "uses" in step}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_workflow_trusts_what_a_stranger_sends(path: Path) -> None:
    events = cast("dict[Any, Any]", load(path)).get(True)
    assert isinstance(events, dict)
    assert not {"pull_request_target", "workflow_run", "issue_comment"} & events.keys()
    assert load(path)["permissions"] == {}, "jobs ask for what they need"
    assert "secrets." not in path.read_text(encoding="utf-8"), "no key is kept anywhere"


def test_a_pull_requests_token_writes_nothing_but_the_comment() -> None:
    for workflow, name, job in jobs():
        if "pull_request" not in cast("dict[Any, Any]", load(ROOT / f".github/workflows/{workflow}.yml"))[True]:
            continue
        writes = {right for right, level in job["permissions"].items() if level != "read"}
        if workflow == "preview" and name in {"comment", "comment-prod"}:
            assert writes == {"pull-requests"}
            (checkout,) = [step for step in job["steps"] if "actions/checkout" in step.get("uses", "")]
            assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}", (
                "never runs what it evaluates"
            )
        elif workflow == "preview" and name in {"dev", "prod"}:
            assert writes == {"id-token"}
            assert "head.repo.full_name == github.repository" in job["if"], "forks get no token of AWS"
        else:
            assert writes == set(), f"{workflow}/{name}"


def test_a_preview_that_opens_prods_state_waits_for_reviewers() -> None:
    """Which environment that is, and that the role trusts no other token: tests/bootstrap/test_trust.py."""
    jobs_ = load(ROOT / ".github/workflows/preview.yml")["jobs"]
    account = yaml.safe_load((ROOT / "bootstrap" / "Pulumi.account.yaml").read_text(encoding="utf-8"))
    stacks = account["config"]["flowise-bootstrap:stacks"]
    assert {stack: jobs_[stack].get("environment") for stack in stacks} == {
        stack: settings.get("preview_environment") for stack, settings in stacks.items()
    }
    assert stacks["prod"]["preview_environment"] == "prod-preview"
    for stack in stacks:
        roles = [
            step["with"]["role-to-assume"] for step in jobs_[stack]["steps"] if "role-to-assume" in step.get("with", {})
        ]
        assert roles == [f"${{{{ vars.PREVIEW_{stack.upper()}_ROLE_ARN }}}}"]


def test_no_job_may_both_reach_aws_and_write_to_github() -> None:
    for workflow, name, job in jobs():
        writes = {right for right, level in job["permissions"].items() if level == "write"}
        assert not ("id-token" in writes and writes - {"id-token"}), f"{workflow}/{name}"


def test_every_job_ends_and_none_deploys_twice_at_once() -> None:
    for workflow, name, job in jobs():
        assert 0 < job["timeout-minutes"] <= 120, f"{workflow}/{name}"
    for path in FILES:
        workflow = load(path)
        groups = [job["concurrency"]["group"] for job in workflow["jobs"].values() if "concurrency" in job]
        assert "concurrency" in workflow or len(groups) == len(set(groups)) == len(workflow["jobs"]), path.name
    deploy = load(ROOT / ".github/workflows/deploy.yml")
    for job in (deploy["jobs"]["dev"], deploy["jobs"]["prod"]):
        assert job["concurrency"]["cancel-in-progress"] is False
    assert deploy["jobs"]["prod"]["needs"] == ["dev", "reviewers"], "and no `always()`: what is refused stops it"
    assert "always()" not in deploy["jobs"]["prod"]["if"]
    assert deploy["jobs"]["prod"]["environment"] == "prod"


def test_a_run_that_waits_for_reviewers_holds_nothing_but_its_own_job() -> None:
    """GitHub, concurrency: a run that waits for an approval is in progress and holds the group of its workflow."""
    for path in FILES:
        workflow = load(path)
        if any("environment" in job for job in workflow["jobs"].values()):
            group = workflow.get("concurrency", {"group": "none", "cancel-in-progress": True})
            assert group["cancel-in-progress"] is True, f"{path.name}: the next run waits as long as the reviewers do"


def test_checkouts_leave_no_token_behind() -> None:
    for where, step in steps():
        if "actions/checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False, where


def test_one_variable_decides_who_deploys() -> None:
    for workflow, name in (("deploy", "dev"), ("deploy", "prod"), ("drift", "look")):
        job = load(ROOT / f".github/workflows/{workflow}.yml")["jobs"][name]
        assert "vars.DELIVERY != 'pulumi-deployments'" in job["if"]


def test_no_image_is_signed_or_proposed_that_does_not_fit_a_stack() -> None:
    jobs_ = load(ROOT / ".github/workflows/image.yml")["jobs"]
    runs = [step["run"] for step in jobs_["build"]["steps"] if "run" in step]
    assert runs.index("make image") < runs.index("make image-files") < runs.index("make image-fit")
    assert runs.index("make image-sign") > max(at for at, run in enumerate(runs) if run == "make image-fit")
    compared = {step["env"]["STACK"] for step in jobs_["build"]["steps"] if step.get("run") == "make image-fit"}
    assert compared == set(jobs_["propose"]["strategy"]["matrix"]["stack"])
    assert jobs_["propose"]["needs"] == "build"


def test_every_target_of_a_workflow_is_accounted_for() -> None:
    assert used() == NEEDS_MORE.keys() | (RUNS_HERE & used()) | ANSWERED_BY_AWS | ASKS_REPOSITORIES


@pytest.mark.parametrize("target", sorted(NEEDS_MORE))
def test_a_target_says_what_it_needs(target: str, tmp_path: Path) -> None:
    """On a machine with nothing but make and a shell (the environment itself is there already)."""
    for tool in ("sh", "env", "mkdir", "touch"):
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        (tmp_path / tool).symlink_to(found)
    make = subprocess.run(["which", "make"], capture_output=True, text=True, check=True).stdout.strip()
    done = subprocess.run(
        [make, "--no-print-directory", "--assume-old=.venv/ready", target, "STACK=dev"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert f"make {target} needs {NEEDS_MORE[target]}: " in done.stderr


def test_dependency_updates_are_grouped_and_wait() -> None:
    updates = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {u["package-ecosystem"] for u in updates} == {"github-actions", "pip", "bun", "npm", "docker"}
    for update in updates:
        assert update["cooldown"]["default-days"] >= 7
        assert update["package-ecosystem"] == "docker" or update["groups"]
        for directory in update.get("directories", [update.get("directory")]):
            assert (ROOT / directory.strip("/")).is_dir()


RUNS_ON = (
    "${{{{ format(startsWith({0}, 'codebuild-') && '{{0}}-{{1}}-{{2}}' || '{{0}}', {0} || 'ubuntu-24.04', "
    "github.run_id, github.run_attempt) }}}}"
)
"""A runner of CodeBuild has the run and its attempt in its label (CodeBuild user guide, "Label overrides")."""


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_each_stack_has_runners_of_its_own(stack: str) -> None:
    """The networks of two stacks are two, and code that nobody has merged does not choose the deployment's runner."""
    own = f"vars.RUNNER_{stack.upper()}"
    assert load(ROOT / ".github/workflows/deploy.yml")["jobs"][stack]["runs-on"] == RUNS_ON.format(own)
    preview = load(ROOT / ".github/workflows/preview.yml")["jobs"][stack]["runs-on"]
    assert preview == RUNS_ON.format(f"vars.PREVIEW_RUNNER_{stack.upper()}")
    drift = load(ROOT / ".github/workflows/drift.yml")["jobs"]["look"]
    assert drift["runs-on"] == RUNS_ON.format("matrix.runner")
    (runner,) = [each["runner"] for each in drift["strategy"]["matrix"]["include"] if each["stack"] == stack]
    assert runner == f"${{{{ {own} }}}}"


def test_no_other_job_runs_in_a_network() -> None:
    inside = {f"{workflow}/{name}" for workflow, name, job in jobs() if "vars." in str(job["runs-on"])}
    assert inside == {"deploy/dev", "deploy/prod", "preview/dev", "preview/prod"}
    for workflow, name, job in jobs():
        if f"{workflow}/{name}" not in inside | {"drift/look"}:
            assert "${{" not in str(job["runs-on"]), f"{workflow}/{name}"


def test_the_page_names_every_workflow_and_what_a_pull_request_is_tested_by() -> None:
    page = (ROOT / "docs" / "day-two.md").read_text(encoding="utf-8")
    rows = {row[1]: row[0] for row in re.finditer(r"^\| ([\w-]+) \|.*$", page, re.MULTILINE)}
    assert [file.stem for file in FILES if file.stem not in rows] == []
    runs = re.findall(r"- run: make ([a-z0-9-]+)", (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    assert [target for target in runs if target != "plan" and f"`make {target}`" not in rows["test"]] == []
