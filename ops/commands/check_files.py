"""`check-files`: files that rows of Flowise refer to and that are not in the bucket."""

from typing import Annotated

import typer
from rich.console import Console

from ops.clients import s3_client
from ops.portable import referred
from ops.portable.options import Database, Region
from ops.portable.tables import connected, migration_names


def check_files(
    *,
    database: Database,
    bucket: Annotated[str, typer.Option(help="The stack's bucket.")],
    region: Region = None,
) -> None:
    """List files that chats, flows and document stores refer to and that are not in the bucket; then exit with 1.

    Nothing is changed, and only keys are listed: no file is read.
    """
    present = referred.keys(s3_client(region), bucket)
    with connected(database) as connection:
        migration_names(connection)
        found = set(referred.references(connection))
    lost = referred.missing(found, present)
    console = Console(highlight=False, emoji=False)
    for each in lost:
        console.print(f"{each.where}: {each.key}", soft_wrap=True, markup=False)
    console.print(f"{len(lost)} of {len(found)} files that rows refer to are not in {bucket}", soft_wrap=True)
    for organization in sorted(referred.other_organizations(lost, present)):
        console.print(f"Some are there under another organisation: {organization}/", soft_wrap=True, markup=False)
    if lost:
        raise typer.Exit(1)
