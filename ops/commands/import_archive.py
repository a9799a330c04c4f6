"""`import`: an exported archive into a new stack."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.clients import s3_client
from ops.portable.archive import Archive
from ops.portable.importing import check_archive, check_target, credential_change, import_objects, import_tables
from ops.portable.options import Database, Region
from ops.portable.secret_files import explained_disk, read_secret
from ops.portable.tables import connected


def import_archive(
    *,
    archive: Annotated[Path, typer.Option(help="Directory that `export` has written.")],
    database: Database,
    bucket: Annotated[str, typer.Option(help="The new stack's bucket; needed where the archive has files.")] = "",
    region: Region = None,
    key_file: Annotated[
        Path | None, typer.Option(help="File with the new stack's FLOWISE_SECRETKEY_OVERWRITE.")
    ] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="Passphrase of credentials.sealed, where the new stack has another key.")
    ] = None,
) -> None:
    """Import an archive into a stack in which nobody has made anything yet; its owner's account is replaced.

    Everything is checked first. All rows are stored in one transaction, which ends after the last file is in its place.
    """
    source = Archive(archive)
    key, passphrase = (read_secret(path) if path else "" for path in (key_file, passphrase_file))
    with explained_disk(archive):
        manifest = check_archive(source)
        change = credential_change(source, manifest, key=key, passphrase=passphrase)
        with connected(database) as connection:
            check_target(connection, manifest)
            import_tables(connection, source, manifest, change)
            import_objects(s3_client(region) if bucket else None, bucket, source, manifest)
    rows = sum(entry.rows for entry in manifest.tables.values())
    Console(highlight=False, emoji=False).print(
        f"{rows} rows of {len(manifest.tables)} tables, {manifest.objects or 0} files imported"
    )
