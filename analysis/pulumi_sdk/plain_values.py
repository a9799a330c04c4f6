"""Pulumi's outputs of plain values at once, while a program is recorded.

For a value that holds no output the SDK starts a task for each of its keys and elements, and for each resource some
more for a URN that it needs only where no engine answers. A sixth of a recording went into those; what comes out is the
same.
"""

# Pulumi's runtime modules carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

from pulumi import Output
from pulumi.output import _OutputData  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import resource

LEAVES = frozenset({str, int, float, bool, type(None)})
"""Types of values that hold no others."""

_from_input = Output.from_input
_create_urn = resource.create_urn


@contextmanager
def plain_values_at_once() -> Generator[None]:
    """Change how the SDK makes outputs of plain values, until the end of the block."""
    with (
        mock.patch.object(Output, "from_input", staticmethod(_quick_from_input)),
        mock.patch.object(resource, "create_urn", _quick_create_urn),
    ):
        yield


def _quick_from_input(value: Any) -> Output[Any]:
    if type(value) in LEAVES:
        return _resolved(value)
    if type(value) in (dict, list):
        try:
            value = _copied(value)
        except _NotPlainError:
            return _from_input(value)
        return _resolved(value)
    return _from_input(value)


class _NotPlainError(Exception):
    """Something in a value is for the SDK to resolve."""


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind in LEAVES:
        return value
    if kind is list:
        return [_copied(item) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _copied(item) for key, item in value.items()}
    raise _NotPlainError


def _resolved(value: Any) -> Output[Any]:
    known: asyncio.Future[Any] = asyncio.Future()
    known.set_result(_OutputData(resources=set(), value=value, is_known=True, is_secret=False))
    return untracked(known)


def untracked(data: "asyncio.Future[Any]") -> Output[Any]:
    """Make an output that the SDK need not wait for in the end: what fulfils it is waited for anyway."""
    made = cast("Output[Any]", object.__new__(Output))
    made._data = data  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return made


def _quick_create_urn(name: Any, type_: Any, parent: Any = None, project: Any = None, stack: Any = None) -> Output[str]:
    if all(type(part) is str for part in (name, type_, parent)):
        return cast("Output[str]", _resolved(f"{parent[: parent.rfind('::')]}${type_}::{name}"))
    return _create_urn(name, type_, parent, project, stack)
