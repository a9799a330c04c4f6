"""What each type takes and gives, read from the installed SDKs: their argument classes and typed getters.

Nothing here is written by hand: a new version of an SDK brings its own schema.
"""

# The SDKs' classes are only known when the program runs, and their helpers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import collections.abc
import enum
import importlib
import inspect
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

import pulumi
from pulumi import _types  # pyright: ignore[reportPrivateUsage]  # how the SDKs describe themselves

_PACKAGES = {"aws": "pulumi_aws", "awsx": "pulumi_awsx", "eks": "pulumi_eks", "random": "pulumi_random"}


class UnknownTypeError(Exception):
    """The SDK has no such type."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Form of a value."""

    kind: Literal["string", "number", "boolean", "array", "map", "object", "any"]
    item: "Shape | None" = None
    """Of an array or a map."""
    cls: type | None = None
    """Argument class of an object."""
    plain: tuple["Shape", ...] = ()
    """The members of a union, of which one must fit."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """One property."""

    shape: Shape
    required: bool


@dataclass(frozen=True, kw_only=True)
class Schema:
    """One resource type."""

    inputs: Mapping[str, Property]
    outputs: Mapping[str, Property]
    """All that a resource shows. Required: never empty, so computed where the program does not say it."""

    @property
    def computed(self) -> frozenset[str]:
        """Outputs that exist whatever the program gives."""
        return frozenset(name for name, output in self.outputs.items() if output.required)


@cache
def schema(token: str) -> Schema:
    """Read the schema of a type such as `aws:rds/instance:Instance`. Raises `UnknownTypeError`."""
    resource, arguments = _classes(token)
    return Schema(inputs=properties_of(arguments), outputs=properties_of(resource))


def _classes(token: str) -> tuple[type, type]:
    package, module, name = token.split(":")
    path = [_PACKAGES.get(package, "")]
    area = module.split("/")[0]
    if area != "index":
        path.append(f"{area}_" if area in {"lambda"} else area)
    try:
        resource = getattr(importlib.import_module(".".join(path)), name)
        # Not by the package: an argument class of another resource may have the same name there.
        own = sys.modules[resource.__module__].__dict__
        return resource, own[f"{name}InitArgs"] if f"{name}InitArgs" in own else own[f"{name}Args"]
    except (ImportError, AttributeError, KeyError, ValueError):
        raise UnknownTypeError(f"the SDK of {package} has no resource type {token}") from None


@cache
def properties_of(cls: type) -> Mapping[str, Property]:
    """Properties of an argument class or a resource, by the provider's name."""
    required = {
        name
        for name, parameter in inspect.signature(cls.__init__).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    is_argument = _types.is_input_type(cls)
    names = {**sys.modules[cls.__module__].__dict__, "Output": pulumi.Output, "T": Any}
    found: dict[str, Property] = {}
    for python_name, name, getter in _types._py_properties(cls):  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001  # what the SDK itself reads
        # By the SDK's own name for it: it also finds classes that are not loaded yet (`analysis.pulumi_sdk`).
        hints = _types.get_type_hints(  # pyright: ignore[reportPrivateImportUsage]
            cast("Any", getter.fget), globalns=names
        )
        hint = hints["return"]
        found[name] = Property(
            shape=_shape(hint), required=python_name in required if is_argument else not _is_optional(hint)
        )
    return found


def _is_optional(hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is pulumi.Output:
        return _is_optional(arguments[0])
    return origin in {typing.Union, types.UnionType} and type(None) in arguments


def _shape(hint: Any) -> Shape:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is pulumi.Output:
        return _shape(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        return _union([argument for argument in arguments if not _is_plumbing(argument)])
    if origin in {collections.abc.Sequence, list}:
        return Shape(kind="array", item=_shape(arguments[0]))
    if origin in {collections.abc.Mapping, dict}:
        return Shape(kind="map", item=_shape(arguments[1]))
    return _of_class(hint) if isinstance(hint, type) else Shape(kind="any")


def _of_class(cls: type) -> Shape:
    if _types.is_input_type(cls) or _types.is_output_type(cls):
        return Shape(kind="object", cls=cls)
    if issubclass(cls, enum.Enum):
        return Shape(kind="string")
    # What is left: another resource, an asset, or Any.
    return Shape(kind=_SCALARS.get(cls, "any"))


_SCALARS: Mapping[type, Literal["string", "number", "boolean"]] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
}


def _is_plumbing(hint: Any) -> bool:
    """What an input may also be before it is sent: an output, an awaitable, a typed dictionary, None."""
    return (
        hint is type(None)
        or typing.get_origin(hint) in {pulumi.Output, collections.abc.Awaitable}
        or typing.is_typeddict(hint)
    )


def _union(members: list[Any]) -> Shape:
    shapes: list[Shape] = []
    for member in members:
        shape = _shape(member)
        if shape not in shapes:
            shapes.append(shape)
    if len(shapes) == 1:
        return shapes[0]
    return Shape(kind="any", plain=tuple(shapes))
