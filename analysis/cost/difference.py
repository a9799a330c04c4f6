"""What a change of a stack costs, as Markdown for a pull request."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from analysis.cost.estimate import Estimate

_LEAST = 0.005
"""USD below which a difference is rounding."""


class AgainstError(Exception):
    """The file to compare with is none of `cost --json`; the message says how to make one."""


def read_document(path: Path) -> Mapping[str, Any]:
    """Read what `cost --json` wrote. Raises `AgainstError`."""
    hint = "make it in the other tree with `python -m local cost STACK --json > before.json`"
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
    old_items, new_items = _months(before), _months(new)
    changes = {key: new_items.get(key, 0.0) - old_items.get(key, 0.0) for key in old_items.keys() | new_items.keys()}
    changed = sorted((k for k in changes if abs(changes[k]) >= _LEAST), key=lambda k: (-abs(changes[k]), k))
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
    for component, what in changed:
        key = (component, what)
        was, will = (f"{items[key]:,.2f}" if key in items else "" for items in (old_items, new_items))
        lines.append(f"| {component} | {what} | {was} | {will} | {changes[key]:+,.2f} |")
    lines += ["", f"On demand in {new['prices_of']}, prices of {new['prices_checked']}."]
    if before["prices_checked"] != new["prices_checked"]:
        lines.append(f"**Before, the prices were those of {before['prices_checked']}**: a part of this is theirs.")
    return "\n".join(lines)


def _months(document: Mapping[str, Any]) -> dict[tuple[str, str], float]:
    sums: dict[tuple[str, str], float] = {}
    for item in document["items"]:
        key = (str(item["component"]), str(item["what"]))
        sums[key] = sums.get(key, 0.0) + float(item["month"])
    return sums
