"""What has to happen so that a key is again as it was."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import final

from ops.objects.history import ARCHIVED, KeyHistory, Version


class Action(StrEnum):
    """What a key needs."""

    KEEP = "keep"
    """Nothing: it is right."""
    RESTORE = "restore"
    """An old version becomes current again, by a copy."""
    HIDE = "hide"
    """It was not there: a delete marker, which any version survives."""
    UNKNOWN = "unknown"
    """Its history does not tell what it held; it is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """A key and what it needs."""

    key: str
    action: Action
    version: Version | None = None
    """The version to restore."""

    @property
    def is_archived(self) -> bool:
        """Whether S3 copies the version only after it has been restored from the archive."""
        return self.version is not None and self.version.storage_class in ARCHIVED


def changes(keys: Iterable[KeyHistory], made: Mapping[str, str]) -> Iterator[ObjectChange]:
    """Decide for each key. `made` holds the versions that earlier runs made: id to the id of what was copied."""
    for history in keys:
        current, wanted = history.current, history.wanted
        if not history.is_sure:
            yield ObjectChange(key=history.key, action=Action.UNKNOWN)
        elif wanted is None:
            yield ObjectChange(key=history.key, action=Action.KEEP if current.is_marker else Action.HIDE)
        elif wanted.id in (current.id, made.get(current.id)):
            yield ObjectChange(key=history.key, action=Action.KEEP)
        else:
            yield ObjectChange(key=history.key, action=Action.RESTORE, version=wanted)


@final
@dataclass
class Plan:
    """How much there is to do, with the first few changes."""

    keys: Counter[Action] = field(default_factory=Counter[Action])
    bytes: int = 0
    archived: int = 0
    sample: list[ObjectChange] = field(default_factory=list[ObjectChange])

    def add(self, change: ObjectChange, *, sample_size: int) -> None:
        """Count a change."""
        self.keys[change.action] += 1
        if change.version:
            self.bytes += change.version.size
            self.archived += change.is_archived
        if change.action is not Action.KEEP and len(self.sample) < sample_size:
            self.sample.append(change)

    @property
    def to_do(self) -> int:
        """Keys that have to change."""
        return self.keys[Action.RESTORE] + self.keys[Action.HIDE]
