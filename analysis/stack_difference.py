"""`python -m local difference STACK --against OTHER`: what sets two stacks apart, in settings and in USD a month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

import typer
from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from analysis.cost.difference import Change, changes, months
from analysis.cost.estimate import Estimate, estimate
from analysis.cost.prices import CHECKED, REGION, PriceError
from analysis.plan import record_stack
from analysis.stackfiles import StackFileError, read_stack
from settings import SettingsError, StackSettings, parse_settings

_ABSENT = "none"
"""How a section or value is shown that a stack does not have."""


@dataclass(frozen=True, kw_only=True)
class SettingDifference:
    """A setting that two stacks decide differently, defaults included."""

    key: str
    """As docs/settings.md writes it: `database.multi_az`."""
    value: str
    other: str


@dataclass(frozen=True, kw_only=True)
class StackDifference:
    """Two stacks beside each other."""

    stack: str
    other: str
    settings: tuple[SettingDifference, ...]
    """In the order of docs/settings.md."""
    cost: Estimate
    other_cost: Estimate
    items: tuple[Change, ...]
    """Items of the bill whose month differs: from the other stack's to this one's, the largest change first."""


def difference(
    stack: Annotated[str, typer.Argument(help="Name of the stack: Pulumi.<stack>.yaml")],
    *,
    against: Annotated[str, typer.Option(help="Name of the stack to compare it with")] = "prod",
) -> None:
    """Show line by line what sets a stack apart from another: settings, and items of the month's bill."""
    try:
        found = compare(stack, against)
    except (StackFileError, SettingsError, PriceError) as error:
        Console(stderr=True, emoji=False).print(escape(str(error)), style="red", soft_wrap=True)
        raise typer.Exit(1) from None
    console = Console(emoji=False)
    if not found.settings and not found.items:
        console.print(f"{stack} and {against} have the same settings and cost the same.")
        return
    console.print(_settings_table(found))
    console.print(_cost_table(found))
    console.print(f"On demand in {REGION}, list prices as of {CHECKED} (docs/cost.md: which are quoted).")


def compare(stack: str, other: str) -> StackDifference:
    """Compare two stacks. Raises `StackFileError`, `SettingsError`, `PriceError`."""
    (settings, cost), (other_settings, other_cost) = _read(stack), _read(other)
    return StackDifference(
        stack=stack,
        other=other,
        settings=tuple(setting_differences(settings, other_settings)),
        cost=cost,
        other_cost=other_cost,
        items=tuple(changes(months(other_cost.document()), months(cost.document()))),
    )


def setting_differences(settings: StackSettings, other: StackSettings) -> Iterator[SettingDifference]:
    """Compare what holds in two stacks: what their files say, and the defaults of what they do not.

    Of a section that only one of them has, what its file says is listed.
    """
    for name in StackSettings.model_fields:
        pair = cast("object", getattr(settings, name)), cast("object", getattr(other, name))
        values, others = (_flat(name, each, only_set=None in pair) for each in pair)
        for key in dict.fromkeys([*values, *others]):
            shown, shown_other = values.get(key, _ABSENT), others.get(key, _ABSENT)
            if shown != shown_other:
                yield SettingDifference(key=key, value=shown, other=shown_other)


def _read(stack: str) -> tuple[StackSettings, Estimate]:
    config = read_stack(stack)
    settings = parse_settings(config.values, config.secret_keys, stack)
    return settings, estimate(record_stack(config), stack=stack, region=settings.region)


def _flat(key: str, value: object, *, only_set: bool) -> Mapping[str, str]:
    """Keys with their values as text."""
    if value is None:
        return {}
    if isinstance(value, BaseModel):
        document = value.model_dump(mode="json", exclude_unset=only_set)
        found = dict(_leaves(key, document))
        return found or {key: "with its defaults"}
    return dict(_leaves(key, value))


def _leaves(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            yield from _leaves(f"{key}.{name}", inner)
    else:
        yield key, _shown(value)


def _shown(value: object) -> str:
    if value is None or value in ([], ""):
        return _ABSENT
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(_named(item) for item in cast("list[object]", value))
    return str(value)


def _named(item: object) -> str:
    """An entry of a list; of one with keys the values of the first two, which name it: `rds_encrypted database`."""
    if isinstance(item, BaseModel):
        item = item.model_dump(mode="json")
    if isinstance(item, dict):
        return " ".join(str(value) for value in list(cast("dict[str, object]", item).values())[:2])
    return str(item)


def _settings_table(found: StackDifference) -> Table:
    title = f"{len(found.settings)} settings, defaults included"
    table = Table(title=title, title_justify="left", box=box.SIMPLE)
    table.add_column("setting", no_wrap=True)
    table.add_column(found.stack, overflow="fold")
    table.add_column(found.other, overflow="fold")
    for each in found.settings:
        table.add_row(escape(each.key), escape(each.value), escape(each.other))
    return table


def _cost_table(found: StackDifference) -> Table:
    total, other_total = found.cost.total(), found.other_cost.total()
    table = Table(
        title=f"{found.stack} costs about {total:,.0f} USD a month, {found.other} {other_total:,.0f}",
        title_justify="left",
        box=box.SIMPLE,
    )
    table.add_column("component", no_wrap=True)
    table.add_column("item")
    for name in (found.stack, found.other, "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.items:
        table.add_row(each.component, each.what, _usd(each.after), _usd(each.before), f"{each.month:+,.2f}")
    table.add_section()
    table.add_row("[bold]all", "", f"[bold]{total:,.2f}", f"{other_total:,.2f}", f"[bold]{total - other_total:+,.2f}")
    return table


def _usd(month: float | None) -> str:
    return "" if month is None else f"{month:,.2f}"
