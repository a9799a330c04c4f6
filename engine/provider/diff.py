"""Diff: what differs, and what of it replaces the resource."""

import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from engine.provider.check import autoname_of
from engine.provider.replaced_by import replaces
from engine.provider.schema import schema
from engine.provider.values import DEFAULTS, has_unknown, plain, same_document
from local.wire import Properties


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property that differs."""

    path: str
    kind: Literal["ADD", "DELETE", "UPDATE"]
    replaces: bool


@dataclass(frozen=True, kw_only=True)
class Difference:
    """All that differs between what is and what is wanted."""

    changes: tuple[Change, ...]
    delete_before_replace: bool

    @property
    def replaces(self) -> list[str]:
        """Paths that replace the resource."""
        return [change.path for change in self.changes if change.replaces]


def difference(token: str, old_inputs: Properties, news: Properties, ignore: list[str]) -> Difference:
    """Compare inputs as they were checked; an unknown value counts as another one, as the provider counts it."""
    old, new = plain(old_inputs), plain(news)
    changes = tuple(
        Change(path=path, kind=kind, replaces=replaces(token, path))
        for path, kind in _differences(old, new, "")
        if not any(_is_within(path, ignored) for ignored in ignore)
    )
    replaced = any(change.replaces for change in changes)
    return Difference(changes=changes, delete_before_replace=replaced and _keeps_its_name(token, old, new, news))


def _keeps_its_name(token: str, old: Properties, new: Properties, news: Properties) -> bool:
    """A name that the program gives and that stays is free only after the old resource is gone.

    pulumi-terraform-bridge, pkg/tfbridge/provider.go: `nameRequiresDeleteBeforeReplace`.
    """
    autoname = autoname_of(token, schema(token))
    if autoname is None or autoname.property in cast("list[str]", news.get(DEFAULTS) or []):
        return False
    name = new.get(autoname.property)
    return name is not None and not has_unknown(name) and name == old.get(autoname.property)


def _differences(
    old: Mapping[str, Any], new: Mapping[str, Any], prefix: str
) -> Generator[tuple[str, Literal["ADD", "DELETE", "UPDATE"]]]:
    for key in sorted(old.keys() | new.keys()):
        path = f"{prefix}.{key}" if prefix and _is_plain(key) else f'{prefix}["{key}"]' if prefix else key
        yield from _difference(old.get(key), new.get(key), path)


def _difference(was: Any, will: Any, path: str) -> Generator[tuple[str, Literal["ADD", "DELETE", "UPDATE"]]]:
    if was == will or (isinstance(was, str) and isinstance(will, str) and same_document(was, will)):
        return
    if was is None or was in ([], {}):
        if will not in (None, [], {}):
            yield path, "ADD"
    elif will is None or will in ([], {}):
        yield path, "DELETE"
    elif isinstance(was, dict) and isinstance(will, dict):
        yield from _differences(cast("Properties", was), cast("Properties", will), path)
    elif isinstance(was, list) and isinstance(will, list):
        yield from _list_differences(cast("list[Any]", was), cast("list[Any]", will), path)
    else:
        yield path, "UPDATE"


def _list_differences(
    was: list[Any], will: list[Any], path: str
) -> Generator[tuple[str, Literal["ADD", "DELETE", "UPDATE"]]]:
    # The provider keeps texts as sets: security groups, subnets, actions, aliases. Their order means nothing.
    if all(isinstance(item, str) for item in (*was, *will)) and sorted(was) == sorted(will):
        return
    for index in range(max(len(was), len(will))):
        if index >= len(was):
            yield f"{path}[{index}]", "ADD"
        elif index >= len(will):
            yield f"{path}[{index}]", "DELETE"
        else:
            yield from _difference(was[index], will[index], f"{path}[{index}]")


def _is_plain(key: str) -> bool:
    return re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$]*", key) is not None


def _is_within(path: str, ignored: str) -> bool:
    return path == ignored or path.startswith((f"{ignored}.", f"{ignored}["))
