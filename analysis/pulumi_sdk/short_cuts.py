"""Short cuts through Pulumi's SDK, while a program is recorded.

They change what it costs, not what comes out: for each property of a resource the SDK makes five futures and a task, it
asks each text whether it holds an unknown value, it works the types of a class out for each of its resources, and it
reads the source for the lines that the engine shows. Two fifths of a recording went into those.
"""

# Pulumi's runtime modules carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportPrivateUsage=false

import asyncio
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from typing import Any
from unittest import mock

from pulumi import Resource, _types, log
from pulumi.output import _OutputData
from pulumi.runtime import resource, resource_cycle_breaker, rpc
from pulumi.runtime.proto import source_pb2

from analysis.pulumi_sdk.plain_messages import plain_messages
from analysis.pulumi_sdk.plain_values import LEAVES, plain_values_at_once, untracked
from analysis.pulumi_sdk.sent_values import quick_serialize_property

_OF_A_TYPE_ALONE = (
    "unwrap_type",
    "unwrap_optional_type",
    "resource_types",
    "resource_pulumi_to_py_names",
    "resource_py_to_pulumi_names",
)
"""Functions that look at nothing but a type, thousands of times at the same few."""

_cached = {name: cache(getattr(_types, name)) for name in _OF_A_TYPE_ALONE}
_contains_unknowns = rpc.contains_unknowns
_deserialize_property = rpc.deserialize_property


@contextmanager
def short_cuts() -> Generator[None]:
    """Take the short cuts until the end of the block."""
    with ExitStack() as patches:
        patches.enter_context(plain_values_at_once())
        patches.enter_context(plain_messages())
        for name, found in _cached.items():
            patches.enter_context(mock.patch.object(_types, name, found))
        for where, name, ours in (
            (rpc, "contains_unknowns", _quick_contains_unknowns),
            (rpc, "serialize_property", quick_serialize_property),
            (rpc, "deserialize_property", _quick_deserialize_property),
            (rpc, "transfer_properties", _quick_transfer_properties),
            (resource, "resource_output", _quick_resource_output),
            (resource, "_get_stack_trace", source_pb2.StackTrace),  # nobody here shows the lines to a person
            (resource_cycle_breaker, "_reachable", _quick_reachable),
            (log, "debug", _say_nothing),
        ):
            patches.enter_context(mock.patch.object(where, name, ours))
        yield


def _say_nothing(*message: Any) -> None:
    """Five lines for each resource, which an engine would show to nobody either."""


def _quick_contains_unknowns(value: Any) -> bool:
    kind = type(value)
    if kind in LEAVES:
        return False
    if kind is dict:
        return any(type(item) not in LEAVES and _quick_contains_unknowns(item) for item in value.values())
    if kind is list:
        return any(type(item) not in LEAVES and _quick_contains_unknowns(item) for item in value)
    return bool(_contains_unknowns(value))


def _quick_deserialize_property(value: Any, *others: Any, **options: Any) -> Any:
    if type(value) in LEAVES and value != rpc.UNKNOWN:
        return value
    return _deserialize_property(value, *others, **options)


def _quick_transfer_properties(res: Any, props: Iterable[str], custom: bool) -> dict[str, Callable[..., None]]:
    resolvers: dict[str, Callable[..., None]] = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        data: asyncio.Future[Any] = asyncio.Future()
        resolvers[name] = partial(_resolve_property, res, data)
        res.__dict__[name] = untracked(data)
    return resolvers


def _resolve_property(  # noqa: PLR0917  # the SDK's own resolver has these
    res: Resource,
    data: "asyncio.Future[Any]",
    value: Any,
    known: bool,
    secret: bool,
    dependencies: set[Resource] | None,
    failed: Exception | None,
) -> None:
    if failed is not None:
        data.set_exception(failed)
        return
    resources = {*(dependencies or ()), res}
    data.set_result(_OutputData(resources=resources, value=value, is_known=known, is_secret=secret))


def _quick_resource_output(res: Resource) -> tuple[Callable[..., None], Any]:
    data: asyncio.Future[Any] = asyncio.Future()

    def resolve(value: Any, known: bool, secret: bool, failed: Exception | None) -> None:
        _resolve_property(res, data, value, known, secret, None, failed)

    return resolve, untracked(data)


def _quick_reachable(from_resource: Resource, to_resource: Resource) -> bool:
    seen: set[Resource] = set()
    waiting = [from_resource]
    while waiting:
        each = waiting.pop()
        if each == to_resource:
            return True
        if each not in seen:
            seen.add(each)
            waiting.extend(resource_cycle_breaker._deps(each))  # noqa: SLF001
    return False
