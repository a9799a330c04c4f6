"""`logs`: what all processes of a stack write, with the name of each in front."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from local.commands.up import Stack
from local.layout import find_layout

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
_POLL_SECONDS = 0.25


def logs(
    stack: Stack,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    only: Annotated[str, typer.Option(help="Only processes whose name contains this.")] = "",
    lines: Annotated[int, typer.Option("--lines", "-n", help="Last lines of each process.", min=0)] = 20,
) -> None:
    """Show the logs of all processes."""
    directory = find_layout().stack(stack).logs
    console = Console(highlight=False, emoji=False)
    colours = itertools.cycle(_COLOURS)
    offsets: dict[Path, int] = {}
    styles: dict[Path, str] = {}
    if not any(only in path.stem for path in directory.glob("*.log")):
        which = f" with {only!r} in the name of the process" if only else ""
        console.print(f"There are no logs of '{stack}'{which}. Start it: make local STACK={stack}")
        return
    first = True
    try:
        while first or follow:
            for path in sorted(directory.glob("*.log")):
                if only not in path.stem:
                    continue
                style = styles.setdefault(path, next(colours))
                new, offsets[path] = _read(path, offsets.get(path, 0))
                for line in new[-lines:] if first and lines else ([] if first else new):
                    console.print(Text.assemble((f"{path.stem:<32} ", style), line), soft_wrap=True)
            first = False
            if follow:
                time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        return


def _read(path: Path, offset: int) -> tuple[list[str], int]:
    """Return the complete lines after `offset`, and where they end; a file that shrank is read from its beginning."""
    with path.open("rb") as file:
        if path.stat().st_size < offset:
            offset = 0
        file.seek(offset)
        content = file.read()
    complete = content[: content.rfind(b"\n") + 1]
    return list(_plain(complete)), offset + len(complete)


def _plain(content: bytes) -> Iterator[str]:
    for line in content.decode("utf-8", "replace").splitlines():
        yield Text.from_ansi(line).plain
