"""An import: the whole archive is checked before anything is changed, and the database changes in one transaction."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ops.errors import OpsError
from ops.portable import credentials, objects, tables
from ops.portable.archive import Archive, Manifest, check, lines
from ops.portable.exporting import SEALED

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def check_archive(archive: Archive) -> Manifest:
    """Read every byte of the archive. Raises `OpsError` at the first file that is not as it was exported."""
    manifest = archive.manifest()
    for name, checksum in manifest.checksums.items():
        check(archive.directory / name, checksum)
    for table, entry in manifest.tables.items():
        check(archive.table(table), entry.sha256)
    if manifest.objects is not None:
        objects.check_objects(archive, manifest.objects)
    return manifest


def credential_change(archive: Archive, manifest: Manifest, *, key: str, passphrase: str) -> tables.Change:
    """Change nothing where the new stack's key opens every credential; otherwise encrypt them from the sealed file.

    Raises `OpsError` when neither is possible: Flowise would start, and read each credential as empty.
    """
    entry = manifest.tables.get(credentials.TABLE)
    if not entry or not entry.rows:
        return _unchanged
    if not key:
        raise OpsError(
            f"the archive has {entry.rows} credentials, and no key to try on them",
            hint="Give the new stack's FLOWISE_SECRETKEY_OVERWRITE in a file with --key-file (docs/way-out.md).",
        )
    closed = [row for row in lines(archive.table(credentials.TABLE)) if not _opens(row, key)]
    if not closed:
        return _unchanged
    if SEALED not in manifest.checksums or not passphrase:
        raise OpsError(
            f"the key of --key-file opens {entry.rows - len(closed)} of {entry.rows} credentials",
            hint="Bring the key of the old stack along (docs/keys.md), or export with --passphrase-file and "
            "--key-file, and give the same passphrase here. Nothing was imported.",
        )
    return _encrypting(archive, key, passphrase)


def _encrypting(archive: Archive, key: str, passphrase: str) -> tables.Change:
    found = credentials.unseal((archive.directory / SEALED).read_bytes(), passphrase)
    plain = {one["id"]: credentials.to_json(one["data"]) for one in found}

    def encrypted(table: str, row: Mapping[str, str | None]) -> Mapping[str, str | None]:
        if table != credentials.TABLE:
            return row
        return {**row, credentials.ENCRYPTED: credentials.encrypt(plain[row["id"]], key)}

    return encrypted


def _unchanged(_table: str, row: Mapping[str, str | None]) -> Mapping[str, str | None]:
    return row


def _opens(row: Mapping[str, str], key: str) -> bool:
    try:
        credentials.decrypt(row[credentials.ENCRYPTED], key)
    except credentials.WrongKeyError:
        return False
    return True


def check_target(connection: tables.Connection, manifest: Manifest) -> None:
    """Raise `OpsError` unless the archive fits the database, and the database is empty."""
    tables.check_schema(connection, manifest.migrations, manifest.tables)
    tables.check_empty(connection)


def import_tables(connection: tables.Connection, archive: Archive, manifest: Manifest, change: tables.Change) -> None:
    """Store every row; the caller's transaction decides whether they stay."""
    with tables.without_foreign_keys(connection):
        for table, entry in manifest.tables.items():
            tables.read_table(connection, table, entry, archive, change)


def import_objects(client: "S3Client | None", bucket: str, archive: Archive, manifest: Manifest) -> None:
    """Put the objects into the bucket."""
    if manifest.objects is None:
        return
    if client is None:
        raise OpsError(f"the archive has {manifest.objects} files, and no place for them", hint="Give --bucket.")
    objects.check_bucket(client, bucket, archive)
    objects.import_objects(client, bucket, archive)
