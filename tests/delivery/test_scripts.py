"""Scan, comparison, comment: against stand-ins for what AWS and GitHub would answer."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from delivery.comment import compose
from delivery.compare import difference
from delivery.reference import reference
from delivery.scan import ScanError, findings, platforms
from delivery.variables import commands
from tests.bootstrap.account import with_actions

INDEX = {
    "manifests": [
        {"digest": "sha256:amd", "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": "sha256:arm", "platform": {"os": "linux", "architecture": "arm64"}},
        {"digest": "sha256:att", "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
}


class NotFoundError(Exception):
    """What the client raises before the scan begins."""


class Registry:
    """Answers of ECR, one after the other; None stands for a scan that has not begun."""

    exceptions = SimpleNamespace(ScanNotFoundException=NotFoundError)

    def __init__(self, *answers: dict[str, Any] | None, index: dict[str, Any] | None = None) -> None:
        self.answers, self.index = list(answers), index

    def batch_get_image(self, **_: Any) -> dict[str, Any]:
        """Return the manifest."""
        return {"images": [{"imageManifest": json.dumps(self.index)}] if self.index is not None else []}

    def describe_image_scan_findings(self, **_: Any) -> dict[str, Any]:
        """Return the next answer; the last one for ever."""
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise NotFoundError
        return answer


def scan(status: str, **counts: int) -> dict[str, Any]:
    return {"imageScanStatus": {"status": status}, "imageScanFindings": {"findingSeverityCounts": counts}}


def test_every_platform_is_scanned_and_no_attestation() -> None:
    ecr: Any = Registry(index=INDEX)
    assert platforms(ecr, "flowise", "sha256:x") == ["sha256:amd", "sha256:arm"]
    single: Any = Registry(index={"layers": []})
    assert platforms(single, "flowise", "sha256:x") == ["sha256:x"]
    with pytest.raises(ScanError, match="run `make image` first"):
        platforms(Registry(), "flowise", "sha256:x")  # pyright: ignore[reportArgumentType]  # a stand-in


def test_a_scan_is_waited_for() -> None:
    waits: list[float] = []
    ecr: Any = Registry(None, scan("IN_PROGRESS"), scan("COMPLETE", HIGH=2, LOW=1))
    assert findings(ecr, "flowise", "sha256:x", pause=waits.append) == {"HIGH": 2, "LOW": 1}
    assert len(waits) == 2


@pytest.mark.parametrize(("answer", "says"), [(scan("FAILED"), "was not scanned"), (None, "no result after")])
def test_an_image_that_nobody_knows_is_refused(answer: dict[str, Any] | None, says: str) -> None:
    ecr: Any = Registry(answer)
    with pytest.raises(ScanError, match=says):
        findings(ecr, "flowise", "sha256:x", pause=lambda _: None)


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
    lines = commands(with_actions().exports)
    told = {line.split()[3] for line in lines}
    workflows = Path(__file__).resolve().parents[2] / ".github" / "workflows"
    asked = {name for path in workflows.glob("*.yml") for name in re.findall(r"vars\.(\w+)", path.read_text("utf-8"))}
    assert asked - told == {"DEPLOY_RUNNER", "PREVIEW_RUNNER"}, "the only ones that a person decides"
    assert "gh variable set AWS_REGION --body us-east-1" in lines
