"""Turns pydantic's errors into lines for a person: key path, value, what is allowed, what to do."""

import difflib
import json
import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 80
_WRITTEN = {
    "string": '"{0}" with quotation marks',
    "int": "{0} without quotation marks",
    "float": "{0} without quotation marks",
    "bool": "{0} without quotation marks",
}
"""How a value of each type of `pulumi config set --type` is written in a stack file."""


def format_validation_error(model: type[BaseModel], key: str, location: Sequence[str], detail: ErrorDetails) -> str:
    """One error of `model` at `location`, which people know as `key`."""
    value = detail.get("input")
    match detail["type"]:
        case "value_error":
            return f"{key}: {(detail.get('ctx') or {}).get('error', detail['msg'])}"
        case "missing":
            return missing(key)
        case "extra_forbidden":
            known = set(cast("dict[str, Any]", _schema_at(model, location[:-1]).get("properties", {})))
            return f"{key}: there is no such key{nearest(location[-1], known)}"
        case _:
            allowed = detail["msg"][0].lower() + detail["msg"][1:]
            examples = [
                str(example) for example in cast("list[object]", _schema_at(model, location).get("examples", []))
            ]
            hint = f"; for example {', '.join(examples)}" if examples else ""
            return f"{key}: {_shown(value)} is not allowed: {allowed}{hint}{_type_hint(key, location, detail)}"


def _type_hint(key: str, location: Sequence[str], detail: ErrorDetails) -> str:
    """End of a sentence about a value that YAML, or `pulumi config set`, has read as one of another type."""
    value = detail.get("input")
    is_setting = ":" in key
    if expected := _expected_type(detail["type"], value):
        written = f"; it must be {_WRITTEN[expected].format(_scalar(value))} in the stack file"
        command = f"pulumi config set --path --type {expected} '{_config_path(key, location)}' {_scalar(value)}"
        return f"{written}, which `{command}` writes" if is_setting else written
    if detail["type"] == "list_type" and isinstance(value, str) and is_setting:
        return f"; `pulumi config set --path '{_config_path(key, location)}[0]' VALUE` sets its first value"
    return ""


def _expected_type(kind: str, value: object) -> str | None:
    """Type for `pulumi config set --type` where YAML, or that command, has read a scalar as one of another type.

    `pulumi config set --path` stores `true`, `false` and whole numbers as such, and everything else as text.
    """
    if kind in {"string_type", "literal_error"} and isinstance(value, bool | int | float):
        return "string"
    if isinstance(value, str):
        if kind in {"int_type", "literal_error"} and value.lstrip("-").isdigit():
            return "int"
        if kind == "float_type" and re.fullmatch(r"-?\d+(\.\d+)?", value):
            return "float"
        if kind == "bool_type" and value in {"true", "false"}:
            return "bool"
    return None


def _scalar(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _config_path(key: str, location: Sequence[str]) -> str:
    """The path as `pulumi config set --path` takes it: `[0]` for an item, `["a.b"]` for a name with a dot in it."""
    plain = key.partition(":")[0]
    steps = [f"[{part}]" if part.isdigit() else f'["{part}"]' if "." in part else f".{part}" for part in location[1:]]
    return f"{plain}:{location[0]}{''.join(steps)}"


def missing(key: str) -> str:
    """A key that has no default is not there."""
    return f"{key}: is missing; it has no default (docs/settings.md)"


def nearest(name: str, known: Collection[str]) -> str:
    """End of a sentence about an unknown name: the known one that looks like it, or all of them."""
    match = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {match[0]}?" if match else f"; allowed: {', '.join(sorted(known))}"


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


@cache
def _json_schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _schema_at(model: type[BaseModel], location: Sequence[str]) -> dict[str, Any]:
    """The part of the JSON Schema that describes a key path."""
    schema = _json_schema(model)
    definitions = cast("dict[str, Any]", schema.get("$defs", {}))

    def follow(node: dict[str, Any]) -> dict[str, Any]:
        for option in [node, *cast("list[dict[str, Any]]", node.get("anyOf", []))]:
            if "$ref" in option:
                return cast("dict[str, Any]", definitions[str(option["$ref"]).rsplit("/", 1)[1]])
        return node

    node: dict[str, Any] = schema
    for part in location:
        children = node.get("items", {}) if part.isdigit() else node.get("properties", {}).get(part, {})
        node = follow(cast("dict[str, Any]", children))
    return node
