"""The backups of a PostgreSQL instance: a copy of its data directory, and every segment of the log since.

They lie beside the data directory and outlive it, as the automated backups of RDS do.
"""

import os
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import final

SHIPPING_SECONDS = 5
"""How often a server's unfinished segment is finished, so that the archive is never far behind."""


@final
class Archive:
    """The backups of one instance, under the instance's own directory."""

    def __init__(self, instance: Path) -> None:
        self.name = instance.name
        self.directory = instance / "backups"
        self.base = self.directory / "base"
        """Copy of the data directory, with which every restore begins."""
        self._segments = self.directory / "log"
        self._snapshots = self.directory / "snapshots"

    @property
    def exists(self) -> bool:
        """Whether there is something to restore."""
        return (self.base / "PG_VERSION").exists()

    @property
    def directories(self) -> tuple[Path, ...]:
        """What must be there, and belong to PostgreSQL, before it starts."""
        return self.directory, self._segments, self._snapshots

    def settings(self) -> Mapping[str, str]:
        """Let a server archive its log: all of a segment or nothing of it, and small, as most of it is zeros."""
        draft, segment = self._path(".%f.new"), self._path("%f")
        return {
            "archive_mode": "on",
            "archive_command": f"gzip -1 < %p > {draft} && mv {draft} {segment}",
        }

    def recovery(self) -> Mapping[str, str]:
        """Let a server replay the log, all of it unless it is told a target, and then be an instance of its own."""
        return {
            "restore_command": f"gzip -dc < {self._path('%f')} > %p",
            "recovery_target_action": "promote",
            "archive_mode": "off",
            "hot_standby": "off",  # answer when it is done, not before
        }

    def _path(self, name: str) -> str:
        return shlex.quote(str(self._segments).replace("%", "%%")) + f"/{name}.gz"

    def holds(self, segment: str) -> bool:
        """Whether a segment of the log is there."""
        return (self._segments / f"{segment}.gz").exists()

    def reaches(self, moment: datetime) -> bool:
        """Whether the backups begin before a moment."""
        return self.exists and datetime.fromtimestamp(self._began.stat().st_mtime, UTC) <= moment

    def complete_to(self, moment: datetime) -> None:
        """Note that the log holds everything that was committed before a moment."""
        self._latest.touch()
        os.utime(self._latest, (moment.timestamp(), moment.timestamp()))

    @property
    def latest(self) -> datetime | None:
        """Latest moment that can be restored."""
        return datetime.fromtimestamp(self._latest.stat().st_mtime, UTC) if self._latest.exists() else None

    @property
    def _latest(self) -> Path:
        return self.directory / "latest"

    def begin(self) -> None:
        """Note that the base copy is complete: from now on every moment can be restored."""
        self._began.touch()

    @property
    def _began(self) -> Path:
        return self.directory / "began"

    @property
    def snapshots(self) -> list[str]:
        """Names of the moments that were marked, oldest first."""
        found = sorted(self._snapshots.glob("*"), key=lambda path: path.stat().st_mtime)
        return [path.name for path in found]

    def add_snapshot(self, name: str) -> None:
        """Remember that the log holds a moment of this name."""
        (self._snapshots / name).touch()
