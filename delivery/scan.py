"""`make image-scan`: wait for the registry's scan of every platform of an image, and refuse serious findings."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import boto3
import typer

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

_REFUSED = ("CRITICAL", "HIGH")
_PAUSE_SECONDS = 10
_LONGEST_WAIT_SECONDS = 900


class ScanError(Exception):
    """The image is not fit to be run, or nobody knows whether it is."""


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
) -> dict[str, int]:
    """Count a platform's findings by severity, when the scan has ended. Raises `ScanError`."""
    for _ in _attempts(pause):
        try:
            answer = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageDigest": digest})
        except ecr.exceptions.ScanNotFoundException:
            continue
        status = answer["imageScanStatus"]
        match status.get("status"):
            case "COMPLETE" | "ACTIVE":
                counts = answer["imageScanFindings"].get("findingSeverityCounts", {})
                return {str(severity): count for severity, count in counts.items()}
            case "FAILED" | "UNSUPPORTED_IMAGE" | "SCAN_ELIGIBILITY_EXPIRED" | "FINDINGS_UNAVAILABLE":
                raise ScanError(f"{digest} was not scanned: {status.get('description', 'no reason given')}")
            case _:
                continue
    raise ScanError(f"{digest} has no result after {_LONGEST_WAIT_SECONDS // 60} minutes")


def _attempts(pause: Callable[[float], None]) -> Iterator[int]:
    for attempt in range(_LONGEST_WAIT_SECONDS // _PAUSE_SECONDS):
        yield attempt
        pause(_PAUSE_SECONDS)


def main(
    metadata: Annotated[Path, typer.Option(help="What `make image` writes")] = Path(".reports/image.json"),
) -> None:
    """Refuse an image with critical or high findings."""
    if not metadata.exists():
        typer.echo(f"{metadata} is not there; run `make image` first", err=True)
        raise typer.Exit(1)
    built = json.loads(metadata.read_text(encoding="utf-8"))
    digest = built["containerimage.digest"]
    repository = built["image.name"].partition("/")[2].partition(":")[0]
    client: ECRClient = cast("Any", boto3).client("ecr")
    bad = False
    try:
        for platform in platforms(client, repository, digest):
            counts = findings(client, repository, platform)
            bad = bad or any(counts.get(severity) for severity in _REFUSED)
            typer.echo(f"{platform}: {json.dumps(counts)}")
    except ScanError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if bad:
        typer.echo(f"{' or '.join(_REFUSED).lower()} findings: the image is neither signed nor proposed", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
