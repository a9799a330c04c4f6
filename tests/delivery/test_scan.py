"""The scan of an image: every platform, both scanners, and what is refused, accepted and told."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from analysis.stackfiles import ROOT
from delivery.accepted import PATH, AcceptedError, AcceptedFinding, read_accepted
from delivery.scan import ImageFinding, ScanError, entries_to_fill_in, findings, platforms, problems

DIGEST = "sha256:" + "ab12" * 16
TODAY = date(2026, 11, 27)
ASKED = {"repositoryName": "flowise", "imageId": {"imageDigest": DIGEST}}
INDEX = {
    "manifests": [
        {"digest": "sha256:amd", "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": "sha256:arm", "platform": {"os": "linux", "architecture": "arm64"}},
        {"digest": "sha256:att", "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
}

Answer = dict[str, Any] | str


@pytest.fixture
def registry() -> Callable[..., Any]:
    """A client of ECR that gives these answers in their order; a text is an error of the service."""

    def answering(*answers: tuple[str, Answer]) -> Any:
        client = cast("Any", boto3).client("ecr", region_name="us-east-1")
        stubber = Stubber(client)
        for operation, answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer)
            else:
                stubber.add_response(operation, answer)
        stubber.activate()
        return client

    return answering


def scan(status: str, **found: Any) -> tuple[str, Answer]:
    answer: Answer = {
        "imageScanStatus": {"status": status},
        "imageScanFindings": {"findingSeverityCounts": {}, **found},
    }
    return "describe_image_scan_findings", answer


def basic(name: str, severity: str, package: str, **attributes: str) -> dict[str, Any]:
    pairs = {"package_name": package, **attributes}
    return {"name": name, "severity": severity, "attributes": [{"key": k, "value": v} for k, v in pairs.items()]}


def enhanced(name: str, severity: str, package: str, fixed_in: str) -> dict[str, Any]:
    packages = [{"name": package, "version": "1", "fixedInVersion": fixed_in}]
    return {
        "severity": severity,
        "packageVulnerabilityDetails": {"vulnerabilityId": name, "vulnerablePackages": packages},
    }


def manifest(body: dict[str, Any] | None) -> tuple[str, Answer]:
    return "batch_get_image", {"images": [] if body is None else [{"imageManifest": json.dumps(body)}]}


def test_every_platform_is_scanned_and_no_attestation(registry: Callable[..., Any]) -> None:
    assert platforms(registry(manifest(INDEX)), "flowise", DIGEST) == ["sha256:amd", "sha256:arm"]
    assert platforms(registry(manifest({"layers": []})), "flowise", DIGEST) == [DIGEST]
    with pytest.raises(ScanError, match="run `make image` first"):
        platforms(registry(manifest(None)), "flowise", DIGEST)


def test_a_scan_is_waited_for(registry: Callable[..., Any]) -> None:
    waits: list[float] = []
    found = [basic("CVE-2026-1", "HIGH", "libc6"), basic("CVE-2026-2", "LOW", "libc6")]
    missing = ("describe_image_scan_findings", "ScanNotFoundException")
    ecr = registry(missing, scan("IN_PROGRESS"), scan("COMPLETE"), scan("COMPLETE", findings=found))
    assert findings(ecr, "flowise", DIGEST, pause=waits.append) == [
        ImageFinding(vulnerability="CVE-2026-1", package="libc6", severity="HIGH")
    ]
    assert len(waits) == 2


def test_inspectors_findings_say_what_fixes_them(registry: Callable[..., Any]) -> None:
    found = [
        enhanced("CVE-2026-1", "CRITICAL", "libc6", "2.36-9+deb12u15"),
        enhanced("CVE-2026-2", "HIGH", "libstdc++6", "NotAvailable"),
        enhanced("CVE-2026-3", "MEDIUM", "libc6", "NotAvailable"),
    ]
    ecr = registry(scan("ACTIVE"), scan("ACTIVE", enhancedFindings=found))
    assert [(f.package, f.fixed_in) for f in findings(ecr, "flowise", DIGEST)] == [
        ("libc6", "2.36-9+deb12u15"),
        ("libstdc++6", ""),
    ]


def test_an_image_that_nobody_knows_is_refused(registry: Callable[..., Any]) -> None:
    with pytest.raises(ScanError, match="was not scanned"):
        findings(registry(scan("FAILED")), "flowise", DIGEST, pause=lambda _: None)
    never = [("describe_image_scan_findings", "ScanNotFoundException")] * 90
    with pytest.raises(ScanError, match="no result after"):
        findings(registry(*never), "flowise", DIGEST, pause=lambda _: None)


def accept(expires: str) -> AcceptedFinding:
    return AcceptedFinding(
        vulnerability="CVE-2026-1",
        package="zlib1g",
        reason="Nothing here reads an archive that somebody else made",
        expires=date.fromisoformat(expires),
    )


def finding(**changed: str) -> ImageFinding:
    return ImageFinding(**{"vulnerability": "CVE-2026-1", "package": "zlib1g", "severity": "HIGH", **changed})


@pytest.mark.parametrize(
    ("found", "accepted", "says"),
    [
        (finding(), [accept("2026-11-27")], ""),
        (finding(), [], "HIGH CVE-2026-1 zlib1g: new, and no fixed version is known"),
        (finding(package="libc6"), [accept("2027-01-01")], "new"),
        (finding(vulnerability="CVE-2026-9"), [accept("2027-01-01")], "new"),
        (finding(), [accept("2026-11-26")], "was accepted until 2026-11-26: Nothing here reads"),
        (finding(), [accept("2026-11-26"), accept("2026-12-26")], ""),
        (finding(fixed_in="1.3"), [accept("2027-01-01")], "fixed in 1.3"),
    ],
    ids=["accepted", "new", "another package", "another vulnerability", "expired", "renewed", "fixed"],
)
def test_what_can_be_fixed_and_what_is_new_is_refused(
    found: ImageFinding, accepted: list[AcceptedFinding], says: str
) -> None:
    lines = problems([found], accepted, TODAY)
    assert len(lines) == bool(says)
    assert says in "".join(lines)


def test_a_refusal_prints_the_entries_to_fill_in_and_only_for_what_has_no_fix(tmp_path: Path) -> None:
    found = [finding(), finding(vulnerability="CVE-2026-2", fixed_in="1.3")]
    printed = entries_to_fill_in(found, [], TODAY)
    path = tmp_path / "accepted.yaml"
    path.write_text(f"accepted:\n{printed}", encoding="utf-8")
    with pytest.raises(AcceptedError, match="reason"):
        read_accepted(path, TODAY)
    filled = printed.replace("reason: ", f"reason: {accept('2027-01-01').reason}").replace(
        "expires: ", "expires: 2027-01-01"
    )
    path.write_text(f"accepted:\n{filled}", encoding="utf-8")
    assert read_accepted(path, TODAY) == [accept("2027-01-01")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("accepted: [{vulnerability: CVE-2026-1, package: x, reason: because, expires: '2027-01-01'}]", "reason"),
        ("accepted: [{vulnerability: CVE-2026-1, reason: because it is so and so, expires: soon}]", "package"),
        ("accepted: [{}", "not valid YAML"),
        (
            "accepted: [{vulnerability: CVE-2026-1, package: x, reason: It does no harm here, expires: '2028-01-01'}]",
            "more than 183 days ahead",
        ),
    ],
    ids=["short reason", "no package", "no YAML", "too late"],
)
def test_a_mistake_in_the_list_is_told(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(AcceptedError, match=says):
        read_accepted(tmp_path / "a.yaml", TODAY)


def test_the_list_of_this_repository_is_right() -> None:
    read_accepted(ROOT / PATH, TODAY)
