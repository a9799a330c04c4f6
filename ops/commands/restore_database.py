"""`restore-database`: write into the stack file that the database is to be recreated from a backup."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ops.clients import rds_client
from ops.database import (
    Instance,
    RetainedBackups,
    find_instance,
    find_retained_backups,
    find_snapshot,
    snapshots_of,
)
from ops.errors import OpsError
from ops.moments import format_timestamp, parse_moment
from ops.stack_file import StackFile, generation_name, read_stack_file

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient

_SHOWN = 5


def restore_database(
    *,
    stack: Annotated[str, typer.Option(help="The stack, as in Pulumi.STACK.yaml.")],
    snapshot: Annotated[str | None, typer.Option(metavar="ID", help="Restore this snapshot (name or ARN).")] = None,
    to: Annotated[str | None, typer.Option(metavar="MOMENT", help="Restore this moment.")] = None,
    database: Annotated[
        str | None, typer.Option(help="Name of the stack's first instance, if it is not PROJECT-STACK-database.")
    ] = None,
    directory: Annotated[Path, typer.Option(help="Where Pulumi.yaml is.")] = Path(),
) -> None:
    """Ask for a new database made from a snapshot or a moment, in the stack file, for a pull request.

    Nothing happens in AWS before the change is deployed. The new instance is made beside the old one, which stays.
    """
    console = Console(highlight=False, emoji=False)
    if (snapshot is None) == (to is None):
        raise OpsError(
            "--snapshot and --to are given both" if snapshot else "neither --snapshot nor --to is given",
            hint="Give one of them: --to for the moment before the damage, --snapshot when the instance is gone.",
        )
    file = read_stack_file(stack, directory)
    generation = file.generation
    names = [generation_name(database, n) if database else file.instance_name(n) for n in (generation, generation + 1)]
    client = rds_client(file.region)
    instance = _check_generation(client, file, generation, *names)
    source: dict[str, str | int]
    if to is not None:
        moment = parse_moment(to, option="--to", now=datetime.now(UTC))
        retained = None if instance else find_retained_backups(client, names[0])
        _check_moment(client, moment, instance, retained, names[0])
        origin: dict[str, str | int] = {"source_resource_id": retained.resource_id} if retained else {}
        source = {"point_in_time": format_timestamp(moment), **(origin or {"source_generation": generation})}
    else:
        source = {"snapshot_identifier": _check_snapshot(client, str(snapshot), names[0])}
    text = file.restored(source, generation + 1, deleted=instance is None)
    file.write(text)
    _show(console, file, file.difference(text), names[1], deleted=None if instance else generation)


def _check_generation(
    client: "RDSClient", file: StackFile, generation: int, name: str, next_name: str
) -> Instance | None:
    """Return the instance that the file asks for, if there is one still."""
    instance = find_instance(client, name)
    if instance is None and not snapshots_of(client, name):
        if generation > 1:
            raise OpsError(
                f"{file.path.name} asks for generation {generation}, but there has never been an instance {name} in "
                f"{file.region}: the last restore was written and not deployed",
                hint="Deploy it, or take it back: git checkout " + file.path.name,
            )
        raise OpsError(
            f"there is no instance {name} in {file.region}, and no snapshot of it",
            hint="Are account (aws sts get-caller-identity) and region the right ones? --database gives another name.",
        )
    if find_instance(client, next_name):
        raise OpsError(
            f"there is an instance {next_name} already, and {file.path.name} asks for generation {generation} only",
            hint=f"Find out whose it is. If it is a restore that was given up, remove it, or set generation to "
            f"{generation + 1}.",
        )
    return instance


def _check_moment(
    client: "RDSClient", moment: datetime, instance: Instance | None, retained: RetainedBackups | None, name: str
) -> None:
    window = instance.window if instance else retained and retained.window
    if window is None:
        what = (
            f"RDS has no backups of {name} (retention: {instance.retention_days} days)"
            if instance
            else f"instance {name} does not exist any more, and RDS has kept no automated backups of it"
        )
        raise OpsError(what, hint=f"Restore a snapshot of it with --snapshot: {_known(client, name)}")
    if not window.earliest <= moment <= window.latest:
        side = "before" if moment < window.earliest else "after"
        raise OpsError(
            f"--to {format_timestamp(moment)} lies {side} what RDS can restore of {name}: "
            f"{format_timestamp(window.earliest)} to {format_timestamp(window.latest)}",
            hint="Choose a moment in between."
            + (
                f" Older are the snapshots: {_known(client, name)}"
                if side == "before"
                else " RDS is some 5 minutes behind."
            ),
        )


def _check_snapshot(client: "RDSClient", identifier: str, name: str) -> str:
    found = find_snapshot(client, identifier)
    if found is None:
        raise OpsError(f"there is no snapshot {identifier}", hint=f"Of {name} there are: {_known(client, name)}")
    if found.status != "available":
        raise OpsError(f"snapshot {identifier} is {found.status}", hint="Wait until it is available.")
    if found.engine != "postgres":
        raise OpsError(f"snapshot {identifier} is of a database of {found.engine}, not postgres")
    return identifier


def _known(client: "RDSClient", name: str) -> str:
    found = [f"{one.identifier} ({format_timestamp(one.taken)})" for one in snapshots_of(client, name) if one.taken]
    more = f", and {len(found) - _SHOWN} older" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more or "none"


def _show(console: Console, file: StackFile, difference: list[str], name: str, *, deleted: int | None) -> None:
    for line in difference:
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(line[0], "default")
        console.print(f"[{colour}]{escape(line)}[/]", soft_wrap=True)
    console.print(f"\n{escape(file.path.name)} is written; in AWS nothing has happened. Next:")
    branch = name.replace("/", "-")
    # A protected instance that only the state still knows would be refused as a deletion; a refresh forgets it.
    forget = () if deleted is None else (f"pulumi refresh -s {file.stack} --target '{file.instance_urn(deleted)}'",)
    for command in (
        *forget,
        f"make plan STACK={file.stack}",
        f"git switch -c restore-{branch} && git commit -m 'Restore the database as {name}' {file.path.name}",
        f"pulumi preview -s {file.stack} --diff   # one instance to create, none to delete or replace",
    ):
        console.print(escape(f"  {command}"), soft_wrap=True)
    console.print(f"[dim]To take it back: git checkout {escape(file.path.name)}[/]")
