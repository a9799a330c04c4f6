"""`traces`: a page with what the Collector received."""

import typer
from rich.console import Console

from local.commands.up import Stack
from local.layout import find_layout
from local.observe.rendered import TRACES
from local.observe.traces import draw, read_traces


def traces(stack: Stack) -> None:
    """Write a page of the newest traces, and say where it is."""
    console = Console(highlight=False, emoji=False)
    place = find_layout().stack(stack)
    found = read_traces(place.telemetry / TRACES)
    if not found:
        console.print(
            f"No traces of '{stack}' yet. Start it with --observe, ask it something, and wait half a minute: "
            "the Collector evaluates a trace 15 s after it began."
        )
        raise typer.Exit(1)
    page = place.telemetry / "traces.html"
    page.write_text(draw(found, stack=stack), "utf-8")
    console.print(f"{len(found)} traces: file://{page}", soft_wrap=True)
