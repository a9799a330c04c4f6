"""The report of a run: JSON lines, the first of which says what the run is.

It is the memory of the run too. Objects encrypted with KMS have another ETag in every copy, so a listing cannot tell
that a key has been restored already; the report can.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast, final

from ops.errors import OpsError

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class RecoveryRequest:
    """What is to be recovered."""

    bucket: str
    prefix: str
    to: str
    """The moment, RFC 3339 in UTC."""
    mode: str
    """`plan` or `execute`."""

    @property
    def header(self) -> dict[str, str]:
        """First line of its report."""
        return {"report": "recover-objects", **vars(self)}


@final
class RecoveryReport:
    """A report. It is read when it is made, and written between `with` and its end.

    Every line is with the operating system before the change after it begins.
    """

    def __init__(self, path: Path, request: RecoveryRequest) -> None:
        """Read what an earlier run of the same request has left. Raises `OpsError` when it is another's."""
        self.path = path
        self.made: dict[str, str] = {}
        """Versions that were made by earlier runs: their id to the id of what was copied."""
        self._header = request.header
        self._keep = 0
        self._file: TextIOWrapper | None = None
        if not path.exists():
            return
        existing = self._tried(path.read_bytes)
        whole = existing[: existing.rfind(b"\n") + 1]  # a killed run may have left half a line
        lines = [line for line in whole.split(b"\n") if line]
        if not lines and existing:
            raise _foreign(path)
        if lines:
            _check_header(path, lines[0], request)
        if request.mode == "execute":
            self.made = {line["made"]: line["version"] for line in _records(lines[1:]) if line.get("made")}
            self._keep = len(whole)

    def write(self, line: Mapping[str, object]) -> None:
        """Append a line."""
        assert self._file is not None, "written to outside of `with`"  # noqa: S101 - a mistake of ours
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def __enter__(self) -> Self:
        self._file = self._tried(lambda: self.path.open("r+" if self.path.exists() else "w", encoding="utf-8"))
        self._file.truncate(self._keep)
        self._file.seek(0, os.SEEK_END)
        if not self._keep:
            self.write(self._header)
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    def _tried(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except OSError as error:
            raise OpsError(
                f"cannot use {self.path} as report: {error.strerror}", hint="Name another --report."
            ) from error


def _records(lines: list[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield cast("dict[str, Any]", json.loads(line))


def _check_header(path: Path, line: bytes, request: RecoveryRequest) -> None:
    try:
        found = cast("object", json.loads(line))
    except ValueError:
        raise _foreign(path) from None
    if not isinstance(found, dict) or cast("dict[str, object]", found).get("report") != "recover-objects":
        raise _foreign(path)
    if found != request.header:
        differing = ", ".join(
            f"{k} {v}" for k, v in cast("dict[str, str]", found).items() if request.header.get(k) != v
        )
        raise OpsError(f"{path} is the report of another run ({differing})", hint="Name another --report.")


def _foreign(path: Path) -> OpsError:
    return OpsError(f"{path} exists and is no report of recover-objects", hint="Name another --report.")
