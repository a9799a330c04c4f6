"""The archive: a directory with a manifest, a file of JSON Lines for each table, and the objects of the bucket.

Everything is written under a temporary name and renamed when it is complete and on disk; the manifest comes last, so
an archive without a manifest is one whose export has not ended.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, final

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json

from ops.errors import OpsError

FORMAT = 1
"""Raised when an older `import` would misread a newer archive."""

_CHUNK = 1 << 20
_PARTIAL = ".partial"


class TableEntry(BaseModel):
    """A table in the archive."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rows: int
    columns: tuple[str, ...]
    sha256: str
    fingerprint: str
    """What the database said of the rows when they were read (`tables.fingerprint`); tells a resumed export whether
    the table has changed since."""


class Manifest(BaseModel):
    """What an archive holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: int
    exported_at: str
    migrations: tuple[str, ...]
    """Names of the schema's migrations, in their order."""
    tables: dict[str, TableEntry]
    objects: int | None
    """Objects of the bucket; None: they were not exported."""
    checksums: dict[str, str]
    """SHA-256 of every other file that is not a table or an object, such as `objects.jsonl`."""


@final
class Archive:
    """A directory that holds an export."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def manifest_path(self) -> Path:
        """The file that says what the archive holds, and that it is complete."""
        return self.directory / "manifest.json"

    def table(self, name: str) -> Path:
        """Rows of a table."""
        return self.directory / "tables" / f"{name}.jsonl"

    def object(self, sha256: str) -> Path:
        """Content of an object, stored once for every content."""
        return self.directory / "objects" / sha256[:2] / sha256

    @property
    def objects(self) -> Path:
        """The keys of the bucket's objects, and the content of each."""
        return self.directory / "objects.jsonl"

    def progress(self, table: str) -> Path:
        """What is known of a finished table while the export goes on."""
        return self.directory / "progress" / f"{table}.json"

    def manifest(self) -> Manifest:
        """Read the manifest. Raises `OpsError` where the archive is not complete or not one that this can read."""
        try:
            text = self.manifest_path.read_text("utf-8")
        except FileNotFoundError:
            raise OpsError(
                f"{self.directory} is not a complete export: it has no manifest.json, which is written last",
                hint="Run the export again with the same --archive: it goes on where it was interrupted.",
            ) from None
        try:
            found = json.loads(text)
            if isinstance(found, dict) and (form := found.get("format")) != FORMAT:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                raise OpsError(
                    f"{self.manifest_path} has format {form}, and this program reads format {FORMAT}",
                    hint="Import it with the release of this program that exported it, or a newer one.",
                )
            return Manifest.model_validate(found)
        except (ValueError, ValidationError) as error:
            raise OpsError(f"{self.manifest_path} is damaged: {error}", hint="Take another copy of it.") from None


@contextlib.contextmanager
def writing(path: Path) -> Generator[IO[bytes]]:
    """Write a file that appears under its name only when it is complete and on disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(path.name + _PARTIAL)
    try:
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb", buffering=_CHUNK) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Checksum of a file, read in parts. Raises `OpsError` where it is missing."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                digest.update(part)
    except FileNotFoundError:
        raise OpsError(f"{path} is missing: the archive was cut", hint="Take another copy of it.") from None
    return digest.hexdigest()


def check(path: Path, sha256: str) -> None:
    """Raise `OpsError` unless a file is there and has this checksum."""
    if (found := sha256_of(path)) != sha256:
        raise OpsError(
            f"{path} is not what was exported: its SHA-256 is {found}, and the manifest says {sha256}",
            hint="It was cut or changed. Nothing was imported. Take another copy of it, or export again.",
        )


def lines(path: Path) -> Iterator[Mapping[str, Any]]:
    """Lines of a JSON Lines file, one at a time."""
    with path.open("rb", buffering=_CHUNK) as file:
        for line in file:
            yield from_json(line)


def json_line(values: Mapping[str, Any]) -> bytes:
    """One line, with every character as it is."""
    return to_json(values) + b"\n"
