"""`status`: what could be restored, from when, and how old it is."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.errors import OpsError
from ops.moments import format_duration, format_timestamp
from ops.recoverable import RecoveryPointObjective, RestoreOption, found, of_bucket, of_database, of_secret, of_vault

_OUTPUTS = {
    "database": ("database",),
    "bucket": ("bucket",),
    "vault": ("vault", "recovery_vault"),
    "secret": ("owner_secret",),
}
"""Outputs of the stack that name each kind of thing."""

Names = list[str] | None


def status(
    *,
    outputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The stack's outputs: pulumi stack output --json > FILE.")
    ] = None,
    database: Annotated[Names, typer.Option(help="A database instance; may be repeated.")] = None,
    bucket: Annotated[Names, typer.Option(help="A bucket; may be repeated.")] = None,
    vault: Annotated[Names, typer.Option(help="A backup vault, name or ARN; may be repeated.")] = None,
    secret: Annotated[Names, typer.Option(help="A secret, name or ARN; may be repeated.")] = None,
    region: Annotated[str | None, typer.Option(help="Region of what is not named by an ARN.")] = None,
    rpo_minutes: Annotated[int, typer.Option(help="Promised for what is backed up all the time.", min=1)] = 15,
    backup_rpo_hours: Annotated[int, typer.Option(help="Promised for what is backed up daily.", min=1)] = 26,
) -> None:
    """Say what could be restored; exit code 1 when that is less than was promised. Reads only, and no data."""
    console = Console(highlight=False, emoji=False)
    named = {"database": database or [], "bucket": bucket or [], "vault": vault or [], "secret": secret or []}
    if outputs:
        for kind, names in _named_by(outputs).items():
            named[kind] = [*named[kind], *names]
    if not any(named.values()):
        raise OpsError(
            "nothing is named" + (f": {outputs} has none of {', '.join(_known())}" if outputs else ""),
            hint="Name what to look at: --outputs outputs.json, or --database, --bucket, --vault, --secret.",
        )
    promise = RecoveryPointObjective(
        now=datetime.now(UTC), continuous=timedelta(minutes=rpo_minutes), daily=timedelta(hours=backup_rpo_hours)
    )
    looks = {"database": of_database, "bucket": of_bucket, "vault": of_vault, "secret": of_secret}
    findings = [
        finding
        for kind, look in looks.items()
        for name in named[kind]
        for finding in found(f"{kind} {name}", lambda look=look, name=name: look(name, region, promise))
    ]
    _show(console, findings, promise)
    if any(finding.problem for finding in findings):
        raise typer.Exit(1)


def _known() -> list[str]:
    return [name for names in _OUTPUTS.values() for name in names]


def _named_by(path: Path) -> Mapping[str, list[str]]:
    """Read names from the stack's outputs; what is not there is not looked at."""
    try:
        content = cast("object", json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise OpsError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise OpsError(f"{path} is not JSON: {error}", hint="Make it with: pulumi stack output --json") from error
    if not isinstance(content, dict):
        raise OpsError(f"{path} holds no outputs by name", hint="Make it with: pulumi stack output --json")
    values = cast("dict[str, object]", content)
    return {kind: [str(values[name]) for name in names if values.get(name)] for kind, names in _OUTPUTS.items()}


def _show(console: Console, findings: Iterable[RestoreOption], promise: RecoveryPointObjective) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "", "back to", "up to", "age", ""):
        table.add_column(title)
    problems: list[RestoreOption] = []
    for one in findings:
        age = format_duration(promise.now - one.latest) if one.latest else ""
        mark = "[red]✗[/]" if one.problem else "[green]✓[/]" if one.latest or one.earliest else "·"
        moments = [format_timestamp(moment) if moment else "" for moment in (one.earliest, one.latest)]
        table.add_row(f"{mark} {escape(one.what)}", escape(one.how), *moments, age, escape(one.detail))
        if one.problem:
            problems.append(one)
    console.print(table)
    for one in problems:
        console.print(f"[red]{escape(one.what)}, {escape(one.how)}:[/] {escape(one.problem)}", soft_wrap=True)
    if not problems:
        console.print("\nEverything can be restored as promised.")
