"""The sections that a stack may leave out, each as prod has it, or as its model's example has it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_args

from pydantic import BaseModel

from analysis.stackfiles import read_stack
from components.common.model import Locally, Settings
from settings import PROJECT, StackSettings

_ENTRY_POINTS: Final = ("ingress", "internal")
"""They take the place of other sections; files in `examples/` have them."""


def optional_sections() -> Mapping[str, Mapping[str, Any]]:
    """Sections that can be on beside all others, by name.

    Raises `LookupError` for one without an example, or without a word of what it is locally.
    """
    return dict(sections_of(StackSettings, read_stack("prod").values))


def left_out_by_prod() -> Mapping[str, Mapping[str, Any]]:
    """Those that prod leaves out."""
    prod = read_stack("prod").values
    return {name: section for name, section in optional_sections().items() if f"{PROJECT}:{name}" not in prod}


def locally(values: Mapping[str, str]) -> Mapping[str, Locally]:
    """What the local environment makes of the sections of a stack file that say so, by name."""
    found = {name: model.locally for name, model in _models(StackSettings) if f"{PROJECT}:{name}" in values}
    return {name: said for name, said in found.items() if said}


def sections_of(stack: type[BaseModel], prod: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Optional sections of a model of stack files, from prod's values or their own examples."""
    for name, model in _models(stack):
        key = f"{PROJECT}:{name}"
        yield name, json.loads(prod[key]) if key in prod else _example(key, model)


def _models(stack: type[BaseModel]) -> Iterator[tuple[str, type[Settings]]]:
    for name, field in stack.model_fields.items():
        models = [part for part in get_args(field.annotation) if isinstance(part, type) and issubclass(part, Settings)]
        if field.default is None and models and name not in _ENTRY_POINTS:
            yield name, models[0]


def _example(key: str, model: type[Settings]) -> Mapping[str, Any]:
    extra = cast("Any", model.model_config.get("json_schema_extra", {}))
    if "examples" not in extra:
        raise LookupError(
            f"{key}: prod leaves this section out, and {model.__name__} ({model.__module__}) gives no example, so that "
            "no test, price or page would know it; add `model_config = example(...)` with a section that is right for "
            "every stack"
        )
    if model.locally is None:
        raise LookupError(
            f"{key}: prod leaves this section out, and {model.__name__} ({model.__module__}) does not say what the "
            "local environment makes of it; add `locally: ClassVar = Locally(...)` with a note for whoever expects it "
            "there, and with what takes its place if it cannot be there"
        )
    return cast("Mapping[str, Any]", extra["examples"][0])
