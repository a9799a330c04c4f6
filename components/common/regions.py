"""What a stack names must lie in the partition of its region: accounts, ARNs and networks of partitions are apart."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from components.common.partition import partition

_NAMES_AN_ARN = re.compile(r"(_arns?|snapshot_identifier)(\.\d+)?$|(^|\.)environment_secrets\.")
_NAMES_A_REGION = re.compile(r"(^|[._])regions?(\.\d+)?$")


def partition_problems(region: str, document: Mapping[str, Any]) -> Iterator[str]:
    """ARNs and regions of a stack file that lie in another partition; each line starts with its key path."""
    own = partition(region)
    for key, text in _texts("", document):
        if _NAMES_AN_ARN.search(key) and text.startswith("arn:") and (found := text.split(":")[1]) != own:
            yield (
                f"{key}: {text} lies in AWS's partition {found}, and aws:region {region} in {own}; an account of one "
                f"partition knows nothing of another. Name one that begins with arn:{own}:"
            )
        elif _NAMES_A_REGION.search(key) and (found := partition(text)) != own:
            yield (
                f"{key}: {text} lies in AWS's partition {found}, and aws:region {region} in {own}; an account of one "
                f"partition does not reach another. Name a region of {own}"
            )


def _texts(key: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text in a stack file with its key path."""
    if isinstance(value, str):
        yield key, value
        return
    if isinstance(value, BaseModel):
        value = value.model_dump()
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value).items()
    elif isinstance(value, Sequence):
        inner = ((str(number), each) for number, each in enumerate(cast("Sequence[object]", value)))
    else:
        return
    for name, each in inner:
        yield from _texts(f"{key}.{name}" if key else name, each)
