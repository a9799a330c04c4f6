"""Each security property of the components, and the value that turns it off.

A file here is named after a stack of this repository, or after a section that prod leaves out. It has `MUTATIONS`, and
the file of a section may name the stack that the section is put on (`ON`, prod without).
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final, cast, final

from policies.model import Resource, Stack


@final
class Gone:
    """Instead of a value: remove the input, or with no path the whole resource."""


GONE: Final = Gone()
Change = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One property of the resources of a type, turned off."""

    type: str
    path: str
    """Inputs by key; `*` is every entry of a list; empty is the resource itself."""
    value: Any
    name: str = "*"
    """Logical name of the resources; `*` for all."""
    without: str = ""
    """Words of the page for a value that does not show itself."""

    @property
    def what(self) -> str:
        """The mutation in words."""
        short = self.type.rpartition(":")[2] + ("" if self.name == "*" else f" {self.name}")
        if not self.path:
            return f"{short}: {self.without or 'removed'}"
        shown = self.without or ("removed" if self.value is GONE else f"{self.value}")
        return f"{short}: {self.path} {shown}"


def _apply(value: Any, path: list[str], new: Any) -> Any:
    key, *rest = path
    if key == "*":
        return [_apply_to(item, rest, new) for item in cast("list[Any]", value)]
    copy = cast("dict[str, Any]", deepcopy(value))
    if not rest and new is GONE:
        copy.pop(key, None)
        return copy
    current = copy.get(key)
    copy[key] = _apply_to({} if current is None and rest else current, rest, new)
    return copy


def _apply_to(value: Any, path: list[str], new: Any) -> Any:
    if path:
        return _apply(value, path, new)
    return new(value) if callable(new) else new


def mutate(stack: Stack, mutation: Mutation) -> Stack:
    """The stack with the property turned off. Raises `LookupError` when no resource has it."""
    hit = False
    changed: list[Resource] = []
    for resource in stack.resources:
        if resource.type != mutation.type or mutation.name not in ("*", resource.name):
            changed.append(resource)
            continue
        if not mutation.path:
            hit = True
            if mutation.value == "unprotected":
                changed.append(replace(resource, protect=False))
            continue
        props = _apply(dict(resource.props), mutation.path.split("/"), mutation.value)
        hit = hit or props != resource.props
        changed.append(replace(resource, props=props))
    if not hit:
        raise LookupError(f"nothing to turn off: {mutation.what}")
    return replace(stack, resources=tuple(changed))


def on(type_: str, *changes: tuple[str, Any], name: str = "*") -> list[Mutation]:
    """Inputs of a type, each with the value that it gets."""
    return [Mutation(type=type_, path=path, value=value, name=name) for path, value in changes]


def gone(*types: str) -> list[Mutation]:
    """All resources of each type removed."""
    return [Mutation(type=type_, path="", value=GONE) for type_ in types]


def text(type_: str, path: str, change: tuple[str, str], words: str, name: str = "*") -> Mutation:
    """Letters of an input exchanged, and what the page says of it."""
    old, new = change

    def replaced(value: object) -> str:
        return str(value).replace(old, new)

    return Mutation(type=type_, path=path, value=replaced, without=words, name=name)
