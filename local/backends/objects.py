"""The buckets' objects on disk: moto keeps them in memory only, and the database must not outlive its files."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

from botocore.exceptions import BotoCoreError, ClientError

from local.backends.aws import AwsClients
from local.layout import write_private

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True, kw_only=True)
class SavedObject:
    """One object, as its bucket had it. Only the current version is kept."""

    key: str
    etag: str
    content_type: str
    content_encoding: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def file(self) -> str:
        """Name of its content's file: keys are no file names, and a new content is a new file."""
        return hashlib.sha256(f"{self.key}\0{self.etag}".encode()).hexdigest()


@final
class ObjectStore:
    """Saves and restores buckets, each under the name of its resource. May be used from any thread."""

    def __init__(self, directory: Path, aws: AwsClients) -> None:
        self._directory = directory
        self._aws = aws
        self._buckets: dict[str, str] = {}
        self._lock = threading.Lock()

    def restore(self, resource: str, bucket: str) -> int:
        """Put the saved objects into a new bucket, and save the bucket from now on; return how many there were."""
        client, saved = self._aws.s3(), self._read(resource)
        for entry in saved.values():
            extra: dict[str, Any] = {"ContentEncoding": entry.content_encoding} if entry.content_encoding else {}
            client.put_object(
                Bucket=bucket,
                Key=entry.key,
                Body=(self._directory / resource / entry.file).read_bytes(),
                ContentType=entry.content_type,
                Metadata=dict(entry.metadata),
                **extra,
            )
        with self._lock:
            self._buckets[resource] = bucket
        return len(saved)

    def leave_out(self, bucket: str) -> None:
        """Do not save this bucket any more."""
        with self._lock:
            self._buckets = {resource: name for resource, name in self._buckets.items() if name != bucket}

    def save(self) -> bool:
        """Save what changed; return whether moto could be read. An interrupted save leaves the last one intact."""
        with self._lock:
            try:
                for resource, bucket in self._buckets.items():
                    self._save(resource, bucket)
            except (ClientError, BotoCoreError):
                return False
        return True

    def _save(self, resource: str, bucket: str) -> None:
        client, known = self._aws.s3(), self._read(resource)
        listed = dict(_list(client, bucket))
        if {key: entry.etag for key, entry in known.items()} == listed:
            return
        directory = self._directory / resource
        directory.mkdir(mode=0o700, exist_ok=True)
        current: list[SavedObject] = []
        for key, etag in listed.items():
            entry = known.get(key)
            if entry is None or entry.etag != etag:
                try:
                    got = client.get_object(Bucket=bucket, Key=key)
                except client.exceptions.NoSuchKey:
                    continue  # deleted since the listing
                entry = SavedObject(
                    key=key,
                    etag=etag,
                    content_type=got["ContentType"],
                    content_encoding=got.get("ContentEncoding", ""),
                    metadata=got["Metadata"],
                )
                (directory / entry.file).write_bytes(got["Body"].read())
            current.append(entry)
        write_private(directory / "index.json", json.dumps([asdict(entry) for entry in current]))
        for gone in {entry.file for entry in known.values()} - {entry.file for entry in current}:
            (directory / gone).unlink(missing_ok=True)

    def _read(self, resource: str) -> dict[str, SavedObject]:
        index = self._directory / resource / "index.json"
        if not index.exists():
            return {}
        entries = cast("list[dict[str, Any]]", json.loads(index.read_text(encoding="utf-8")))
        return {entry["key"]: SavedObject(**entry) for entry in entries}


def _list(client: "S3Client", bucket: str) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            yield entry.get("Key", ""), entry.get("ETag", "").strip('"')
