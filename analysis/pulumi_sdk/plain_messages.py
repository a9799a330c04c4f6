"""Plain Python values in place of protobuf messages, while a program is recorded.

The monitor that answers is an object of this process, so nothing crosses a wire; yet the SDK packs each resource's
inputs into a message, the monitor unpacks them, packs what it answers, and the SDK unpacks that. A quarter of a
recording went into those. Numbers are floats here as well, as on the wire.
"""

# Pulumi's runtime modules and messages carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from types import MappingProxyType, SimpleNamespace
from typing import Any
from unittest import mock

from google.protobuf import struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import resource_pb2

_STRUCTS = SimpleNamespace(Struct=dict, ListValue=list, Value=struct_pb2.Value, NULL_VALUE=struct_pb2.NULL_VALUE)


class _Message:
    """What a message holds of the fields that it was made with."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__ = fields


class _Answer(_Message):
    """An answer of the monitor, of which the SDK reads more than the recorder gives."""

    id = ""
    object: Mapping[str, Any] = MappingProxyType({})
    failures = ()
    propertyDependencies = None  # noqa: N815  # the message's name for it
    result = resource_pb2.Result.SUCCESS
    unknown = False


class _Registration(_Message):
    PropertyDependencies = _Message
    CustomTimeouts = resource_pb2.RegisterResourceRequest.CustomTimeouts
    ResourceHooksBinding = resource_pb2.RegisterResourceRequest.ResourceHooksBinding


MESSAGES = {
    "RegisterResourceRequest": _Registration,
    "RegisterResourceResponse": _Answer,
    "RegisterResourceOutputsRequest": _Message,
    "ReadResourceRequest": _Message,
    "ReadResourceResponse": _Answer,
    "ResourceInvokeRequest": _Message,
    "ResourceInvokeResponse": _Answer,
}


@contextmanager
def plain_messages() -> Generator[None]:
    """Let the SDK and the monitor hand each other plain values, until the end of the block."""
    with ExitStack() as patches:
        patches.enter_context(mock.patch.object(rpc, "struct_pb2", _STRUCTS))
        patches.enter_context(mock.patch.object(rpc, "_is_rpc_struct_secret", rpc.is_rpc_secret))
        for name, plain in MESSAGES.items():
            patches.enter_context(mock.patch.object(resource_pb2, name, plain))
        yield
