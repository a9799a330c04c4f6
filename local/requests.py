"""What commands ask of a running daemon: a file each, a signal, and an event as the answer."""

import json
import os
import signal
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

from local.errors import LocalError
from local.events import Event, EventReader, read_events
from local.layout import StackLayout, write_private
from local.running import find_daemon

SIGNAL = signal.SIGUSR1
"""Tells the daemon to look for requests."""
_POLL_SECONDS = 0.1

Operation = Literal["restart", "scale", "outage", "snapshot", "simulate-loss"]


@dataclass(frozen=True, kw_only=True)
class ControlRequest:
    """One thing to do while the environment is up."""

    id: str
    operation: Operation
    target: str
    """A Deployment, a back end, or the name of a snapshot."""
    amount: float = 0
    """Replicas, or seconds."""


def take(stack: StackLayout) -> list[ControlRequest]:
    """Return what was asked since the last look, and forget it."""
    found: list[ControlRequest] = []
    for path in sorted(stack.requests.glob("*.json")):
        found.append(ControlRequest(**cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))))
        path.unlink()
    return found


def ask(
    stack: StackLayout, operation: Operation, target: str, amount: float = 0, *, show: Callable[[Event], None]
) -> None:
    """Ask the daemon and wait until it is done; every event meanwhile goes to `show`.

    Raises `LocalError` when the stack is not up, or with what the daemon says.
    """
    running = find_daemon(stack)
    if running is None or not any(event["kind"] == "ready" for event in read_events(stack.events)):
        raise LocalError(f"the environment '{stack.name}' is not up", hint=f"Start it: make local STACK={stack.name}")
    request = ControlRequest(id=uuid.uuid4().hex, operation=operation, target=target, amount=amount)
    reader = EventReader(stack.events)
    list(reader.new())  # what has been
    stack.requests.mkdir(mode=0o700, exist_ok=True)
    write_private(stack.requests / f"{request.id}.json", json.dumps(asdict(request)))
    os.kill(running.pid, SIGNAL)
    while True:
        ended = find_daemon(stack) is None
        for event in reader.new():
            if event["kind"] == "request" and event["id"] == request.id:
                if event["state"] == "failed":
                    raise LocalError(event["message"], hint=event["hint"])
                return
            show(event)
        if ended:
            raise LocalError("the daemon ended meanwhile", hint=f"Its log says why: make local-logs STACK={stack.name}")
        time.sleep(_POLL_SECONDS)
