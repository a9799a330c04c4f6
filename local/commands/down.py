"""`down` and `clean`: stop a stack, and throw its data away."""

import contextlib
import os
import shutil
import signal
import time
from typing import Annotated

import typer
from rich.console import Console

from local.commands.up import Stack
from local.errors import LocalError
from local.layout import StackLayout, find_layout
from local.processes.child import living, sweep
from local.processes.ports import is_free
from local.running import find_daemon, is_locked

_PATIENCE_SECONDS = 360
"""A pod may use its grace period, which for a server is as long as its longest request."""


def down(stack: Stack) -> None:
    """Stop a stack; its data stays."""
    console = Console(highlight=False, emoji=False)
    place = find_layout().stack(stack)
    running = find_daemon(place)
    if running is None and not is_locked(place):
        left = sweep(place.children)
        console.print(
            f"The environment '{stack}' is not up." + (f" Removed {len(left)} leftover processes." if left else "")
        )
        return
    if running is None:
        console.print(f"The environment '{stack}' is starting or stopping this very moment; try again.")
        raise typer.Exit(1)
    began = time.monotonic()
    with console.status(f"stopping '{stack}' ..."):
        _signal(running.pid, signal.SIGTERM)
        if not _wait(place, _PATIENCE_SECONDS):
            console.print(f"[yellow]The daemon ({running.pid}) does not stop; it is killed now.[/]")
            _signal(running.pid, signal.SIGKILL)
            _wait(place, 10)
    left = living(place.children)
    sweep(place.children)
    if left:
        console.print(f"[yellow]Killed what was left of the process groups {', '.join(map(str, left))}.[/]")
    if living(place.children) or not is_free("127.0.0.1", running.port):
        console.print(f"[red]Port {running.port} is still in use.[/] Somebody else may have taken it: ss -ltnp")
        raise typer.Exit(1)
    console.print(f"'{stack}' is down [dim]({time.monotonic() - began:.1f} s)[/]; its data is kept in {place.dir}")


def clean(
    stack: Stack,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Throw away the data of a stack: database, files, keys, logs."""
    console = Console(highlight=False, emoji=False)
    place = find_layout().stack(stack)
    if is_locked(place):
        console.print(f"[red]The environment '{stack}' is up.[/] Stop it first: make local-down STACK={stack}")
        raise typer.Exit(1)
    if not place.dir.exists():
        console.print(f"There is no data of '{stack}'.")
        return
    if not yes and typer.prompt(f"This deletes all data of '{stack}' in {place.dir}. Type the stack's name") != stack:
        console.print("Nothing was deleted.")
        raise typer.Exit(1)
    sweep(place.children)
    try:
        shutil.rmtree(place.dir)
    except OSError as error:
        raise LocalError(f"cannot delete {error.filename}: {error.strerror}") from error
    console.print(f"The data of '{stack}' is gone. The installed packages stay (in {place.dir.parent}).")


def _wait(place: StackLayout, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_locked(place):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
