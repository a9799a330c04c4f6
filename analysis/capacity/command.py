"""`python -m local capacity`: what a load needs, or what a stack serves."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
import yaml
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.capacity.model import (
    CONNECTIONS_USED,
    DATABASE_CONNECTIONS,
    PLACES_USED,
    CapacityError,
    Limit,
    Load,
    Sizing,
    StackCapacity,
    limits,
    size,
)
from analysis.capacity.stack import Changes, Month, as_stack_file, budget, changes, month, shape_of, with_changes
from analysis.cost.prices import CHECKED, REGION, PriceError
from analysis.stackfiles import StackConfig, StackFileError, read_stack
from settings import SettingsError, StackSettings, parse_settings

_BASE = "prod"
_WINDOW_SECONDS = 300


def capacity(
    stack: Annotated[
        str | None,
        typer.Argument(help="Stack to look at; with --rate or --users, whose other settings are taken (else prod)"),
    ] = None,
    *,
    rate: Annotated[
        float | None, typer.Option(min=0.001, max=1_000_000, help="Predictions a second at the busiest")
    ] = None,
    users: Annotated[int | None, typer.Option(min=1, help="People at the busiest, in place of --rate")] = None,
    questions: Annotated[
        float | None, typer.Option(min=0.1, max=3600, help="Questions of each in an hour, with --users (default: 12)")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, max=600, help="Seconds that a flow waits for its models")] = 5,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Flows that a worker runs at once (default: 10)")
    ] = None,
    cpu: Annotated[int | None, typer.Option(min=10, max=95, help="Percent to which CPU is used (default: 60)")] = None,
    hours: Annotated[
        float | None, typer.Option(min=1, max=730, help="Hours of a month at that rate (default: 730, all of them)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON")] = False,
) -> None:
    """Say what a load needs and costs, and what to write into a stack file; or what a stack serves as it is."""
    given = {"questions": questions, "concurrency": concurrency, "cpu": cpu, "hours": hours}
    asked = _asked(stack, rate, users, {name for name, value in given.items() if value is not None})
    if users:
        asked = users * (questions or 12) / 3600
    try:
        config = read_stack(stack or _BASE)
        settings = parse_settings(config.values, config.secret_keys, config.stack)
        if asked is None:
            _serves(config, settings, wait, as_json=as_json)
            return
        load = Load(
            rate=asked, wait_seconds=wait, concurrency=concurrency or 10, cpu_percent=cpu or 60, hours=hours or 730
        )
        _needs(config, settings, load, as_json=as_json)
    except (StackFileError, SettingsError, PriceError, CapacityError) as error:
        Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None


def _asked(stack: str | None, rate: float | None, users: int | None, given: set[str]) -> float | None:
    """Whatever rate is asked for. Raises `BadParameter` for options that do not go together."""
    if rate and users:
        raise typer.BadParameter("--rate and --users say the same; give one of them")
    if not (stack or rate or users):
        raise typer.BadParameter("say what is asked (--rate or --users), or name a stack to look at")
    if "questions" in given and not users:
        raise typer.BadParameter("--questions needs --users")
    if given and not (rate or users):
        raise typer.BadParameter(
            f"{', '.join(f'--{name}' for name in sorted(given))}: with --rate or --users only; "
            f"of {stack} it is what its stack file says"
        )
    return rate


def _serves(config: StackConfig, settings: StackSettings, wait: float, *, as_json: bool) -> None:
    shape = shape_of(settings)
    found = limits(shape, wait)
    address = None if settings.ingress else settings.edge.requests_per_five_minutes / _WINDOW_SECONDS
    if as_json:
        document = {
            "stack": config.stack,
            "wait_seconds": wait,
            "predictions_a_second": round(found[0].rate, 3),
            "first": found[0].part,
            "limits": [asdict(limit) for limit in found],
            "from_one_address_a_second": address,
            "shape": asdict(shape),
        }
        typer.echo(json.dumps(document, indent=2))
        return
    console = Console(emoji=False)
    mode = "queue mode" if shape.workers else "main mode, where one pod does all"
    console.print(
        f"[bold]{config.stack}[/] ({mode}) serves about [bold]{_figure(found[0].rate)} predictions a second[/] "
        f"of flows that wait {wait:g} s for their models.\nFirst to saturate: {found[0].part}.",
        soft_wrap=True,
    )
    console.print(_limits_table(found, None))
    if shape.workers:
        console.print(
            f"With the most pods that it allows: {shape.servers} servers, {shape.workers} workers of "
            f"{shape.concurrency} places.",
            soft_wrap=True,
        )
    if address:
        console.print(
            f"One address gets {_figure(address)} requests a second (edge.requests_per_five_minutes), whatever the "
            "stack serves: a program that calls it for many people meets that first.",
            soft_wrap=True,
        )
    _what_it_rests_on(console)


def _needs(config: StackConfig, settings: StackSettings, load: Load, *, as_json: bool) -> None:
    found = size(load, shape_of(settings))
    cost = month(config, found, load)
    changed = changes(found, settings)
    if settings.observability and settings.observability.budget:
        changed["observability.budget.monthly_usd"] = budget(cost.cell)
    new = with_changes(config, changed)
    serves = limits(shape_of(parse_settings(new.values, new.secret_keys, new.stack)), load.wait_seconds)
    if as_json:
        typer.echo(json.dumps(_document(load, found, cost, changed, serves), indent=2))
        return
    console = Console(emoji=False)
    cells = "one stack" if found.cells == 1 else f"{found.cells:,} cells, each a stack of its own"
    console.print(
        f"[bold]{_figure(load.rate)} predictions a second[/] of flows that wait {load.wait_seconds:g} s for their "
        f"models: [bold]{cells}[/], about [bold]{found.cells * cost.cell:,.0f} USD a month[/].",
        soft_wrap=True,
    )
    console.print(_size_table(found, cost))
    if found.cells > 1:
        console.print(
            f"A cell ends at {_figure(found.bottleneck.rate)} a second: {found.bottleneck.part}. Lever: "
            f"{found.bottleneck.change}. docs/capacity.md says how cells stand behind one name.\n",
            soft_wrap=True,
        )
    console.print("What saturates then, in this order:")
    console.print(_limits_table(serves, found.rate))
    where = f"Pulumi.{config.stack}.yaml" if found.cells == 1 else "the stack file of each cell"
    console.print(f"For {where}, the rest as {config.stack} has it:\n")
    console.print(escape(yaml.safe_dump(as_stack_file(changed), sort_keys=False)), highlight=False)
    console.print(
        f"USD on load in {REGION}, list prices as of {CHECKED} (docs/cost.md), for {load.hours:g} "
        "hours at this rate; without the models themselves and without the storage that answers take.",
        soft_wrap=True,
    )
    _what_it_rests_on(console)


def _document(load: Load, found: Sizing, cost: Month, changed: Changes, serves: list[Limit]) -> dict[str, Any]:
    return {
        "load": asdict(load),
        "cells": found.cells,
        "cell": {
            "predictions_a_second": found.rate,
            "servers": found.servers,
            "workers": found.workers,
            "shape": asdict(found.shape),
            "nodes": [asdict(each) for each in cost.nodes],
            "database_connections": (found.servers + found.workers) * DATABASE_CONNECTIONS,
            "usd_a_month": {name: round(usd, 2) for name, usd in cost.by_component.items()},
        },
        "usd_a_month": round(found.cells * cost.cell, 2),
        "a_cell_ends_at": asdict(found.bottleneck),
        "limits": [asdict(limit) for limit in serves],
        "stack_file": as_stack_file(changed),
    }


def _size_table(found: Sizing, cost: Month) -> Table:
    shape, several = found.shape, found.cells > 1
    table = Table(box=box.SIMPLE)
    table.add_column("")
    table.add_column("a cell" if several else "needs", justify="right")
    if several:
        table.add_column("all", justify="right")

    def row(name: str, each: str, number: float | None = None) -> None:
        everything = "" if number is None else f"{number * found.cells:,.0f}"
        table.add_row(name, each, *([everything] if several else []))

    row("predictions a second", _figure(found.rate), found.rate)
    row("servers (at most)", f"{found.servers} ({shape.servers})", found.servers)
    row("workers (at most)", f"{found.workers} ({shape.workers})", found.workers)
    row("flows at once", f"{found.workers * shape.concurrency:,}", found.workers * shape.concurrency)
    for nodes in cost.nodes:
        row(f"nodes, {nodes.pool}", f"{nodes.count} {nodes.instance}", nodes.count)
    row("database", shape.database, 1)
    row("its connections", _of(shape, found), (found.servers + found.workers) * DATABASE_CONNECTIONS)
    row("queue", f"2 {shape.cache}", 2)
    for name, usd in sorted(cost.by_component.items(), key=lambda pair: -pair[1])[:_SHOWN]:
        row(f"USD a month, {name}", f"{usd:,.0f}", usd)
    row("USD a month, all", f"{cost.cell:,.0f}", cost.cell)
    return table


_SHOWN = 6


def _of(shape: StackCapacity, found: Sizing) -> str:
    return f"{(found.servers + found.workers) * DATABASE_CONNECTIONS:,} ({shape.database_connections:,})"


def _limits_table(found: list[Limit], rate: float | None) -> Table:
    table = Table(box=box.SIMPLE)
    table.add_column("part")
    table.add_column("a second", justify="right")
    if rate is not None:
        table.add_column("used", justify="right")
    table.add_column("what lets it serve more")
    for limit in found:
        used = [] if rate is None else [f"{rate / limit.rate:.0%}"]
        table.add_row(limit.part, _figure(limit.rate), *used, limit.change)
    return table


def _figure(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= _WHOLE else f"{rate:.2g}"


_WHOLE = 10


def _what_it_rests_on(console: Console) -> None:
    console.print(
        f"From figures of a flow without a model on shared cores (docs/capacity.md), places used to {PLACES_USED:.0%}, "
        f"connections to {CONNECTIONS_USED:.0%}. Measure your own flows before you buy.",
        soft_wrap=True,
    )
