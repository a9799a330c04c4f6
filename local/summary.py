"""What a start made of each component: in moto, for real, or only as a record."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from analysis.recorder import Record, Recording

_NO_COMPONENT = "(stack)"


def summarise(recording: Recording) -> list[dict[str, Any]]:
    """Count the resources of every top-level component, by what stands for them; what is only read is left out."""
    by_urn = {record.urn: record for record in recording.records}
    counts: dict[str, Counter[str]] = {}
    types: dict[str, str] = {}
    for record in recording.records:
        if not record.custom or record.read:
            continue
        top = _top(record, by_urn)
        name = _NO_COMPONENT if top is None else top.name
        types[name] = "" if top is None else top.type.rpartition(":")[2]
        counts.setdefault(name, Counter())[record.backing] += 1
    return [
        {"component": name, "type": types[name], **{made: count[made] for made in ("moto", "process", "recorded")}}
        for name, count in sorted(counts.items())
    ]


def _top(record: Record, by_urn: Mapping[str, Record]) -> Record | None:
    """The outermost component that holds the record."""
    top = None
    parent = by_urn.get(record.parent)
    while parent is not None:
        if not parent.custom:
            top = parent
        parent = by_urn.get(parent.parent)
    return top
