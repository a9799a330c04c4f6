"""Diff: what differs, and what of it replaces the resource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from analysis.differences import differences
from analysis.replacements import Kind, replaces
from analysis.wire import Properties
from engine.provider.check import autoname_of
from engine.provider.schema import schema
from engine.provider.values import DEFAULTS, has_unknown, plain


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """One property that differs."""

    path: str
    top: str
    kind: Kind
    replaces: bool


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that differs between what is and what is wanted."""

    changes: tuple[PropertyChange, ...]
    delete_before_replace: bool

    @property
    def replaces(self) -> list[str]:
        """Paths that replace the resource."""
        return [change.path for change in self.changes if change.replaces]


def changes(token: str, old_inputs: Properties, news: Properties, ignore: Sequence[str]) -> Changes:
    """Compare inputs as they were checked; an unknown value counts as another one, as the provider counts it."""
    old, new = plain(old_inputs), plain(news)
    found = tuple(
        PropertyChange(
            path=found.path, top=found.top, kind=found.kind, replaces=replaces(token, found.path, found.kind)
        )
        for found in differences(old, new)
        if not any(_is_within(found.path, ignored) for ignored in ignore)
    )
    replaced = any(change.replaces for change in found)
    return Changes(changes=found, delete_before_replace=replaced and _keeps_its_name(token, old, new, news))


def _keeps_its_name(token: str, old: Properties, new: Properties, news: Properties) -> bool:
    """A name that the program gives and that stays is free only after the old resource is gone.

    pulumi-terraform-bridge, pkg/tfbridge/provider.go: `nameRequiresDeleteBeforeReplace`.
    """
    autoname = autoname_of(token, schema(token))
    if autoname is None or autoname.property in cast("list[str]", news.get(DEFAULTS) or []):
        return False
    name = new.get(autoname.property)
    return name is not None and not has_unknown(name) and name == old.get(autoname.property)


def _is_within(path: str, ignored: str) -> bool:
    return path == ignored or path.startswith((f"{ignored}.", f"{ignored}["))
