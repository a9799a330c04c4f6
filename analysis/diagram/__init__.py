"""`python -m local diagram`: the architecture as pictures, made from what a stack registers.

The DOT texts are what `python -m local reference --check` holds in sync.
"""

# pygraphviz has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import hashlib
import struct
import zlib
from pathlib import Path
from typing import Annotated, Final, cast

import typer

from analysis.diagram.dot import dot_of
from analysis.diagram.model import Picture
from analysis.plan import record_stack
from analysis.stackfiles import ROOT, StackFileError, read_stack
from settings import SettingsError

STACK: Final = "prod"
"""It has every component."""
PICTURES: Final = ROOT / "docs" / "pictures"
OTHERS: Final = ROOT / ".local" / "pictures"
"""Pictures of other stacks, which are not committed."""
_KEYWORD: Final = b"Source"


def diagram(
    stack: Annotated[str, typer.Argument(help="A stack whose file exists; `prod` is the one of the docs")] = STACK,
    *,
    icons: Annotated[Path, typer.Option(help="Folder resources/aws of the package diagrams")] = Path(
        ".venv/icons/resources/aws"
    ),
) -> None:
    """Draw the architecture: docs/pictures/architecture*.png, or another stack's under .local/pictures/STACK."""
    if not icons.is_dir():
        typer.echo(f"no icons in {icons}: `make diagram` fetches them", err=True)
        raise typer.Exit(1)
    try:
        texts = sources(stack)
    except (StackFileError, SettingsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for path, dot in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dot, encoding="utf-8")
        picture = path.with_suffix(".png")
        picture.write_bytes(_signed(_drawn(dot, icons), dot))
        typer.echo(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1024} KiB")


def sources(stack: str = STACK) -> dict[Path, str]:
    """The DOT text of every picture of a stack, as the program is now."""
    recording = record_stack(read_stack(stack))
    folder = PICTURES if stack == STACK else OTHERS / stack
    return {folder / f"{picture}.dot": dot_of(recording, picture) for picture in Picture}


def drawn_from(picture: Path) -> str:
    """The DOT text's SHA-256 that a picture was drawn from; empty for one that is not ours."""
    data = picture.read_bytes()
    at = data.find(b"tEXt" + _KEYWORD + b"\0")
    return data[at + 5 + len(_KEYWORD) :][:64].decode() if at > 0 else ""


def digest(dot: str) -> str:
    """SHA-256 of a DOT text."""
    return hashlib.sha256(dot.encode()).hexdigest()


def _drawn(dot: str, icons: Path) -> bytes:
    """PNG of a DOT text, by the Graphviz that pygraphviz brings."""
    import pygraphviz  # noqa: PLC0415  # takes a second, and only drawing needs it

    graph = pygraphviz.AGraph(string=dot)
    graph.graph_attr["imagepath"] = str(icons.resolve())
    return cast("bytes", graph.draw(format="png:cairo", prog="dot"))


def _signed(png: bytes, dot: str) -> bytes:
    """Write into the picture what it was drawn from, in a text chunk before its end."""
    chunk = b"tEXt" + _KEYWORD + b"\0" + digest(dot).encode()
    end = png.rindex(b"IEND") - 4
    return png[:end] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[end:]
