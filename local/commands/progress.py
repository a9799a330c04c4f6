"""Shows a start on a terminal, from the daemon's events."""

import time
from typing import Any, final

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from local.events import Event

_POD_WORDS = {
    "unhealthy": "yellow",
    "exited": "yellow",
    "restarted": "yellow",
    "failed": "red",
    "hook-failed": "yellow",
}


@final
class Progress:
    """Prints what is done, and keeps what is under way below it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._open: dict[str, float] = {}
        self._live = Live(console=console, refresh_per_second=5, transient=True)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take what is under way off the screen."""
        self._live.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        kind, state = event["kind"], event.get("state")
        if kind == "phase" and state == "started":
            self._open[event["name"]] = time.monotonic()
        elif kind == "phase":
            self._open.pop(event["name"], None)
            mark = "[green]✓[/]" if state == "done" else "[red]✗[/]"
            self._console.print(f"{mark} {escape(event['name']):<44} [dim]{event['seconds']:>7.1f} s[/]")
        elif kind == "note":
            self._console.print(event["text"], style="dim", soft_wrap=True, markup=False)
        elif kind == "pod" and state in _POD_WORDS:
            text = f"{event['pod']}/{event['container']} {state} {event['detail']}"
            self._console.print(f"[{_POD_WORDS[state]}]! {escape(text)}[/]")
        self.tick()

    def tick(self) -> None:
        """Refresh what is under way."""
        if not self._live.is_started:
            return
        now = time.monotonic()
        lines = [
            Spinner("dots", Text(f"{name} {now - began:.0f} s", style="dim")) for name, began in self._open.items()
        ]
        self._live.update(Group(*lines))


def show_ready(console: Console, stack: str, event: Event) -> None:
    """Show where Flowise is and what stands for what."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("component")
    for title in ("run for real", "made in moto", "recorded only"):
        table.add_column(title, justify="right")
    totals = [0, 0, 0]
    for row in event["components"]:
        counts: list[int] = [row["process"], row["moto"], row["recorded"]]
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
        table.add_row(f"{row['component']} [dim]{row['type']}[/]", *(str(count or "·") for count in counts))
    table.add_section()
    table.add_row("all", *(str(total) for total in totals), style="bold")
    console.print()
    console.print(table)
    if event["not_emulated"]:
        console.print(
            f"only on AWS: the firewall's rules {', '.join(event['not_emulated'])}", style="dim", soft_wrap=True
        )
    console.print(f"\n[bold green]Flowise answers at {event['url']}[/]")
    if event["owner"]:
        console.print(f"owner's login   cat {escape(event['owner'])}")
    console.print(f"logs            make local-logs STACK={stack}")
    console.print(f"stop            make local-down STACK={stack}   [dim](the data stays)[/]")


def show_failure(console: Console, stack: str, event: dict[str, Any]) -> None:
    """Show what failed, where, and what to do."""
    console.print(f"\n[bold red]The environment '{stack}' did not start:[/] {escape(event['message'])}")
    if event["tail"]:
        console.print(f"\n[dim]last lines of {escape(event['log'])}[/]")
        for line in event["tail"]:
            console.print(f"  [dim]│[/] {escape(line)}", soft_wrap=True)
    if event["hint"]:
        console.print(f"\n[bold]What to do:[/] {escape(event['hint'])}")
    console.print("[dim]Everything that was started has been stopped.[/]")
