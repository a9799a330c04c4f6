"""docs/cost.md: its figures are regenerated, its words stay."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from analysis.cost.estimate import Estimate, estimate
from analysis.cost.peers import compared, peers
from analysis.cost.prices import CHECKED, REGION, SOURCES
from analysis.cost.service import Part
from analysis.cost.services import FIGURES, PRICES
from analysis.cost.usage import TEAM
from analysis.plan import record_stack
from analysis.stackfiles import ROOT, read_stack
from components.common.documented import descriptions

PATH = ROOT / "docs" / "cost.md"
STACKS = ("dev", "small", "prod")
LARGEST = 3


def page() -> str:
    """The page with what stands between its markers `<!-- NAME -->` and `<!-- /NAME -->` regenerated."""
    stacks = {name: estimated(name) for name in STACKS}
    made = {"totals": totals(stacks), "largest": _largest(stacks), "use": _use(), "sources": _sources()}
    beside = {name: compared(peer, stacks[peer.stack]) for name, peer in peers().items()}
    return between_markers(PATH, {**made, **beside})


def between_markers(path: Path, made: Mapping[str, list[str]]) -> str:
    """A page with new lines between each pair of its markers `<!-- NAME -->` and `<!-- /NAME -->`."""
    text = path.read_text(encoding="utf-8")
    for name, lines in made.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not marked.search(text):
            raise AssertionError(f"{path.name} has no markers for {name}")
        body = "\n".join(["", *lines, "", ""])
        text = marked.sub(lambda found, body=body: f"{found[1]}{body}{found[2]}", text)
    return text


@cache
def estimated(stack: str) -> Estimate:
    """What a stack, or an example, costs a month."""
    config = read_stack(stack)
    return estimate(record_stack(config), stack=stack, region=config.values["aws:region"])


def totals(stacks: Mapping[str, Estimate]) -> list[str]:
    """Lines of a table: what each component of these stacks costs, and the sums."""
    components = sorted(
        {component for found in stacks.values() for component in found.by_component()},
        key=lambda component: -sum(found.by_component().get(component, 0) for found in stacks.values()),
    )
    lines = [f"| component | {' | '.join(stacks)} |", f"| --- |{' ---: |' * len(stacks)}"]
    for component in components:
        months = [found.by_component().get(component) for found in stacks.values()]
        lines.append(f"| {component} | {' | '.join('' if m is None else f'{m:,.2f}' for m in months)} |")
    parts: tuple[tuple[str, Part | None], ...] = (
        ("fixed", "fixed"),
        ("use, as assumed below", "use"),
        ("**all**", None),
    )
    for name, part in parts:
        lines.append(f"| {name} | {' | '.join(f'{found.total(part):,.2f}' for found in stacks.values())} |")
    return lines


def _largest(stacks: Mapping[str, Estimate]) -> list[str]:
    lines = ["| stack | component | USD a month | part |", "| --- | --- | ---: | ---: |"]
    for name, found in stacks.items():
        for component, month in list(found.by_component().items())[:LARGEST]:
            lines.append(f"| {name} | {component} | {month:,.2f} | {month / found.total():.0%} |")
    return lines


def _use() -> list[str]:
    lines = ["| key | assumed | meaning |", "| --- | ---: | --- |"]
    meanings = descriptions(TEAM)
    for name, field in FIGURES.items():
        lines.append(f"| `{name}` | {field.default:g} | {' '.join(meanings[name].split()).removesuffix('.')} |")
    return lines


def _sources() -> list[str]:
    lines = [f"{len(PRICES)} prices, checked {CHECKED}, of {REGION}:", ""]
    for source, meaning in SOURCES.items():
        count = sum(price.source == source for price in PRICES.values())
        lines.append(f"- {source} ({count or 'sizes that have no price of their own'}): {meaning}.")
    return lines
