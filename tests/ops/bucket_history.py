"""Versioned buckets in moto with a history of our own making, and an independent memory of what they held when."""

import copy
import os
import random
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast, final
from unittest import mock

import moto.s3.models
from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend, s3_backends

ACCOUNT = "123456789012"
REGION = "us-east-1"
START = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
"""When the histories begin."""

ODD_NAMES = (
    "a b  c.txt",
    "plus+and%2Bpercent%20",
    "ümläut/日本語/🙂.pdf",
    "/leading/slash",
    "double//slash/",
    "../up/./here",
    "question?mark#hash&and=equals;semicolon",
    "quote'double\"<less>&amp;",
    "tilde~star*paren()[]{}|^`\\",
    "x" * 1000,
    "日" * 330,
)
"""Beginnings and ends of names, up to S3's limit of 1,024 bytes with what is added to them."""


class _Listed(FakeKey):
    """Stands for a stored object in a listing."""

    def __init__(self, key: FakeKey) -> None:
        vars(self).update(vars(key), disposed=True)

    def __del__(self) -> None:
        """Leave the content alone: it is the stored object's."""


def _light(value: Any) -> Any:
    if not isinstance(value, list):
        return copy.deepcopy(value)
    return [_Listed(each) if isinstance(each, FakeKey) else copy.copy(each) for each in cast("list[Any]", value)]


@contextmanager
def light_listings(page_size: int) -> Generator[None]:
    """Keep moto from copying the content of the whole bucket for each page of a listing: 12 s for 20,000 versions."""
    with (
        mock.patch.object(moto.s3.models, "copy", mock.Mock(copy=copy.copy, deepcopy=_light)),
        mock.patch.dict(os.environ, MOTO_S3_DEFAULT_MAX_KEYS=str(page_size)),
    ):
        yield


@dataclass(frozen=True)
class Event:
    """Something happened to a key. No body: it was deleted."""

    at: datetime
    body: bytes | None


@final
@dataclass
class BucketHistory:
    """A bucket and everything that ever happened to its keys."""

    name: str
    events: dict[str, list[Event]] = field(default_factory=dict[str, list[Event]])

    @property
    def backend(self) -> S3Backend:
        """Where moto keeps it."""
        return s3_backends[ACCOUNT]["aws"]

    def make(self, status: str = "Enabled") -> "BucketHistory":
        """Make it, with versioning in a state."""
        self.backend.create_bucket(self.name, REGION)
        if status:
            self.backend.put_bucket_versioning(self.name, status)
        return self

    def put(self, key: str, at: datetime, body: bytes, **options: Any) -> None:
        """Store an object."""
        self.backend.put_object(self.name, key, body, **options)
        self.note(key, at, body)

    def delete(self, key: str, at: datetime) -> None:
        """Delete it as people do: without a version."""
        cast("Any", self.backend)._set_delete_marker(self.name, key)
        self.note(key, at, None)

    def note(self, key: str, at: datetime, body: bytes | None) -> None:
        """Remember what has just been made, and let it have been made at a moment."""
        self.versions(key)[-1].last_modified = at.replace(tzinfo=None)  # moto's times are UTC without saying so
        self.events.setdefault(key, []).append(Event(at, body))

    def held_at(self, moment: datetime, prefix: str = "") -> dict[str, bytes]:
        """What it held at the end of a second, by memory alone."""
        end = moment + timedelta(seconds=1)
        held: dict[str, bytes] = {}
        for key, events in self.events.items():
            before = [event.body for event in events if event.at < end]
            if key.startswith(prefix) and before and before[-1] is not None:
                held[key] = before[-1]
        return held

    def versions(self, key: str) -> list[FakeKey | FakeDeleteMarker]:
        """Every version of a key, oldest first."""
        return cast("Any", self.backend.get_bucket(self.name)).keys.getlist(key)

    def ids(self) -> dict[str, list[str]]:
        """Ids of all versions of all keys, oldest first."""
        return {key: [version.version_id for version in self.versions(key)] for key in self.events}

    def holds(self, prefix: str = "") -> dict[str, bytes]:
        """What it holds now, as moto has it."""
        current = {key: self.versions(key)[-1] for key in self.events if key.startswith(prefix)}
        return {key: version.value for key, version in current.items() if isinstance(version, FakeKey)}


def random_history(history: BucketHistory, *, seed: int, versions: int, seconds: int) -> None:
    """Store, overwrite, delete and store again, often several times within a second, until there are `versions`."""
    source = random.Random(seed)  # noqa: S311 - the same history every time
    made = 0
    while made < versions:
        key = f"{source.choice(('files/', 'logs/'))}{source.choice(('', *ODD_NAMES[:9]))}{made:x}"
        if made < len(ODD_NAMES):
            key = ODD_NAMES[made]
        at, there = START + timedelta(seconds=source.randrange(seconds)), False
        for _ in range(min(source.choice((1, 1, 2, 3, 5, 9, 12)), versions - made)):
            if there and source.random() < 0.3:
                at = at.replace(microsecond=0) + timedelta(seconds=source.randint(1, seconds // 8))
                history.delete(key, at)
                at, there = at + timedelta(seconds=source.randint(1, seconds // 8)), False
            else:
                history.put(key, at, b"%d %d" % (seed, made))
                there = True
                # A few milliseconds on: the next one may be in the same second.
                at += timedelta(milliseconds=source.choice((3, 7, 400, 1000 * source.randint(1, seconds // 8))))
            made += 1
