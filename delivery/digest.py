"""`make image-digest`: write an image's digest into a stack file, and change nothing else in it."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, cast

import typer
import yaml

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_IMAGE = re.compile(
    r"(?P<key>\s+image:\s+)(?P<quote>[\"']?)(?P<name>[^\s\"'@#]+)@(?P<digest>sha256:\w+)(?P=quote)(?P<rest>.*)"
)
_SECTION = "  flowise:app:"


class DigestError(Exception):
    """The digest or the stack file is not what it should be; the message says what to do."""


def with_digest(text: str, digest: str, repository: str | None = None) -> str:
    """Return a stack file whose image has `digest`, and comes from `repository` if given. Raises `DigestError`."""
    if not _DIGEST.fullmatch(digest):
        if not digest:
            raise DigestError(
                "no digest is given, and `make image` has left none: add DIGEST=sha256:... to the command"
            )
        raise DigestError(f"{digest} is not a digest; a digest is sha256: and 64 hexadecimal digits")
    lines = text.splitlines(keepends=True)
    inside, found = False, list[tuple[int, re.Match[str]]]()
    for number, line in enumerate(lines):
        if re.match(r"  \S", line) and not line.lstrip().startswith("#"):
            inside = line.startswith(_SECTION)
        elif inside and (image := _IMAGE.match(line)):
            found.append((number, image))
    if len(found) != 1:
        raise DigestError(
            f"found {len(found)} images under flowise:app instead of one; it must say "
            "`image: REPOSITORY@sha256:...` on a line of its own"
        )
    number, match = found[0]
    name = repository or match["name"]
    end = "\n" if lines[number].endswith("\n") else ""
    lines[number] = f"{match['key']}{match['quote']}{name}@{digest}{match['quote']}{match['rest']}{end}"
    changed = "".join(lines)
    if _without_image(changed) != _without_image(text):
        raise DigestError("the change would touch more than the image; change flowise:app.image by hand")
    return changed


def image_of(text: str) -> str:
    """Return the image that a stack file names."""
    return str(cast("dict[str, Any]", yaml.safe_load(text))["config"]["flowise:app"]["image"])


def _without_image(text: str) -> Any:
    document = cast("dict[str, Any]", yaml.safe_load(text))
    app = document["config"]["flowise:app"]
    return {**document, "config": {**document["config"], "flowise:app": {**app, "image": ""}}}


def main(
    stack: Annotated[str, typer.Argument(help="Name of the stack: Pulumi.<stack>.yaml")],
    digest: Annotated[str, typer.Argument(help="sha256:..., or what `make image` has written")] = "",
    *,
    repository: Annotated[str, typer.Option(help="Address of the image without tag and digest")] = "",
    metadata: Annotated[Path, typer.Option(help="What `make image` writes")] = Path(".reports/image.json"),
    same: Annotated[Path, typer.Option(help="What `make image-changes` writes")] = Path(".reports/same-layers.json"),
) -> None:
    """Write a digest into Pulumi.<stack>.yaml. Doing it twice changes nothing."""
    path = Path(f"Pulumi.{stack}.yaml")
    try:
        if not digest and metadata.exists():
            built = json.loads(metadata.read_text(encoding="utf-8"))
            digest, repository = built["containerimage.digest"], repository or built["image.name"].partition(":")[0]
        text = path.read_text(encoding="utf-8")
        if same.exists() and image_of(text).partition("@")[2] in json.loads(same.read_text(encoding="utf-8")):
            typer.echo(f"{path}: its image has the same layers as {digest}; nothing to change")
            return
        changed = with_digest(text, digest, repository or None)
    except FileNotFoundError:
        typer.echo(f"there is no {path}", err=True)
        raise typer.Exit(1) from None
    except DigestError as error:
        typer.echo(f"{path}: {error}", err=True)
        raise typer.Exit(1) from None
    if changed == text:
        typer.echo(f"{path} has this image already")
        return
    path.write_text(changed, encoding="utf-8")
    typer.echo(f"{path}: the image is {digest} now")


if __name__ == "__main__":
    typer.run(main)
