"""`make image-changes`: which images of the stacks hold the same as the one that `make image` has pushed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import boto3
import typer

from delivery.aws import asking_aws
from delivery.digest import image_of
from delivery.scan import ScanError, platforms

if TYPE_CHECKING:
    from mypy_boto3_ecr.client import ECRClient

_MANIFESTS = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"]


def content(ecr: "ECRClient", repository: str, digest: str) -> set[tuple[str, ...]]:
    """Configuration and layers of every platform, by their digests; raises `ScanError` when the image is not there."""
    found: set[tuple[str, ...]] = set()
    for platform in platforms(ecr, repository, digest):
        answer = ecr.batch_get_image(
            repositoryName=repository, imageIds=[{"imageDigest": platform}], acceptedMediaTypes=_MANIFESTS
        )
        if not answer["images"]:
            raise ScanError(f"{repository} holds no image {platform}")
        manifest = cast("dict[str, Any]", json.loads(answer["images"][0].get("imageManifest", "{}")))
        found.add((manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])))
    return found


def same_as(ecr: "ECRClient", image: str, stack_files: list[Path]) -> list[str]:
    """Digests that stack files name whose image holds the same as `image` (REPOSITORY@sha256:...)."""
    address, _, digest = image.partition("@")
    name = address.partition("/")[2]
    built = content(ecr, name, digest)
    same: list[str] = []
    for path in stack_files:
        used_address, _, used = image_of(path.read_text(encoding="utf-8")).partition("@")
        if used_address != address:
            continue  # the example of a new stack file, or another registry
        try:
            if content(ecr, name, used) == built:
                same.append(used)
        except ScanError:
            continue  # it is gone from the registry, so the new one is better than none
    return sorted(set(same))


def main(
    metadata: Annotated[Path, typer.Option(help="What `make image` writes")] = Path(".reports/image.json"),
    report: Annotated[Path, typer.Option(help="Where the digests go")] = Path(".reports/same-layers.json"),
) -> None:
    """Compare the pushed image with that of each stack, platform by platform."""
    if not metadata.exists():
        typer.echo(f"{metadata} is not there; run `make image` first", err=True)
        raise typer.Exit(1)
    built = json.loads(metadata.read_text(encoding="utf-8"))
    image = f"{built['image.name'].partition(':')[0]}@{built['containerimage.digest']}"
    with asking_aws():
        same = same_as(cast("Any", boto3).client("ecr"), image, sorted(Path().glob("Pulumi.*.yaml")))
    report.write_text(json.dumps(same), encoding="utf-8")
    typer.echo(f"{len(same)} images of stacks hold the same layers: {', '.join(same) or 'none'}")


if __name__ == "__main__":
    typer.run(main)
