"""Turns pydantic's errors into lines for a person: key path, value, what is allowed, what to do."""

import difflib
import json
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import ErrorDetails

_LONGEST_SHOWN = 80


def explain(model: type[BaseModel], key: str, location: Sequence[str], detail: ErrorDetails) -> str:
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
            return f"{key}: {_shown(value)} is not allowed: {allowed}{hint}"


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
