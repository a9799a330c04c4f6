"""Which keys of the stack file decide about which component: read from the program itself, in creation order."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final, get_args, get_type_hints

import pulumi

import components
from analysis.stackfiles import ROOT
from components.common.model import Settings
from settings import StackSettings

_STACK_WIDE: Final[Mapping[str, Sequence[str]]] = {"EncryptionKey": ("protected",), "InternalEntry": ("internal",)}
"""What a component is told with everything else that holds for the whole stack (`StackScope`)."""


def component_classes() -> Mapping[str, type[pulumi.ComponentResource]]:
    """Every component in the folder by its name, whether or not a stack uses it."""
    modules = [importlib.import_module(m.name) for m in pkgutil.iter_modules(components.__path__, "components.")]
    return {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, pulumi.ComponentResource) and name != "ComponentResource"
    }


def _sections() -> Mapping[str, Sequence[str]]:
    classes = component_classes()
    hints = get_type_hints(StackSettings)
    names = {model: name for name, hint in hints.items() for model in _classes(hint) if issubclass(model, Settings)}
    calls = [
        node for node in ast.walk(ast.parse((ROOT / "__main__.py").read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    created = [call.func.id for call in sorted(calls, key=_place) if isinstance(call.func, ast.Name)]
    return {name: tuple(_read(classes[name], names)) for name in dict.fromkeys(created) if name in classes}


def _place(call: ast.Call) -> tuple[int, int]:
    return call.lineno, call.col_offset


def _read(component: type[pulumi.ComponentResource], names: Mapping[type, str]) -> Iterator[str]:
    """The sections whose models a component takes as arguments."""
    yield from _STACK_WIDE.get(component.__name__, ())
    args = getattr(inspect.getmodule(component), f"{component.__name__}Args")
    for field in fields(args):
        yield from (names[model] for model in _classes(field.type) if model in names)


def _classes(hint: Any) -> Iterator[type]:
    if inspect.isclass(hint):
        yield hint
    for inner in get_args(hint):
        yield from _classes(inner)


SECTIONS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(_sections())
"""Component to the keys of the stack file that decide about it, in creation order."""
