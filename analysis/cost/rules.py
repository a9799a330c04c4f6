"""What a recorded resource costs: by the rule of its type, nothing, or known to be left out."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.cost.service import Amount, Resource, Usage
from analysis.cost.services import RULES
from analysis.recorder import Record, Recording
from components.common.catalogue import AWS, is_known

LEFT_OUT: Final[Mapping[str, str]] = {type_: entry.left_out for type_, entry in AWS.items() if entry.left_out}
"""What types can cost that the estimate leaves out."""


def left_out(recording: Recording) -> tuple[str, ...]:
    """What a stack can cost besides, at AWS and elsewhere."""
    types = {record.type for record in recording.records}
    charts = {record.inputs["chart"] for record in recording.of_type("kubernetes:helm.sh/v3:Release")}
    return (
        *(LEFT_OUT[type_] for type_ in sorted(types & LEFT_OUT.keys())),
        *(["Datadog's own bill, by hosts and GB of logs"] if "datadog" in charts else []),
    )


def amounts(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """What a resource costs; nothing for one that is free, left out or unknown."""
    rule = RULES.get(record.type)
    if rule and record.custom and not record.read:
        yield from rule(Resource(record=record, recording=recording, usage=usage))


def is_unknown(record: Record) -> bool:
    """Whether nobody has said what a type costs: it is not in the catalogue."""
    return not is_known(record.type)
