"""What `recover-objects` shows: the plan, the command that does it, and what became of it."""

import shlex
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.markup import escape
from rich.table import Table

from ops.moments import format_timestamp
from ops.objects.changes import Action, Plan
from ops.objects.report import RecoveryRequest
from ops.objects.work import ARCHIVED, FAILED, HIDDEN, RESTORED, UNKNOWN, ObjectRecovery


def show_plan(console: Console, plan: Plan, request: RecoveryRequest) -> None:
    """Show how many keys need what, and the first of them."""
    where = f"keys under '{request.prefix}'" if request.prefix else "all keys"
    console.print(f"[bold]{escape(request.bucket)}[/], {escape(where)}, as at {request.to}\n", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "keys", "bytes"):
        table.add_column(title, justify="right" if title else "left")
    table.add_row("bring back", str(plan.keys[Action.RESTORE]), decimal(plan.bytes))
    table.add_row("hide: were not there", str(plan.keys[Action.HIDE]), "")
    table.add_row("are right", str(plan.keys[Action.KEEP]), "")
    if plan.archived:
        table.add_row("[yellow]of the first: in an archive[/]", str(plan.archived), "")
    if unknown := plan.keys[Action.UNKNOWN]:
        table.add_row("[yellow]cannot be known[/]", str(unknown), "")
    console.print(table)
    for change in plan.sample:
        since = f" [dim]stored {format_timestamp(change.version.stored)}[/]" if change.version else ""
        console.print(f"  {change.action.value:<8} {escape(repr(change.key)[1:-1])}{since}", soft_wrap=True)
    if plan.to_do > len(plan.sample):
        console.print(f"  [dim]... {plan.to_do - len(plan.sample)} more[/]")
    if plan.archived:
        console.print("[yellow]S3 copies what is in an archive only after `aws s3api restore-object`.[/]")
    if unknown:
        console.print(
            "[yellow]Versioning was not on at that moment: what these keys held may have been overwritten. "
            "They are left alone.[/]"
        )
    console.print()


def show_what_next(console: Console, plan: Plan, request: RecoveryRequest) -> None:
    """Show the command that does it."""
    if not plan.to_do:
        console.print("There is nothing to do.")
        return
    command = [
        ".venv/bin/python",
        "-m",
        "ops",
        "recover-objects",
        "--bucket",
        request.bucket,
        "--prefix",
        request.prefix,
    ]
    console.print("Nothing was changed. To do it:")
    console.print(escape(f"  {shlex.join([*command, '--to', request.to, '--execute'])}"), soft_wrap=True)


def show_stop(console: Console, work: ObjectRecovery, plan: Plan) -> None:
    """Say how far it came."""
    console.print(f"[yellow]Stopped after {work.outcomes.total()} of {plan.to_do} keys.[/] The same command goes on.")


def show_outcome(console: Console, work: ObjectRecovery, report: Path, seconds: float) -> None:
    """Say what became of the keys, and how to find those that need a person."""
    outcomes = work.outcomes
    rate = outcomes.total() / max(seconds, 0.001)
    console.print(
        f"[bold green]{outcomes[RESTORED]} keys brought back[/] ({decimal(work.bytes)}), {outcomes[HIDDEN]} hidden "
        f"[dim]({seconds:.1f} s, {rate:.0f} keys/s)[/]"
    )
    for words, outcome in (("in an archive", ARCHIVED), ("cannot be known", UNKNOWN), ("failed", FAILED)):
        if outcomes[outcome]:
            find = f'grep \'"outcome": "{outcome}"\' {shlex.quote(str(report))}'
            console.print(f"[red]{outcomes[outcome]} {words}[/]: {escape(find)}", soft_wrap=True)
    console.print(f"report: {escape(str(report))}", soft_wrap=True)
