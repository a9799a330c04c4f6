"""What each key of a versioned bucket holds now, and what it held at a moment."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast, final

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

NULL = "null"
"""Id of a version that was stored while the bucket kept none. The next such version of its key overwrites it."""
ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes that S3 copies from only after the version has been restored."""

_KINDS = "x-kinds"
_VERSIONS_LISTED = "after-call.s3.ListObjectVersions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One entry in the history of a key."""

    key: str
    id: str
    stored: datetime
    """To the second, as S3 says it. Of a multipart upload: when it was begun."""
    size: int
    storage_class: str
    is_marker: bool
    """Whether it is a delete marker: from here on the key is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyHistory:
    """A key now and then."""

    current: Version
    wanted: Version | None
    """What was current at the moment; None when the key was not there."""
    is_sure: bool
    """Not when a version without an id was stored after the moment: it may have overwritten what was wanted."""

    @property
    def key(self) -> str:
        """Its name."""
        return self.current.key


def histories(client: "S3Client", bucket: str, prefix: str, moment: datetime) -> Iterator[KeyHistory]:
    """Yield every key that begins with `prefix`, in S3's order, and hold no more than a page of versions meanwhile.

    A version stored in the very second of the moment counts as stored before it.
    """
    client.meta.events.register(_VERSIONS_LISTED, _note_kinds, unique_id=_KINDS)
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
    open_: _Open | None = None
    for page in cast("Iterable[Mapping[str, Any]]", pages):
        for version in _in_order(page):
            if open_ is None or open_.current.key != version.key:
                if open_:
                    yield open_.closed()
                open_ = _Open(version, moment)
            open_.add(version)
    if open_:
        yield open_.closed()


@final
class _Open:
    """A key whose versions are being read, newest first; the next page may hold more of them."""

    def __init__(self, current: Version, moment: datetime) -> None:
        self.current = current
        self._moment = moment
        self._wanted: Version | None = None
        self._is_sure = True

    def add(self, version: Version) -> None:
        if version.stored > self._moment:
            self._is_sure = self._is_sure and version.id != NULL
        elif self._wanted is None:
            self._wanted = version

    def closed(self) -> KeyHistory:
        wanted = self._wanted if self._wanted and not self._wanted.is_marker else None
        return KeyHistory(current=self.current, wanted=wanted, is_sure=self._is_sure)


def _in_order(page: Mapping[str, Any]) -> list[Version]:
    """Versions and delete markers of a page by key, each key's newest first.

    S3 lists them in this order, versions and markers mixed; within one second only that order tells which came first.
    boto3 sorts them into two lists, so the kinds of all entries are read from the answer itself. Sorting changes
    nothing then. It is for emulators, which list all markers after all versions.
    """
    two_lists = {b"Version": iter(page.get("Versions", [])), b"DeleteMarker": iter(page.get("DeleteMarkers", []))}
    entries = [(kind, cast("Mapping[str, Any]", next(two_lists[kind]))) for kind in page[_KINDS]]
    entries.sort(key=lambda one: (one[1]["Key"], not one[1]["IsLatest"], -one[1]["LastModified"].timestamp()))
    return [
        Version(
            key=entry["Key"],
            id=entry["VersionId"],
            stored=entry["LastModified"],
            size=entry.get("Size", 0),
            storage_class=entry.get("StorageClass", "STANDARD"),
            is_marker=kind == b"DeleteMarker",
        )
        for kind, entry in entries
    ]


def _note_kinds(http_response: Any, parsed: dict[str, Any], **_: object) -> None:
    """Keep the order of the entries, which the parser loses; names are escaped, so only elements can match."""
    parsed[_KINDS] = re.findall(rb"<(Version|DeleteMarker)>", http_response.content)
