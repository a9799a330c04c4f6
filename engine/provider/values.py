"""Property values between the engine's messages and plain Python.

Messages become plain dictionaries in which secrets stay wrapped and an unknown value is `UNKNOWN`, so that what a
provider hands back is what it was given. `plain` takes the secrets off where only the value matters.
"""

# Pulumi's protobuf messages and the runtime's constants carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from typing import Any, cast

from google.protobuf import struct_pb2
from google.protobuf.json_format import MessageToDict, ParseDict
from pulumi.runtime import rpc

from analysis.wire import Properties, unwrap

UNKNOWN: str = rpc.UNKNOWN
"""What the engine sends for a value that a preview cannot know."""
_SIGNATURE: str = rpc._special_sig_key  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001  # the protocol's own constants
_SECRET: str = rpc._special_secret_sig  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
"""Marks an output value: a value with its dependencies, unknown when it has no `value` (sdk/proto, property values)."""
DEFAULTS = "__defaults"
"""Where the bridge notes which inputs it filled in itself (pulumi-terraform-bridge, `pkg/tfbridge/schema.go`)."""


def decode(message: struct_pb2.Struct) -> Properties:
    """Read a message; secrets stay wrapped, output values become secrets, unknown values or the value itself."""
    return cast(Properties, _settle(MessageToDict(message)))


def encode(properties: Properties) -> struct_pb2.Struct:
    """Write a message."""
    return ParseDict(properties, struct_pb2.Struct())


def _settle(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if mapping.get(_SIGNATURE) == _OUTPUT:
            inner = _settle(mapping["value"]) if "value" in mapping else UNKNOWN
            return secret(inner) if mapping.get("secret") else inner
        return {key: _settle(item) for key, item in mapping.items()}
    if isinstance(value, list):
        return [_settle(item) for item in cast("list[Any]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # every number crosses the wire as a float
    return value


def secret(value: Any) -> Any:
    """Wrap a value as a secret, once."""
    return value if is_secret(value) else {_SIGNATURE: _SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Whether a value is wrapped as a secret."""
    return isinstance(value, dict) and cast("dict[str, Any]", value).get(_SIGNATURE) == _SECRET


def plain(properties: Properties) -> Properties:
    """Take every secret's wrapper off, and the notes of the bridge out."""
    return {key: value for key, value in unwrap(properties)[0].items() if key != DEFAULTS}


def has_secret(value: Any) -> bool:
    """Whether a value is or holds a secret."""
    if is_secret(value):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in cast("dict[str, Any]", value).values())
    return isinstance(value, list) and any(has_secret(item) for item in cast("list[Any]", value))


def has_unknown(value: Any) -> bool:
    """Whether a value is or holds one that a preview cannot know."""
    if value == UNKNOWN:
        return True
    if isinstance(value, dict):
        return any(has_unknown(item) for item in cast("dict[str, Any]", value).values())
    return isinstance(value, list) and any(has_unknown(item) for item in cast("list[Any]", value))
