"""What a change of a stack costs, as Markdown for a pull request."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from analysis.cost.estimate import Estimate

_LEAST = 0.005
"""USD below which a difference is rounding."""


class AgainstError(Exception):
    """The file to compare with is none of `cost --json`; the message says how to make one."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """An item of the bill that differs between two estimates; None where one has no such item."""

    component: str
    what: str
    before: float | None
    after: float | None

    @property
    def month(self) -> float:
        """USD a month more, or less."""
        return (self.after or 0.0) - (self.before or 0.0)


def read_document(path: Path) -> Mapping[str, Any]:
    """Read what `cost --json` wrote. Raises `AgainstError`."""
    hint = "make it in the other tree with `.venv/bin/python -m local cost STACK --json > before.json`"
    try:
        found = cast("object", json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise AgainstError(f"cannot read {path}: {error.strerror}; {hint}") from error
    except ValueError as error:
        raise AgainstError(f"{path} is not JSON ({error}); {hint}") from error
    if not isinstance(found, dict) or not {"items", "stack", "prices_checked"} <= cast("dict[str, Any]", found).keys():
        raise AgainstError(f"{path} is no estimate; {hint}")
    return cast("dict[str, Any]", found)


def markdown(before: Mapping[str, Any], after: Estimate) -> str:
    """Every item whose month changes, the largest change first, and the totals."""
    new = after.document()
    old_items, new_items = months(before), months(new)
    changed = changes(old_items, new_items)
    old_total, new_total = sum(old_items.values()), sum(new_items.values())
    lines = [f"### Cost of `{after.stack}`", ""]
    if not changed:
        return "\n".join([*lines, f"No change: about {new_total:,.0f} USD a month."])
    lines += [
        f"**{new_total - old_total:+,.2f} USD a month**: from {old_total:,.2f} to {new_total:,.2f}.",
        "",
        "| component | item | before | after | change |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for each in changed:
        was, will = ("" if month is None else f"{month:,.2f}" for month in (each.before, each.after))
        lines.append(f"| {each.component} | {each.what} | {was} | {will} | {each.month:+,.2f} |")
    lines += ["", f"On demand in {new['prices_of']}, prices of {new['prices_checked']}."]
    if before["prices_checked"] != new["prices_checked"]:
        lines.append(f"**Before, the prices were those of {before['prices_checked']}**: a part of this is theirs.")
    return "\n".join(lines)


def changes(before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float]) -> Sequence[Change]:
    """Items whose month differs, the largest change first; both by component and item, as `months` gives them."""
    every = (
        Change(component=key[0], what=key[1], before=before.get(key), after=after.get(key))
        for key in before.keys() | after.keys()
    )
    return sorted(
        (each for each in every if abs(each.month) >= _LEAST), key=lambda c: (-abs(c.month), c.component, c.what)
    )


def months(document: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    """USD a month of each item, by component and item, of what `cost --json` writes."""
    sums: dict[tuple[str, str], float] = {}
    for item in document["items"]:
        key = (str(item["component"]), str(item["what"]))
        sums[key] = sums.get(key, 0.0) + float(item["month"])
    return sums
