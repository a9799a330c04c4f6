"""What differs between two sets of inputs, property by property, as the provider tells differences apart."""

import json
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from analysis.replacements import Kind
from analysis.wire import Properties


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One property."""

    path: str
    """As the engine writes it: `vpcConfig.subnetIds[0]`, `tags["cost-center"]`."""
    kind: Kind

    @property
    def top(self) -> str:
        """Name of the property that holds it."""
        return re.split(r"[.\[]", self.path, maxsplit=1)[0]


def differences(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Generator[Difference]:
    """Compare two sets of inputs."""
    for key in sorted(old.keys() | new.keys()):
        path = f"{prefix}.{key}" if prefix and _is_plain(key) else f'{prefix}["{key}"]' if prefix else key
        yield from _difference(old.get(key), new.get(key), path)


def _difference(was: Any, will: Any, path: str) -> Generator[Difference]:
    if was == will or (isinstance(was, str) and isinstance(will, str) and _same_document(was, will)):
        return
    if was is None or was in ([], {}):
        if will not in (None, [], {}):
            yield Difference(path=path, kind="ADD")
    elif will is None or will in ([], {}):
        yield Difference(path=path, kind="DELETE")
    elif isinstance(was, dict) and isinstance(will, dict):
        yield from differences(cast("Properties", was), cast("Properties", will), path)
    elif isinstance(was, list) and isinstance(will, list):
        yield from _in_lists(cast("list[Any]", was), cast("list[Any]", will), path)
    else:
        yield Difference(path=path, kind="UPDATE")


def _in_lists(was: list[Any], will: list[Any], path: str) -> Generator[Difference]:
    # The provider keeps texts as sets: security groups, subnets, actions, aliases. Their order means nothing.
    if all(isinstance(item, str) for item in (*was, *will)) and sorted(was) == sorted(will):
        return
    for index in range(max(len(was), len(will))):
        if index >= len(was):
            yield Difference(path=f"{path}[{index}]", kind="ADD")
        elif index >= len(will):
            yield Difference(path=f"{path}[{index}]", kind="DELETE")
        else:
            yield from _difference(was[index], will[index], f"{path}[{index}]")


def _is_plain(key: str) -> bool:
    return re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", key) is not None


def _same_document(left: str, right: str) -> bool:
    """Whether two texts are one JSON document: the provider suppresses differences of layout in policies."""
    if not (left.startswith(("{", "[")) and right.startswith(("{", "["))):
        return False
    try:
        return bool(json.loads(left) == json.loads(right))
    except ValueError:
        return False
