"""`status`: whether a stack is up, and how its processes and pods are."""

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.commands.up import Stack
from local.events import Event, read_events
from local.layout import find_layout
from local.running import find_daemon


def status(stack: Stack) -> None:
    """Say whether a stack is up; exit code 3 when it is not."""
    console = Console(highlight=False, emoji=False)
    place = find_layout().stack(stack)
    running = find_daemon(place)
    if running is None:
        console.print(f"'{stack}' is not up.")
        for event in read_events(place.events):
            if event["kind"] == "failed":
                console.print(f"It ended by itself: {escape(event['message'])}")
                console.print(f"What to do: {escape(event['hint'])}")
        raise typer.Exit(3)
    events = read_events(place.events)
    word = "up" if any(event["kind"] == "ready" for event in events) else "starting"
    console.print(f"'{stack}' is {word}: [bold]{running.url}[/] [dim](daemon {running.pid})[/]\n")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("process", "state", "since", "detail"):
        table.add_column(title)
    for name, event in _latest(events).items():
        table.add_row(name, event["state"], f"{event['at']:.0f} s", event.get("detail", ""))
    console.print(table)


def _latest(events: list[Event]) -> dict[str, Event]:
    """The last event of each process and container, in the order in which they came to life."""
    latest: dict[str, Event] = {}
    for event in events:
        if event["kind"] == "process":
            latest[event["name"]] = event
        elif event["kind"] == "pod":
            latest[f"{event['pod']}/{event['container']}"] = event
    return latest
