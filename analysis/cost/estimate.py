"""A month of a stack: items by component, each a quantity times a price."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.cost.nodes import nodes_of
from analysis.cost.prices import CHECKED, HOURS, REGION, find_price
from analysis.cost.rules import amounts, is_unknown, left_out
from analysis.cost.service import Amount, Part, Usage
from analysis.cost.usage import assumed
from analysis.recorder import Record, Recording

NODES = "nodes"


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of the bill."""

    component: str
    what: str
    part: Part
    quantity: float
    unit: str
    """Empty for what runs all month."""
    price: float
    """USD a month for one."""
    source: str

    @property
    def month(self) -> float:
        """USD a month."""
        return self.quantity * self.price


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a stack costs a month, on demand, before discounts and tax."""

    stack: str
    region: str
    """Where the stack is; the prices are those of `REGION`."""
    items: tuple[Item, ...]
    """By component, the most expensive first."""
    left_out: tuple[str, ...]
    unknown: tuple[str, ...]
    """Types about which nobody has said what they cost."""

    def total(self, part: Part | None = None) -> float:
        """USD a month, of all or of one part."""
        return sum(item.month for item in self.items if part in {None, item.part})

    def by_component(self) -> dict[str, float]:
        """USD a month of each component, the most expensive first."""
        sums: dict[str, float] = {}
        for item in self.items:
            sums[item.component] = sums.get(item.component, 0) + item.month
        return dict(sorted(sums.items(), key=lambda pair: -pair[1]))

    def document(self) -> dict[str, Any]:
        """JSON for `--json` and `--against`."""
        items = [{**asdict(item), "month": round(item.month, 4)} for item in self.items]
        totals = {"fixed": round(self.total("fixed"), 2), "use": round(self.total("use"), 2)}
        return {
            "stack": self.stack,
            "region": self.region,
            "prices_of": REGION,
            "prices_checked": CHECKED.isoformat(),
            "usd_a_month": {**totals, "total": round(self.total(), 2)},
            "items": items,
            "left_out": list(self.left_out),
            "unknown": list(self.unknown),
        }


def estimate(recording: Recording, *, stack: str, region: str, usage: Usage | None = None) -> Estimate:
    """Estimate a recorded stack. Raises `PriceError` for a class or size that has no price."""
    use = usage or assumed()
    by_urn = {record.urn: record for record in recording.records}
    items = [
        _item(_component(by_urn, record), amount)
        for record in recording.records
        for amount in amounts(record, use, recording)
    ]
    items += [_item(NODES, amount) for amount in _node_amounts(recording)]
    kept = _together(item for item in items if item.quantity)
    sums: dict[str, float] = {}
    for item in kept:
        sums[item.component] = sums.get(item.component, 0) + item.month
    return Estimate(
        stack=stack,
        region=region,
        items=tuple(sorted(kept, key=lambda i: (-sums[i.component], i.component, -i.month, i.what))),
        left_out=left_out(recording),
        unknown=tuple(sorted({record.type for record in recording.records if is_unknown(record)})),
    )


def _component(by_urn: dict[str, Record], record: Record) -> str:
    """Class of the nearest component of ours above a resource."""
    above = by_urn.get(record.parent)
    while above:
        if above.type.startswith("flowise:"):
            return above.type.rsplit(":", 1)[1]
        above = by_urn.get(above.parent)
    return "stack"


def _node_amounts(recording: Recording) -> Iterable[Amount]:
    for nodes in nodes_of(recording):
        price = f"ec2.{nodes.instance}"
        bought = find_price("ec2.spot").price if nodes.spot else 1.0
        kind = f"{nodes.instance}{' spot' if nodes.spot else ''}, {nodes.pool}"
        yield Amount(what=kind, price=price, quantity=nodes.paid, factor=bought)
        share = find_price("eks.auto_mode").price  # of the price on demand, also for spot
        yield Amount(what=f"Auto Mode's fee, {nodes.pool}", price=price, quantity=nodes.paid, factor=share)
        yield Amount(what=f"disks, {nodes.pool}", price="ebs.gp3", quantity=nodes.disk_gib)


def _item(component: str, amount: Amount) -> Item:
    found = find_price(amount.price)
    hours = HOURS if found.unit in {"hour", "LCU-hour"} else 1
    unit = {"hour": "", "LCU-hour": "LCU"}.get(found.unit, found.unit)
    return Item(
        component=component,
        what=amount.what,
        part=amount.part,
        quantity=float(amount.quantity),
        unit=unit,
        price=found.price * hours * amount.factor,
        source=found.source,
    )


def _together(items: Iterable[Item]) -> list[Item]:
    """Alike items as one."""
    sums: dict[tuple[str, str, Part], Item] = {}
    for item in items:
        key = (item.component, item.what, item.part)
        before = sums.get(key)
        if before and before.price != item.price:
            raise AssertionError(f"two prices for {key}")
        sums[key] = replace(item, quantity=item.quantity + (before.quantity if before else 0))
    return list(sums.values())
