"""`make image-scan`: wait for the scan of every platform of an image, and refuse what can be fixed or is new."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import boto3
import typer

from delivery.accepted import PATH, AcceptedError, AcceptedFinding, read_accepted
from delivery.aws import asking_aws

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

_REFUSED = ("CRITICAL", "HIGH")
_NO_FIX = {"", "NotAvailable", "None"}
"""How scanners say that there is no fixed version."""
_PAUSE_SECONDS = 10
_LONGEST_WAIT_SECONDS = 900


class ScanError(Exception):
    """The image is not fit to be run, or nobody knows whether it is."""


@dataclass(frozen=True, kw_only=True, order=True)
class ImageFinding:
    """One vulnerability of one package."""

    vulnerability: str
    package: str
    severity: str
    fixed_in: str = ""
    """Version without it; empty where there is none, or where the scanner does not say."""

    def __str__(self) -> str:
        return f"{self.severity} {self.vulnerability} {self.package}"


def platforms(ecr: "ECRClient", repository: str, digest: str) -> list[str]:
    """Digests of what is in a multi-platform image, without the attestations beside them."""
    answer = ecr.batch_get_image(
        repositoryName=repository,
        imageIds=[{"imageDigest": digest}],
        acceptedMediaTypes=[
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
        ],
    )
    if not answer["images"]:
        raise ScanError(f"{repository} holds no image {digest}; run `make image` first")
    index = cast("dict[str, Any]", json.loads(answer["images"][0].get("imageManifest", "{}")))
    found = [m["digest"] for m in index.get("manifests", []) if m.get("platform", {}).get("os") != "unknown"]
    return found or [digest]


def findings(
    ecr: "ECRClient", repository: str, digest: str, *, pause: Callable[[float], None] = time.sleep
) -> list[ImageFinding]:
    """Critical and high findings of a platform, when the scan has ended. Raises `ScanError`."""
    for _ in _attempts(pause):
        try:
            answer = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageDigest": digest})
        except ecr.exceptions.ScanNotFoundException:
            continue
        status = answer["imageScanStatus"]
        match status.get("status"):
            case "COMPLETE" | "ACTIVE":
                return sorted(set(_all_findings(ecr, repository, digest)))
            case "FAILED" | "UNSUPPORTED_IMAGE" | "SCAN_ELIGIBILITY_EXPIRED" | "FINDINGS_UNAVAILABLE":
                raise ScanError(f"{digest} was not scanned: {status.get('description', 'no reason given')}")
            case _:
                continue
    raise ScanError(f"{digest} has no result after {_LONGEST_WAIT_SECONDS // 60} minutes")


def _all_findings(ecr: "ECRClient", repository: str, digest: str) -> Iterator[ImageFinding]:
    """Both forms of the answer: basic scanning's, and enhanced scanning's (Inspector), which knows fixed versions."""
    pages = ecr.get_paginator("describe_image_scan_findings").paginate(
        repositoryName=repository, imageId={"imageDigest": digest}
    )
    for page in cast("Sequence[dict[str, Any]]", pages):
        scanned = page["imageScanFindings"]
        for each in scanned.get("findings", []):
            attributes = {pair["key"]: pair.get("value", "") for pair in each.get("attributes", [])}
            yield from _serious(
                each, each["name"], attributes.get("package_name", "?"), attributes.get("patched_version", "")
            )
        for each in scanned.get("enhancedFindings", []):
            details = each.get("packageVulnerabilityDetails", {})
            for package in details.get("vulnerablePackages", []):
                name = details.get("vulnerabilityId", each.get("title", "?"))
                yield from _serious(each, name, package.get("name", "?"), package.get("fixedInVersion", ""))


def _serious(finding: dict[str, Any], vulnerability: str, package: str, fixed_in: str) -> Iterator[ImageFinding]:
    if (severity := finding.get("severity", "")) in _REFUSED:
        fixed = "" if fixed_in in _NO_FIX else fixed_in
        yield ImageFinding(vulnerability=vulnerability, package=package, severity=severity, fixed_in=fixed)


def problems(found: Sequence[ImageFinding], accepted: Sequence[AcceptedFinding], today: date) -> list[str]:
    """Why the image is refused, a line for each finding; empty when it may be run."""
    return [line for finding in found if (line := _problem(finding, accepted, today))]


def _problem(finding: ImageFinding, accepted: Sequence[AcceptedFinding], today: date) -> str:
    entries = [e for e in accepted if (e.vulnerability, e.package) == (finding.vulnerability, finding.package)]
    if finding.fixed_in:
        return f"{finding}: fixed in {finding.fixed_in}; take the newer base image (image/Dockerfile) or package"
    if not entries:
        return f"{finding}: new, and no fixed version is known"
    if all(entry.expires < today for entry in entries):
        return f"{finding}: was accepted until {entries[0].expires}: {entries[0].reason}"
    return ""


def entries_to_fill_in(found: Sequence[ImageFinding], accepted: Sequence[AcceptedFinding], today: date) -> str:
    """Lines for image/accepted.yaml about what has no fix, without the reason and the day that a person must give."""
    return "".join(
        f"  - vulnerability: {f.vulnerability}\n    package: {f.package}\n    reason: \n    expires: \n"
        for f in found
        if not f.fixed_in and _problem(f, accepted, today)
    )


def _attempts(pause: Callable[[float], None]) -> Iterator[int]:
    for attempt in range(_LONGEST_WAIT_SECONDS // _PAUSE_SECONDS):
        yield attempt
        pause(_PAUSE_SECONDS)


def main(
    metadata: Annotated[Path, typer.Option(help="What `make image` writes")] = Path(".reports/image.json"),
    accepted: Annotated[Path, typer.Option(help="Findings that are accepted")] = PATH,
) -> None:
    """Refuse an image with a critical or high finding that has a fixed version or that nobody has accepted."""
    if not metadata.exists():
        typer.echo(f"{metadata} is not there; run `make image` first", err=True)
        raise typer.Exit(1)
    built = json.loads(metadata.read_text(encoding="utf-8"))
    digest = built["containerimage.digest"]
    repository = built["image.name"].partition("/")[2].partition(":")[0]
    today = datetime.now(UTC).date()
    try:
        entries = read_accepted(accepted, today)
        with asking_aws():
            client: ECRClient = cast("Any", boto3).client("ecr")
            found_on = platforms(client, repository, digest)
            each = {platform: findings(client, repository, platform) for platform in found_on}
    except (ScanError, AcceptedError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for platform, found in each.items():
        typer.echo(f"{platform}: {len(found)} critical or high, {len(problems(found, entries, today))} not accepted")
    everything = sorted({finding for found in each.values() for finding in found})
    if refused := problems(everything, entries, today):
        typer.echo("\n".join(refused), err=True)
        if lines := entries_to_fill_in(everything, entries, today):
            typer.echo(f"for {accepted}, if it does no harm here (docs/first-deployment.md, step 4):", err=True)
            typer.echo(lines, err=True, nl=False)
        typer.echo("the image is neither signed nor proposed", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
