"""Inputs as Pulumi's SDK sends them, while a program is recorded.

The SDK runs a coroutine for each value inside an input, most of which hold nothing to wait for. Here a value is walked
through at once, and the SDK is asked for the outputs and resources in it alone.
"""

# Pulumi's runtime modules carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportPrivateUsage=false

from functools import cache
from typing import Any

from google.protobuf import struct_pb2
from pulumi import _types
from pulumi.runtime import rpc

from analysis.pulumi_sdk.plain_values import LEAVES

_serialize_property = rpc.serialize_property
_is_input_type = cache(_types.is_input_type)


async def quick_serialize_property(  # noqa: PLR0917  # the SDK's own has these
    value: Any,
    deps: Any,
    property_key: Any,
    resource_obj: Any = None,
    input_transformer: Any = None,
    typ: Any = None,
    *others: Any,
    **options: Any,
) -> Any:
    """Do as the SDK's `serialize_property` does."""
    if options.pop("return_protobuf_value", False):
        plain = await quick_serialize_property(
            value, deps, property_key, resource_obj, input_transformer, typ, **options
        )
        message = struct_pb2.Struct()
        message["value"] = plain
        return message.fields["value"]
    walk = _Walk(input_transformer)
    made: dict[Any, Any] = {}
    walk.put(made, property_key, value, typ)
    for where, key, item, expected in walk.later:
        where[key] = await _serialize_property(
            item, deps, property_key, resource_obj, input_transformer, expected, *others, **options
        )
    return made[property_key]


class _Walk:
    def __init__(self, translate: Any) -> None:
        self.later: list[tuple[Any, Any, Any, Any]] = []
        """Where a value belongs that the SDK has to make, and its type."""
        self._translate = translate

    def put(self, where: Any, key: Any, value: Any, expected: Any) -> None:
        kind = type(value)
        if kind in LEAVES:
            where[key] = float(value) if kind is int else value  # numbers are floats on the wire
            return
        if expected:
            expected = _types.unwrap_type(expected)
        if expected is Any:
            expected = None
        if kind is list:
            where[key] = made = [None] * len(value)
            element = rpc._get_list_element_type(expected)  # noqa: SLF001
            for number, item in enumerate(value):
                self.put(made, number, item, element)
        elif _is_input_type(kind):
            self._properties(where, key, _types.input_type_to_dict(value), _types.input_type_types(kind))
        elif kind is dict and expected is None:
            translate = self._translate
            self._properties(where, key, {translate(k): v for k, v in value.items()} if translate else value, {})
        elif kind is dict and _is_input_type(expected):
            names = _types.input_type_py_to_pulumi_names(expected)
            named = {names.get(k) or k: v for k, v in value.items()}
            self._properties(where, key, named, _types.input_type_types(expected))
        elif isinstance(value, str):  # an enumeration is its value on the wire
            where[key] = str.__str__(value)
        else:
            where[key] = None  # keeps its place
            self.later.append((where, key, value, expected))

    def _properties(self, where: Any, key: Any, properties: dict[str, Any], types: dict[str, Any]) -> None:
        where[key] = made = dict[str, Any]()
        for name, item in properties.items():
            self.put(made, name, item, types.get(name))
