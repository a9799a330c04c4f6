"""Objects of the bucket: uploaded files, and the files of document stores."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boto3.exceptions import S3UploadFailedError

from ops.errors import OpsError
from ops.portable.archive import Archive, check, json_line, lines, writing

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

_CHUNK = 1 << 20
_OF_GUARDDUTY: Final = "malware-protection-resource-validation-object"
"""Put into the bucket where files are scanned, to try the role, and left there (GuardDuty user guide, "Create or update
IAM role policy": the role may put it and delete nothing). It is no file of Flowise."""


def export_objects(client: "S3Client", bucket: str, archive: Archive) -> int:
    """Write every object, and `objects.jsonl`; what an interrupted export has already written is not read again."""
    known = {entry["key"]: entry for entry in _progress(archive)}
    count = 0
    archive.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _progress_path(archive).open("ab") as progress, writing(archive.objects) as index:
        for found in _listed(client, bucket):
            key, etag = found.get("Key", ""), found.get("ETag", "")
            entry = known.get(key)
            if entry is None or entry["etag"] != etag or not archive.object(entry["sha256"]).exists():
                entry = _written(client, bucket, key, archive)
                progress.write(json_line(entry))
                progress.flush()
            index.write(json_line(entry))
            count += 1
    return count


def _progress_path(archive: Archive) -> Path:
    return archive.directory / "objects.progress"


def _progress(archive: Archive) -> Iterator[Mapping[str, Any]]:
    path = _progress_path(archive)
    if not path.exists():
        return
    # The last line may have been cut; everything after the last complete line is written again.
    content = path.read_bytes()
    complete = content[: content.rfind(b"\n") + 1]
    if complete != content:
        path.write_bytes(complete)
    yield from lines(path)


def _listed(client: "S3Client", bucket: str) -> Iterator["ObjectTypeDef"]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (found for found in page.get("Contents", []) if found.get("Key") != _OF_GUARDDUTY)


def _written(client: "S3Client", bucket: str, key: str, archive: Archive) -> dict[str, Any]:
    answer = client.get_object(Bucket=bucket, Key=key)
    digest, size = hashlib.sha256(), 0
    waiting = archive.directory / "objects" / "incoming"
    with writing(waiting) as file:
        for part in answer["Body"].iter_chunks(_CHUNK):
            digest.update(part)
            file.write(part)
            size += len(part)
    place = archive.object(digest.hexdigest())
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    waiting.replace(place)
    return {
        "key": key,
        "sha256": digest.hexdigest(),
        "size": size,
        "content_type": answer.get("ContentType", ""),
        "etag": answer["ETag"],
    }


def check_objects(archive: Archive, count: int) -> None:
    """Raise `OpsError` unless every object is there with its checksum."""
    found = 0
    for entry in lines(archive.objects):
        check(archive.object(entry["sha256"]), entry["sha256"])
        found += 1
    if found != count:
        raise OpsError(f"{archive.objects} has {found} objects, and the manifest says {count}", hint="Export again.")


def check_bucket(client: "S3Client", bucket: str, archive: Archive) -> None:
    """Raise `OpsError` where the bucket has an object that an interrupted import of this archive did not put there."""
    ours = {(entry["key"], entry["size"]) for entry in lines(archive.objects)}
    for found in _listed(client, bucket):
        if (found.get("Key"), found.get("Size")) not in ours:
            raise OpsError(
                f"bucket {bucket} is not empty: it has {found.get('Key')}, which is not of this archive",
                hint="Import into a new stack. Nothing was changed.",
            )


def import_objects(client: "S3Client", bucket: str, archive: Archive) -> int:
    """Put every object where it was."""
    count = 0
    for entry in lines(archive.objects):
        extra = {"ContentType": entry["content_type"]} if entry["content_type"] else {}
        try:
            client.upload_file(str(archive.object(entry["sha256"])), bucket, entry["key"], ExtraArgs=extra)
        except S3UploadFailedError as error:
            raise OpsError(
                f"{entry['key']} cannot be put into {bucket}: {error}",
                hint="No row was imported. Who runs this needs s3:PutObject, and kms:GenerateDataKey on its key.",
            ) from None
        count += 1
    return count


def forget_progress(archive: Archive) -> None:
    """Remove what only an interrupted export needs."""
    _progress_path(archive).unlink(missing_ok=True)
