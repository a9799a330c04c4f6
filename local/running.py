"""The running daemon of a stack: how it says that it is there, and how others find it."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from local.layout import StackLayout, write_private


@dataclass(frozen=True, kw_only=True)
class Running:
    """A daemon that holds its stack's lock."""

    pid: int
    port: int
    url: str


def write_running(stack: StackLayout, *, port: int, url: str, endpoints: Mapping[str, str | int]) -> None:
    """Say that this process is the stack's daemon, and where its parts listen (no secrets)."""
    content = {"pid": os.getpid(), "port": port, "url": url, "endpoints": dict(endpoints)}
    write_private(stack.daemon, json.dumps(content, indent=1) + "\n")


def is_locked(stack: StackLayout) -> bool:
    """Whether a daemon runs, which holds the lock for all of its life."""
    if not stack.lock.exists():
        return False
    with stack.lock.open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def find_daemon(stack: StackLayout) -> Running | None:
    """Return the running daemon, if there is one."""
    if not is_locked(stack):
        return None
    try:
        found = cast("dict[str, Any]", json.loads(stack.daemon.read_text(encoding="utf-8")))
    except FileNotFoundError:  # between taking the lock and saying so, or between both at the end
        return None
    return Running(pid=int(found["pid"]), port=int(found["port"]), url=str(found["url"]))
