"""`recover-objects`: bring a prefix of a versioned bucket back to a moment."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, final
from zlib import crc32

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ops.clients import s3_client
from ops.commands.objects_shown import show_outcome, show_plan, show_stop, show_what_next
from ops.errors import OpsError
from ops.moments import format_timestamp, parse_moment
from ops.objects.bucket import check_reaches
from ops.objects.changes import Action, ObjectChange, Plan, changes
from ops.objects.history import histories
from ops.objects.report import RecoveryReport, RecoveryRequest
from ops.objects.restoring import Restorer
from ops.objects.work import ObjectRecovery

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_SAMPLE = 10


def recover_objects(
    *,
    bucket: Annotated[str, typer.Option(help="The bucket.")],
    prefix: Annotated[str, typer.Option(help="What the keys begin with; '' is the whole bucket.")],
    to: Annotated[str, typer.Option(metavar="MOMENT", help="When all was well, such as 2026-11-23T10:00:00Z.")],
    execute: Annotated[bool, typer.Option("--execute", help="Do it; without this it is only shown.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workers: Annotated[int, typer.Option(help="Objects at once.", min=1, max=256)] = 32,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where every key is reported (JSON lines).")
    ] = None,
    region: Annotated[str | None, typer.Option(help="Region of the bucket.")] = None,
) -> None:
    """Bring the keys under a prefix back to a moment.

    What was current then is made current again by a copy; what was not there is hidden by a delete marker. No version
    is ever deleted, so the run itself can be undone: run it again with the moment before it.
    """
    console = Console(highlight=False, emoji=False)
    now = datetime.now(UTC)
    moment = parse_moment(to, option="--to", now=now)
    client = s3_client(region, workers=workers)
    check_reaches(client, bucket, prefix, moment, now)
    request = RecoveryRequest(
        bucket=bucket, prefix=prefix, to=format_timestamp(moment), mode="execute" if execute else "plan"
    )
    memory = _usual_report(request)
    run = _Run(
        client=client,
        request=request,
        moment=moment,
        report=RecoveryReport(report or memory, request) if report or execute else None,
        # A dry run knows what a run with the usual report has done, so that it shows what is left to do.
        made=RecoveryReport(report if report and execute else memory, replace(request, mode="execute")).made,
        console=console,
    )
    plan = run.plan()
    show_plan(console, plan, request)
    if not execute:
        show_what_next(console, plan, request)
    elif not plan.to_do:
        console.print("There is nothing to do.")
        _leave(is_complete=not plan.keys[Action.UNKNOWN])
    elif not yes and typer.prompt(f"Type the bucket's name to change {plan.to_do} keys in it") != bucket:
        console.print("Nothing was changed.")
        raise typer.Exit(1)
    else:
        run.execute(plan, workers)


@final
@dataclass(frozen=True, kw_only=True)
class _Run:
    client: "S3Client"
    request: RecoveryRequest
    moment: datetime
    report: RecoveryReport | None
    made: Mapping[str, str]
    console: Console

    def plan(self) -> Plan:
        """Read the whole listing once, so that what is asked for is seen before anything is changed."""
        plan = Plan()
        writes = self.report if self.request.mode == "plan" else None
        with self.console.status("reading the versions ...") as status, writes or nullcontext():
            for seen, change in enumerate(self._changes(), start=1):
                plan.add(change, sample_size=_SAMPLE)
                if writes and change.action is not Action.KEEP:
                    writes.write(_planned(change))
                if seen % 1000 == 0:
                    status.update(f"reading the versions: {seen} keys ...")
        if not plan.keys:
            bucket, prefix = self.request.bucket, self.request.prefix
            raise OpsError(
                f"bucket {bucket} holds no version of a key that begins with '{prefix}'",
                hint=f"Look at what it holds: aws s3api list-object-versions --bucket {bucket} --max-items 20",
            )
        return plan

    def execute(self, plan: Plan, workers: int) -> None:
        """Carry it out, and leave with exit code 1 when a key is not as it was."""
        assert self.report is not None  # noqa: S101 - every run that executes has one
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        began = time.monotonic()
        with self.report, Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            bar = progress.add_task("recovering", total=plan.to_do + plan.keys[Action.UNKNOWN])
            restorer = Restorer(client=self.client, bucket=self.request.bucket)
            work = ObjectRecovery(restorer, self.report, workers=workers, tick=lambda: progress.advance(bar))
            try:
                work.run(self._changes())
            except BaseException:
                show_stop(self.console, work, plan)
                raise
        show_outcome(self.console, work, self.report.path, time.monotonic() - began)
        _leave(is_complete=work.is_complete)

    def _changes(self) -> Iterator[ObjectChange]:
        keys = histories(self.client, self.request.bucket, self.request.prefix, self.moment)
        return changes(keys, self.made)


def _usual_report(request: RecoveryRequest) -> Path:
    """One file for each request, by its name."""
    part = f"{re.sub(r'[^A-Za-z0-9]+', '-', request.prefix)[:40]}-{crc32(request.prefix.encode()):08x}"
    return Path(
        f"recover-objects-{request.bucket}-{part if request.prefix else 'all'}-{request.to.replace(':', '')}.jsonl"
    )


def _planned(change: ObjectChange) -> dict[str, object]:
    line: dict[str, object] = {"key": change.key, "action": change.action.value}
    if change.version:
        version = change.version
        line |= {"version": version.id, "bytes": version.size, "stored": format_timestamp(version.stored)}
    return line


def _leave(*, is_complete: bool) -> None:
    if not is_complete:
        raise typer.Exit(1)
