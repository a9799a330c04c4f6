"""`python -m local policy [STACK...]`: what the policy pack says about stacks, with no account and no Pulumi CLI."""

import datetime
from typing import Annotated, Any, cast

import typer
from pulumi.output import Unknown as PulumiUnknown
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from local.plan import record_stack
from local.recorder import Record, Recording
from local.stackfiles import StackConfig, StackFileError, read_stack, stack_names
from policies.evaluate import Report, evaluate, exceptions_of, is_protected
from policies.model import UNKNOWN, Resource, Stack
from policies.rules import RULES
from settings import SettingsError, parse_settings


def policy(
    stacks: Annotated[list[str] | None, typer.Argument(help="Names of stacks; without one, all of them")] = None,
) -> None:
    """Judge stacks by the rules of docs/policies.md. Ends with 1 when a mandatory rule is broken."""
    console = Console(emoji=False)
    failed = False
    for name in stacks or stack_names():
        try:
            config = read_stack(name)
            parse_settings(config.values, config.secret_keys, name)
        except (StackFileError, SettingsError) as error:
            Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
            raise typer.Exit(1) from None
        report = judge(record_stack(config), config, today())
        show(console, name, report)
        failed = failed or bool(report.mandatory)
    if failed:
        raise typer.Exit(1)


def today() -> datetime.date:
    """The day by which exceptions and versions are judged."""
    return datetime.datetime.now(tz=datetime.UTC).date()


def judge(recording: Recording, config: StackConfig, day: datetime.date) -> Report:
    """What the rules say about a recorded stack."""
    return evaluate(stack_of(recording, config, day), exceptions_of(config.values))


def stack_of(recording: Recording, config: StackConfig, day: datetime.date) -> Stack:
    """A recorded stack as the rules see it."""
    return Stack(
        name=config.stack,
        protected=is_protected(config.values),
        today=day,
        resources=tuple(_resource(record) for record in recording.records if record.custom and not record.read),
    )


def _resource(record: Record) -> Resource:
    return Resource(
        type=record.type,
        name=record.name,
        urn=record.urn,
        id=record.id,
        props=_plain(record.inputs),
        protect=record.protect,
        depends_on=record.depends_on,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    return value


def summary(report: Report) -> str:
    """One line about a report."""
    advisory = len(report.findings) - len(report.mandatory)
    return (
        f"{len(RULES)} rules: {len(report.mandatory)} broken, {advisory} advice, "
        f"{len(report.excepted)} excepted with a reason"
    )


def show(console: Console, name: str, report: Report) -> None:
    """Print a report as a person reads it."""
    console.print(f"[bold]{escape(name)}[/] {summary(report)}")
    if report.findings:
        table = Table(Column("rule", no_wrap=True), "resource", "what", "fix")
        for finding in report.findings:
            style = "red" if finding.severity == "mandatory" else "yellow"
            table.add_row(
                f"[{style}]{finding.rule}[/]", escape(finding.resource), escape(finding.message), escape(finding.fix)
            )
        console.print(table)
    for finding, exception in report.excepted:
        console.print(
            escape(f"  excepted until {exception.expires}: {finding.rule} {finding.resource}: {exception.reason}"),
            style="dim",
            soft_wrap=True,
        )
