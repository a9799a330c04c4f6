"""Comparison, comment, signature: against stand-ins for what AWS and GitHub would answer."""

import json
import re
from pathlib import Path

from delivery.comment import compose
from delivery.compare import difference
from delivery.reference import reference
from delivery.variables import commands
from tests.bootstrap.account import with_actions


def test_the_difference_of_two_plans() -> None:
    assert difference("a  \nb\n", "a\nb\n") == "", "trailing blanks of a terminal are no change"
    assert "+  12 USD" in difference("x\n  10 USD\n", "x\n  12 USD\n")


def test_a_report_cannot_leave_its_fence(tmp_path: Path) -> None:
    (tmp_path / "dev-preview.txt").write_text("ok\n````\n</details> @everybody\n", encoding="utf-8")
    (tmp_path / "prod-preview.txt").write_text("x\n" * 100_000, encoding="utf-8")
    text = compose(tmp_path)
    assert "dev: what Pulumi would change" in text
    fences = re.findall(r"^(`{5})(?:text)?$", text, flags=re.MULTILINE)
    assert len(fences) == 2, "longer than any run of backticks inside"
    assert "... cut; the artifact" in text
    assert len(text) < 65_536
    assert "No report was written" in compose(tmp_path / "nothing")


def test_the_signature_is_on_the_digest() -> None:
    metadata = json.dumps({"image.name": "x.amazonaws.com/flowise:tag", "containerimage.digest": "sha256:1"})
    assert reference(metadata) == "x.amazonaws.com/flowise@sha256:1"


def test_github_learns_all_that_the_workflows_ask_for() -> None:
    lines = commands(with_actions().exports, ["dev", "prod"])
    told = {line.split()[3] for line in lines}
    workflows = Path(__file__).resolve().parents[2] / ".github" / "workflows"
    asked = {name for path in workflows.glob("*.yml") for name in re.findall(r"vars\.(\w+)", path.read_text("utf-8"))}
    runners = {f"{work}RUNNER_{stack}" for work in ("", "PREVIEW_") for stack in ("DEV", "PROD")}
    assert asked - told == {*runners, "DEPLOY_WITHOUT_REVIEWERS"}, "the only ones that a person decides"
    assert "gh variable set AWS_REGION --body us-east-1" in lines
