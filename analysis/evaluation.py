"""What the policy pack says about a recorded stack, and how a person reads it."""

from datetime import UTC, date, datetime
from typing import Any, cast

from pulumi.output import Unknown as PulumiUnknown
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analysis.recorder import Record, Recording
from analysis.stackfiles import StackConfig
from policies.evaluate import PolicyReport, evaluate, exceptions_of, is_protected
from policies.model import Resource, Stack
from policies.rules import RULES
from policies.unknown import UNKNOWN


def today() -> date:
    """The day by which exceptions and versions are evaluated."""
    return datetime.now(tz=UTC).date()


def evaluate_recording(recording: Recording, config: StackConfig, day: date) -> PolicyReport:
    """What the rules say about a recorded stack."""
    return evaluate(stack_of(recording, config, day), exceptions_of(config.values))


def stack_of(recording: Recording, config: StackConfig, day: date) -> Stack:
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


def summary(report: PolicyReport) -> str:
    """One line about a report."""
    advisory = len(report.findings) - len(report.mandatory)
    return (
        f"{len(RULES)} rules: {len(report.mandatory)} broken, {advisory} advice, "
        f"{len(report.excepted)} excepted with a reason"
    )


def show(console: Console, title: str, report: PolicyReport) -> None:
    """Print a report as a person reads it."""
    console.print(f"[bold]{escape(title)}[/] {summary(report)}", soft_wrap=True)
    if report.findings:
        table = Table(Column("rule", no_wrap=True), "resource", "what", "fix")
        for finding in report.findings:
            style = "red" if finding.severity == "mandatory" else "yellow"
            table.add_row(
                f"[{style}]{finding.rule}[/]", escape(finding.resource), escape(finding.message), escape(finding.fix)
            )
        console.print(table)
    lines = [
        f"  excepted until {exception.expires}: {finding.rule} {finding.resource}: {exception.reason}"
        for finding, exception in report.excepted
    ]
    for line in dict.fromkeys(lines):  # a rule may find several things in one resource
        console.print(escape(line), style="dim", soft_wrap=True)
