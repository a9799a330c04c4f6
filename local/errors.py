"""What the local environment tells a person in trouble."""

from pathlib import Path
from typing import final

TAIL_LINES = 25


@final
class LocalError(Exception):
    """Something failed: what, what to do about it, and where to read more."""

    def __init__(self, message: str, *, hint: str = "", log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.log = log
        self.tail = tail(log) if log else []


def tail(log: Path, lines: int = TAIL_LINES) -> list[str]:
    """Return the last lines of a log; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]
