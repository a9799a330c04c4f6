"""The event log: JSON lines that the daemon writes and `up`, `status` and a curious person read."""

import json
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast, final

Event = dict[str, Any]
"""`at` (seconds since the start), `kind`, and what the kind brings:

    note     text: what is otherwise here than the stack file says
    phase    name, state (started, done, failed), seconds
    process  name, state (started, exited, restarted), detail
    pod      pod, container, state (started, ready, unready, exited, restarted, failed), detail
    request  id, state (done, failed), message, hint: the answer to a command (see `local.requests`)
    ready    url, owner (path of the credentials), components, not_emulated (rules of the firewall), seconds
    failed   message, hint, log, tail
    stopped  seconds
"""


@final
class EventLog:
    """Appends events; may be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._began = time.monotonic()
        self._lock = threading.Lock()

    @property
    def seconds(self) -> float:
        """Seconds since the start, rounded to hundredths."""
        return round(time.monotonic() - self._began, 2)

    def emit(self, kind: str, **fields: Any) -> None:
        """Append one event. Never pass a secret: people paste this file into tickets."""
        with self._lock:
            self._file.write(json.dumps({"at": self.seconds, "kind": kind, **fields}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @contextmanager
    def phase(self, name: str) -> Generator[None]:
        """Measure a phase: emits `started`, then `done` or `failed` with its seconds."""
        began = time.monotonic()
        self.emit("phase", name=name, state="started")
        state = "failed"
        try:
            yield
            state = "done"
        finally:
            self.emit("phase", name=name, state=state, seconds=round(time.monotonic() - began, 2))


def read_events(path: Path) -> list[Event]:
    """Return all events so far; an unfinished last line is left out."""
    return list(EventReader(path).new())


@final
class EventReader:
    """Reads the events that were appended since the last look."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def new(self) -> Iterator[Event]:
        """Yield what is new; nothing while the file does not exist."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                content = file.read()
        except FileNotFoundError:
            return
        complete = content[: content.rfind(b"\n") + 1]
        self._offset += len(complete)
        for line in complete.splitlines():
            yield cast("Event", json.loads(line))
