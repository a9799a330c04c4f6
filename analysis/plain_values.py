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
from functools import cache
from typing import Any, cast
from unittest import mock

from pulumi import (
    Output,
    _types,  # pyright: ignore[reportPrivateUsage]
)
from pulumi.output import _OutputData  # pyright: ignore[reportPrivateUsage]
from pulumi.runtime import resource

_LEAVES = frozenset({str, int, float, bool, type(None)})
_from_input = Output.from_input
_create_urn = resource.create_urn
_unwrap_type = cache(_types.unwrap_type)
"""Looks at nothing but the type, thousands of times at the same few."""


@contextmanager
def plain_values_at_once() -> Generator[None]:
    """Change how the SDK makes outputs of plain values, until the end of the block."""
    with (
        mock.patch.object(Output, "from_input", staticmethod(_quick_from_input)),
        mock.patch.object(resource, "create_urn", _quick_create_urn),
        mock.patch.object(_types, "unwrap_type", _unwrap_type),
    ):
        yield


def _quick_from_input(value: Any) -> Output[Any]:
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
    if kind in _LEAVES:
        return value
    if kind is list:
        return [_copied(item) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _copied(item) for key, item in value.items()}
    raise _NotPlainError


def _resolved(value: Any) -> Output[Any]:
    known: asyncio.Future[Any] = asyncio.Future()
    known.set_result(_OutputData(resources=set(), value=value, is_known=True, is_secret=False))
    return Output._from_data(known)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


def _quick_create_urn(name: Any, type_: Any, parent: Any = None, project: Any = None, stack: Any = None) -> Output[str]:
    if all(type(part) is str for part in (name, type_, parent)):
        return cast("Output[str]", _resolved(f"{parent[: parent.rfind('::')]}${type_}::{name}"))
    return _create_urn(name, type_, parent, project, stack)
