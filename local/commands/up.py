"""`up`: starts a stack's daemon and shows how it gets on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from threading import Event
from typing import Annotated, Any

import typer
from rich.console import Console

from analysis.stackfiles import ROOT, StackFileError, override, read_stack
from local.commands.progress import Progress, show_failure, show_ready
from local.errors import LocalError, tail
from local.events import EventReader, read_events
from local.layout import StackLayout, find_layout
from local.packages import check_machine
from local.processes.ports import is_free, loopbacks
from local.running import find_daemon, is_locked

_POLL_SECONDS = 0.2

Stack = Annotated[str, typer.Argument(help="The stack, as in Pulumi.STACK.yaml.")]


def up(
    stack: Stack,
    port: Annotated[int, typer.Option(help="Where Flowise answers on localhost.", min=1, max=65535)] = 8080,
    replicas: Annotated[int, typer.Option(help="Most pods of one Deployment.", min=1, max=10)] = 1,
    observe: Annotated[bool, typer.Option("--observe", help="Run the OpenTelemetry Collector, and trace.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=JSON", help="Change a setting of the stack file for this start."),
    ] = None,
) -> None:
    """Start a stack on this machine; returns when Flowise answers."""
    console = Console(highlight=False, emoji=False)
    began = time.monotonic()
    try:
        override(read_stack(stack), settings or [])
        place = _check(stack, port, console)
    except (LocalError, StackFileError) as error:
        hint = error.hint if isinstance(error, LocalError) else ""
        show_failure(console, stack, {"message": str(error), "hint": hint, "tail": [], "log": ""})
        raise typer.Exit(1) from None
    if place is None:
        return
    interrupted = _catch_interrupts()
    daemon = _spawn(place, port, replicas, settings or [], observe=observe)
    code = _follow(place, daemon, console, interrupted)
    if code == 0:
        console.print(f"\n[dim]{time.monotonic() - began:.0f} s in all[/]")
    raise typer.Exit(code)


def _check(stack: str, port: int, console: Console) -> StackLayout | None:
    """Find out whether it can start; None when it is up already."""
    check_machine()
    place = find_layout().stack(stack)
    if is_locked(place):
        running = find_daemon(place)
        ready = any(event["kind"] == "ready" for event in read_events(place.events))
        if running and ready:
            console.print(f"The environment '{stack}' is up already: [bold]{running.url}[/]")
            return None
        hint = f"See how far it is with: make local-status STACK={stack}"
        raise LocalError("another start or stop of this stack is under way", hint=hint)
    if not all(is_free(host, port) for host in loopbacks()):
        hint = "Choose another port with --port, or stop the program that listens there."
        raise LocalError(f"port {port} of this machine is taken by another program", hint=hint)
    place.forget_logs()
    place.make()
    return place


def _spawn(
    place: StackLayout, port: int, replicas: int, settings: Sequence[str], *, observe: bool
) -> "subprocess.Popen[bytes]":
    """Start the daemon in a session of its own, so that it outlives this terminal."""
    with (place.logs / "daemon.log").open("wb") as log:
        return subprocess.Popen(
            (
                sys.executable,
                "-m",
                "local.daemon",
                place.name,
                str(port),
                str(replicas),
                "observe" if observe else "-",
                *settings,
            ),
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _catch_interrupts() -> Event:
    """Note Ctrl-C, SIGTERM and a closed terminal, so that the start can be undone in order."""
    interrupted = Event()

    def note(_number: int, _frame: object) -> None:
        interrupted.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, note)
    return interrupted


def _follow(place: StackLayout, daemon: "subprocess.Popen[bytes]", console: Console, interrupted: Event) -> int:
    """Show events until it is ready or the daemon has ended; return the exit code."""
    reader = EventReader(place.events)
    failure: dict[str, Any] | None = None
    stopping = False
    with Progress(console) as progress:
        while True:
            ended = daemon.poll() is not None  # asked before reading, so that the last events are not missed
            for event in reader.new():
                if event["kind"] == "ready" and not stopping:
                    progress.close()
                    show_ready(console, place.name, event)
                    return 0
                if event["kind"] == "failed":
                    failure = event
                progress.show(event)
            if ended:
                break
            if interrupted.is_set() and not stopping:
                stopping = True
                console.print("\nstopping what was started ...")
                daemon.send_signal(signal.SIGTERM)
            progress.tick()
            time.sleep(_POLL_SECONDS)
    if stopping:
        console.print("stopped; nothing is left running")
        return 130
    if failure is None:
        log = place.logs / "daemon.log"
        message = f"the daemon ended without a word (exit code {daemon.returncode})"
        failure = {"message": message, "hint": "Its log says why.", "log": str(log), "tail": tail(log)}
    show_failure(console, place.name, failure)
    return 1
