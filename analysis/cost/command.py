"""`python -m local cost STACK`: what a stack costs a month, with no account."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.cost.difference import AgainstError, markdown, read_document
from analysis.cost.estimate import Estimate, estimate
from analysis.cost.prices import CHECKED, REGION, PriceError
from analysis.cost.usage import UsageError, read_usage
from analysis.plan import record_stack
from analysis.stackfiles import StackFileError, read_stack
from settings import SettingsError, parse_settings


def cost(
    stack: Annotated[str, typer.Argument(help="Name of the stack: Pulumi.<stack>.yaml")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the estimate as JSON")] = False,
    against: Annotated[
        Path | None, typer.Option(help="Print what changed since this file of --json, as Markdown")
    ] = None,
    usage: Annotated[Path | None, typer.Option(help="YAML file with your own use a month (docs/cost.md)")] = None,
) -> None:
    """Estimate what a stack costs a month: its resources, and an assumed use of them."""
    try:
        config = read_stack(stack)
        settings = parse_settings(config.values, config.secret_keys, stack)
        use = read_usage(usage) if usage else None
        before = read_document(against) if against else None
        found = estimate(record_stack(config), stack=stack, region=settings.region, usage=use)
    except (StackFileError, SettingsError, UsageError, AgainstError, PriceError) as error:
        Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(found.document(), indent=2))
    elif before is not None:
        typer.echo(markdown(before, found))
    else:
        _print(Console(emoji=False), found)


def _print(console: Console, found: Estimate) -> None:
    console.print(_table(found))
    console.print(f"On demand in {REGION}, list prices as of {CHECKED} (docs/cost.md: which are quoted).")
    if found.region != REGION:
        console.print(f"The stack is in {found.region}: its prices differ, most regions are dearer.", style="yellow")
    console.print("Assumed: pods at their fewest, and the use of docs/cost.md; your own with --usage FILE.")
    console.print("Not counted: " + ", ".join(["the models themselves", "support", *found.left_out]) + ".")
    for type_ in found.unknown:
        console.print(
            f"No price: {type_}. It is not in the catalogue: add an entry to components/common/catalogue.", style="red"
        )


def _table(found: Estimate) -> Table:
    table = Table(title=f"{found.stack}: about {found.total():,.0f} USD a month", title_justify="left", box=box.SIMPLE)
    table.add_column("component", no_wrap=True)
    table.add_column("item")
    for name in ("quantity", "price", "month"):
        table.add_column(name, justify="right", no_wrap=True)
    sums = found.by_component()
    shown = ""
    for item in found.items:
        if item.component != shown:
            shown = item.component
            table.add_row(f"[bold cyan]{shown}", "", "", "", f"[bold]{sums[shown]:,.2f}")
        use = " [dim](use)[/]" if item.part == "use" else ""
        table.add_row(
            "",
            item.what + use,
            f"{item.quantity:g} {item.unit}".strip(),
            f"{item.price:,.2f}" if item.price >= 1 else f"{item.price:.3g}",
            f"{item.month:,.2f}",
        )
    table.add_section()
    table.add_row("fixed", "", "", "", f"{found.total('fixed'):,.2f}")
    table.add_row("use, as assumed", "", "", "", f"{found.total('use'):,.2f}")
    table.add_row("[bold]all", "", "", "", f"[bold]{found.total():,.2f}")
    return table
