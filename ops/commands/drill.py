"""`drill`: lose everything on the local environment, bring it back by the runbooks, and say how long it took."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.drill.checkout import STACK, copy_program
from ops.drill.exercise import Exercise


def drill(
    *,
    stack: Annotated[str, typer.Option(help="Whose settings to use, as in Pulumi.STACK.yaml.")] = "prod",
    directory: Annotated[Path, typer.Option(help="Where Pulumi.yaml is.")] = Path(),
) -> None:
    """Lose database, files and namespace of a Flowise on this machine, recover them, and compare.

    Nothing in AWS is read or changed, nor a stack of yours: it is a copy of the program with a stack called 'drill'.
    """
    console = Console(highlight=False, emoji=False)
    with tempfile.TemporaryDirectory(prefix="drill-") as temporary:
        checkout = copy_program(directory.resolve(), Path(temporary) / "program", stack=stack)
        exercise = Exercise(
            checkout=checkout, show=lambda text: console.print(f"[dim]{escape(text.strip())}[/]", soft_wrap=True)
        )
        try:
            exercise.run()
        finally:
            checkout.local("down", STACK, may_fail=True)
            checkout.local("clean", STACK, "--yes", may_fail=True)
    show(console, exercise)
    if exercise.lost:
        raise typer.Exit(1)


def show(console: Console, exercise: Exercise) -> None:
    """Show the figures."""
    times = Table(box=None, pad_edge=False, header_style="dim")
    times.add_column("phase")
    times.add_column("seconds", justify="right")
    for phase in exercise.phases:
        times.add_row(escape(phase.name), f"{phase.seconds:.1f}", style="bold" if phase.is_recovery else "")
    recovery = sum(phase.seconds for phase in exercise.phases if phase.is_recovery)
    times.add_section()
    times.add_row("[bold]recovery in all[/]", f"[bold]{recovery:.1f}[/]")
    data = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("data", "made", "right", "lost"):
        data.add_column(title, justify="left" if title == "data" else "right")
    for each in exercise.compared:
        lost = each.made - each.right
        data.add_row(each.kind, str(each.made), str(each.right), f"[red]{lost}[/]" if lost else "0")
    console.print()
    console.print(times)
    console.print()
    console.print(data)
    verdict = "[red]Data was lost.[/]" if exercise.lost else "[bold green]Nothing was lost up to the recovery point.[/]"
    console.print(f"\n{verdict}")
