"""What others publish about their cost, beside what ours comes to."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from analysis.cost.estimate import Estimate

_FILE = Path(__file__).with_name("peers.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Line(_Strict):
    """A line of somebody's bill."""

    what: str
    usd: float | str | None = None
    """A figure or a range, as published; None where there is none."""
    ours: tuple[str, ...]
    """Components of ours that do the same."""
    why: str


class PublishedPrice(_Strict):
    """A deployment whose cost somebody has published."""

    stack: str
    """Which of ours is nearest."""
    total: str
    lines: tuple[Line, ...]


@cache
def peers() -> Mapping[str, PublishedPrice]:
    """All of them, by the name of their markers in docs/cost.md."""
    return TypeAdapter(dict[str, PublishedPrice]).validate_python(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def compared(peer: PublishedPrice, ours: Estimate) -> list[str]:
    """Lines of a table: theirs, ours, and why they differ; at the end what only ours has, and the sums."""
    sums = ours.by_component()
    lines = [f"| published | USD | {peer.stack} | why |", "| --- | ---: | ---: | --- |"]
    for line in peer.lines:
        theirs = "" if line.usd is None else line.usd if isinstance(line.usd, str) else f"{line.usd:,.2f}"
        own = sum(sums.get(component, 0) for component in line.ours)
        lines.append(f"| {line.what} | {theirs} | {own:,.2f} | {line.why} |")
    named = {component for line in peer.lines for component in line.ours}
    rest = {component: usd for component, usd in sums.items() if component not in named}
    lines.append(f"| not in its list | | {sum(rest.values()):,.2f} | {', '.join(rest)} |")
    return [*lines, f"| **all** | **{peer.total}** | **{ours.total():,.2f}** | |"]
