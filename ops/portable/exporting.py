"""An export, from its first table to the manifest."""

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ops.errors import OpsError
from ops.portable import credentials, objects, tables
from ops.portable.archive import FORMAT, Archive, Manifest, TableEntry, lines, sha256_of, writing

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

SEALED = "credentials.sealed"


def check_new(archive: Archive) -> None:
    """Raise `OpsError` where the archive is complete already."""
    if archive.manifest_path.exists():
        raise OpsError(f"{archive.directory} holds a complete export", hint="Name another directory in --archive.")


def export_database(connection: tables.Connection, archive: Archive) -> dict[str, TableEntry]:
    """Write every table as it is at one moment; one that was written before and has not changed since is kept."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    tables.migration_names(connection)
    return {name: _exported(connection, name, archive) for name in tables.table_names(connection)}


def _exported(connection: tables.Connection, table: str, archive: Archive) -> TableEntry:
    kept = _kept(table, archive)
    if kept and kept.fingerprint == tables.fingerprint(connection, table):
        return kept
    entry = tables.write_table(connection, table, archive)
    with writing(archive.progress(table)) as file:
        file.write(entry.model_dump_json().encode("utf-8"))
    return entry


def _kept(table: str, archive: Archive) -> TableEntry | None:
    """What an interrupted export has written of a table, if it is still whole."""
    try:
        entry = TableEntry.model_validate_json(archive.progress(table).read_bytes())
        return entry if sha256_of(archive.table(table)) == entry.sha256 else None
    except (FileNotFoundError, ValidationError, OpsError):
        return None


def seal_credentials(archive: Archive, key: str, passphrase: str) -> None:
    """Write the decrypted credentials into a file that only the passphrase opens."""
    sealed = credentials.seal(lines(archive.table(credentials.TABLE)), key, passphrase)
    with writing(archive.directory / SEALED) as file:
        file.write(sealed)


def export_objects(client: "S3Client", bucket: str, archive: Archive) -> int:
    """Write the objects of the bucket."""
    return objects.export_objects(client, bucket, archive)


def finish(
    archive: Archive, *, migrations: list[str], entries: dict[str, TableEntry], count: int | None, sealed: bool
) -> Manifest:
    """Write the manifest, which makes the export complete, and remove what only an interrupted one needs."""
    others = [*([SEALED] if sealed else []), *([archive.objects.name] if count is not None else [])]
    manifest = Manifest(
        format=FORMAT,
        exported_at=datetime.now(UTC).isoformat(timespec="seconds"),
        migrations=tuple(migrations),
        tables=entries,
        objects=count,
        checksums={name: sha256_of(archive.directory / name) for name in others},
    )
    with writing(archive.manifest_path) as file:
        file.write(manifest.model_dump_json(indent=1).encode("utf-8") + b"\n")
    objects.forget_progress(archive)
    shutil.rmtree(archive.progress("any").parent, ignore_errors=True)
    return manifest
