"""The sections that a stack may leave out, each as prod has it, or as its model's example has it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast, get_args

from pydantic import BaseModel

from analysis.stackfiles import read_stack
from components.common.model import Settings
from settings import PROJECT, StackSettings

_ENTRY_POINTS: Final = ("ingress", "internal")
"""They take the place of other sections; files in `examples/` have them."""


def optional_sections() -> Mapping[str, Mapping[str, Any]]:
    """Sections that can be on beside all others, by name. Raises `LookupError` for one without an example."""
    return dict(sections_of(StackSettings, read_stack("prod").values))


def left_out_by_prod() -> Mapping[str, Mapping[str, Any]]:
    """Those that prod leaves out."""
    prod = read_stack("prod").values
    return {name: section for name, section in optional_sections().items() if f"{PROJECT}:{name}" not in prod}


def sections_of(stack: type[BaseModel], prod: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Optional sections of a model of stack files, from prod's values or their own examples."""
    for name, field in stack.model_fields.items():
        models = [part for part in get_args(field.annotation) if isinstance(part, type) and issubclass(part, Settings)]
        if field.default is not None or not models or name in _ENTRY_POINTS:
            continue
        key = f"{PROJECT}:{name}"
        yield name, json.loads(prod[key]) if key in prod else _example(key, models[0])


def _example(key: str, model: type[BaseModel]) -> Mapping[str, Any]:
    extra = cast("Any", model.model_config.get("json_schema_extra", {}))
    if "examples" not in extra:
        raise LookupError(
            f"{key}: prod leaves this section out, and {model.__name__} ({model.__module__}) gives no example, so that "
            "no test, price or page would know it; add `model_config = example(...)` with a section that is right for "
            "every stack"
        )
    return cast("Mapping[str, Any]", extra["examples"][0])
