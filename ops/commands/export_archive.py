"""`export`: everything that a stack holds, in files that other programs can read."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.clients import s3_client
from ops.errors import OpsError
from ops.portable.archive import Archive, Manifest, TableEntry
from ops.portable.exporting import check_new, export_database, export_objects, finish, seal_credentials
from ops.portable.options import Database, Region
from ops.portable.secret_files import explained_disk, read_secret
from ops.portable.sqlite import export_file
from ops.portable.tables import connected, migration_names


def export_archive(
    *,
    archive: Annotated[Path, typer.Option(help="Directory to write; one of an interrupted export goes on.")],
    database: Database = "",
    sqlite: Annotated[
        Path | None,
        typer.Option(help="File of SQLite (database.sqlite) of a Flowise elsewhere, in place of --database."),
    ] = None,
    bucket: Annotated[str, typer.Option(help="The stack's bucket; not given: without files.")] = "",
    region: Region = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File with FLOWISE_SECRETKEY_OVERWRITE; only to decrypt credentials.")
    ] = None,
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Decrypt credentials into credentials.sealed, sealed with this file's passphrase."),
    ] = None,
) -> None:
    """Export flows, tools, assistants, variables, document stores, chats, users, credentials and files.

    Nothing in the stack is changed. An export that was interrupted goes on when the same command is run again.
    """
    if (key_file is None) != (passphrase_file is None):
        raise OpsError("--key-file and --passphrase-file belong together", hint="Give both to decrypt, or neither.")
    if bool(database) == bool(sqlite):
        raise OpsError("--database and --sqlite are two sources", hint="Give one of them.")
    target = Archive(archive)
    with explained_disk(archive):
        entries, migrations = _exported(database, sqlite, target)
        if key_file and passphrase_file:
            seal_credentials(target, read_secret(key_file), read_secret(passphrase_file))
        count = export_objects(s3_client(region), bucket, target) if bucket else None
        _show(finish(target, migrations=migrations, entries=entries, count=count, sealed=bool(key_file)), archive)


def _exported(database: str, sqlite: Path | None, target: Archive) -> tuple[dict[str, TableEntry], list[str]]:
    check_new(target)
    if sqlite is None:
        with connected(database) as connection:
            return export_database(connection, target), migration_names(connection)
    entries, migrations, others = export_file(sqlite, target)
    if others:
        text = f"left out, because they are of nodes and not of Flowise: {', '.join(others)}"
        Console(highlight=False, emoji=False).print(text, soft_wrap=True, markup=False)
    return entries, migrations


def _show(manifest: Manifest, archive: Path) -> None:
    console = Console(highlight=False, emoji=False)
    rows = sum(entry.rows for entry in manifest.tables.values())
    files = "no files: --bucket was not given" if manifest.objects is None else f"{manifest.objects} files"
    console.print(f"{rows} rows of {len(manifest.tables)} tables, {files}: {archive}", soft_wrap=True, markup=False)
