"""docs/capacity.md: its figures are regenerated, its words stay."""

from collections.abc import Mapping

from analysis.capacity.model import (
    DATABASE_CONNECTIONS,
    DATABASE_CPU_MS,
    QUEUE_CONNECTIONS_SERVER,
    QUEUE_CONNECTIONS_WORKER,
    QUEUE_CPU_MS,
    SERVER_CPU_MS,
    WORKER_CPU_MS,
    Load,
    Sizing,
    limits,
    size,
)
from analysis.capacity.stack import Month, changes, month, shape_of, with_changes
from analysis.stackfiles import ROOT, read_stack
from pages.cost import between_markers
from settings import parse_settings

PATH = ROOT / "docs" / "capacity.md"
STACKS = ("dev", "small", "prod")
LIKE = "prod"
DEMANDS = (
    *(Load(rate=rate) for rate in (0.2, 10, 100, 1_000, 10_000)),
    *(Load(rate=rate, concurrency=50) for rate in (100, 1_000, 10_000)),
)


def page() -> str:
    """The page with what stands between its markers regenerated."""
    sized = [(load, *_sized(load)) for load in DEMANDS]
    made = {
        "prediction": _prediction(),
        "stacks": _stacks(),
        "sizes": [_size(*each) for each in sized],
        "money": [_money(*each) for each in sized],
    }
    return between_markers(PATH, {name: [*_HEADS[name], *lines] for name, lines in made.items()})


_HEADS: Mapping[str, list[str]] = {
    "prediction": [
        "| part | CPU of one prediction, ms | a second and core | connections |",
        "| --- | ---: | ---: | --- |",
    ],
    "stacks": ["| stack | predictions a second | first | then | then |", "| --- | ---: | --- | --- | --- |"],
    "sizes": [
        "| a second | places | cells | servers + workers | nodes | database | connections | queue | first |",
        "| ---: | ---: | ---: | ---: | ---: | --- | ---: | --- | --- |",
    ],
    "money": [
        "| a second | places | nodes | database | queue | network | edge | telemetry | the rest | all | a million |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ],
}
_SHOWN = ("nodes", "FlowiseDb", "FlowiseQueue", "NetworkStack", "EdgeCdn", "Telemetry")


def _sized(load: Load) -> tuple[Sizing, Month]:
    config = read_stack(LIKE)
    found = size(load, shape_of(parse_settings(config.values, config.secret_keys, config.stack)))
    return found, month(config, found, load)


def _prediction() -> list[str]:
    queue = f"{QUEUE_CONNECTIONS_SERVER} of a server, {QUEUE_CONNECTIONS_WORKER} of a worker; a node takes 65,000"
    rows = (
        ("server", SERVER_CPU_MS, f"{DATABASE_CONNECTIONS} to PostgreSQL, {QUEUE_CONNECTIONS_SERVER} to Valkey"),
        ("worker", WORKER_CPU_MS, f"{DATABASE_CONNECTIONS} to PostgreSQL, {QUEUE_CONNECTIONS_WORKER} to Valkey"),
        ("PostgreSQL", DATABASE_CPU_MS, "by the memory of its class, 5,000 at most"),
        ("Valkey", QUEUE_CPU_MS, queue),
    )
    return [f"| {part} | {cpu:g} | {1000 / cpu:,.0f} | {held} |" for part, cpu, held in rows]


def _stacks() -> list[str]:
    lines: list[str] = []
    for stack in STACKS:
        config = read_stack(stack)
        found = limits(shape_of(parse_settings(config.values, config.secret_keys, stack)), Load.wait_seconds)
        cells = [f"{limit.part} ({limit.rate:,.0f})" for limit in found[:3]]
        lines.append(f"| {stack} | {found[0].rate:,.0f} | {' | '.join(cells)} |")
    return lines


def _size(load: Load, found: Sizing, cost: Month) -> str:
    config = read_stack(LIKE)
    changed = changes(found, parse_settings(config.values, config.secret_keys, config.stack))
    new = with_changes(config, changed)
    first = limits(shape_of(parse_settings(new.values, new.secret_keys, new.stack)), load.wait_seconds)[0]
    nodes = sum(each.count for each in cost.nodes)
    connections = (found.servers + found.workers) * DATABASE_CONNECTIONS
    return (
        f"| {load.rate:,g} | {load.concurrency} | {found.cells} | {found.servers} + {found.workers} | {nodes} | "
        f"{found.shape.database} | {connections} | {found.shape.cache} | {first.part} |"
    )


def _money(load: Load, found: Sizing, cost: Month) -> str:
    shown = [found.cells * cost.by_component.get(name, 0) for name in _SHOWN]
    everything = found.cells * cost.cell
    figures = [*shown, everything - sum(shown), everything]
    million = everything / (load.rate * load.hours * 3600 / 1e6)
    return f"| {load.rate:,g} | {load.concurrency} | {' | '.join(f'{usd:,.0f}' for usd in figures)} | {million:,.2f} |"
