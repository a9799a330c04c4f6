"""Check: refuses what the schema refuses, and fills in names and default tags."""

import hashlib
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from analysis.wire import Properties
from components.common.catalogue import AWS
from engine.provider.schema import Property, Schema, Shape, properties_of
from engine.provider.values import DEFAULTS, UNKNOWN, is_secret, plain

_DIGITS = 7
"""Hexadecimal digits that Pulumi appends to a name of its own (docs, "Autonaming")."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One property that is refused."""

    property: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Autoname:
    """How the provider names a resource that the program gives no name."""

    property: str = "name"
    limit: int = 255
    lower: bool = False


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the engine's autonaming option says (Check's `autonaming`)."""

    mode: Literal["propose", "enforce", "disable"]
    name: str


def autoname_of(token: str, schema: Schema) -> Autoname | None:
    """How a type is named, if the provider names it."""
    entry = AWS.get(token)
    kind = entry.autoname if entry else "default"
    if entry and kind in {"limited", "lower"}:
        own = entry.names[0]
        return Autoname(property=own.property, limit=own.longest, lower=kind == "lower")
    named = schema.inputs.get("name")
    if named is None or named.required or named.shape.kind != "string" or kind == "none":
        return None
    return Autoname() if token.startswith("aws:") else None


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What decides about a name."""

    logical_name: str
    seed: bytes
    proposal: Proposal | None = None


def named(token: str, schema: Schema, news: Properties, olds: Properties, naming: Naming) -> Properties:
    """Add the name that the provider chooses, and note that it did."""
    autoname = autoname_of(token, schema)
    defaults: list[str] = []
    result = dict(news)
    if autoname and news.get(autoname.property) is None and not news.get(f"{autoname.property}Prefix"):
        kept = olds.get(autoname.property) if autoname.property in cast("list[str]", olds.get(DEFAULTS) or []) else None
        name = kept or _new_name(autoname, naming)
        if name is not None:
            result[autoname.property] = name
            defaults.append(autoname.property)
    result[DEFAULTS] = defaults
    return result


def _new_name(autoname: Autoname, naming: Naming) -> str | None:
    proposal = naming.proposal
    if proposal and proposal.mode == "disable":
        return None
    if proposal and proposal.mode == "enforce":
        return proposal.name
    if proposal and proposal.name and len(proposal.name) <= autoname.limit:
        name = proposal.name
    else:
        suffix = hashlib.sha256(naming.seed + naming.logical_name.encode()).hexdigest()[:_DIGITS]
        name = f"{naming.logical_name[: autoname.limit - _DIGITS - 1]}-{suffix}"
    return name.lower() if autoname.lower else name


def with_default_tags(schema: Schema, news: Properties, default_tags: Mapping[str, str]) -> Properties:
    """Merge the provider's tags into those of a resource that can be tagged (pulumi-aws, provider/tags.go)."""
    if "tags" not in schema.inputs or "tagsAll" not in schema.outputs or not default_tags:
        return news
    own: Any = news.get("tags") or {}
    if own == UNKNOWN or is_secret(own):
        return news
    return {**news, "tags": {**default_tags, **cast("Mapping[str, str]", own)}}


def failures(token: str, schema: Schema, inputs: Properties) -> list[Failure]:
    """Everything that the schema refuses, all at once."""
    return list(_object(plain(inputs), schema.inputs, "", token))


def _object(value: Mapping[str, Any], properties: Mapping[str, Property], path: str, owner: str) -> Generator[Failure]:
    for key in sorted(value.keys() - properties.keys() - {DEFAULTS}):
        hint = _nearest(key, properties)
        yield Failure(property=_join(path, key), reason=f"{owner} has no property '{key}'{hint}")
    for key, declared in properties.items():
        given = value.get(key)
        if given is None:
            if declared.required:
                yield Failure(property=_join(path, key), reason=f"missing required property '{key}' of {owner}")
        else:
            yield from _value(given, declared.shape, _join(path, key))


def _value(value: Any, shape: Shape, path: str) -> Generator[Failure]:
    if value == UNKNOWN or value is None:
        return
    if shape.plain:
        found = [list(_value(value, member, path)) for member in shape.plain]
        if all(found):
            yield found[0][0]
    elif shape.kind in {"map", "object"}:
        yield from _mapping(value, shape, path)
    elif not isinstance(value, _TYPES[shape.kind]) or (shape.kind == "number" and isinstance(value, bool)):
        yield _wrong(path, _WANTED[shape.kind], value)
    elif isinstance(value, list) and shape.item:
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _value(item, shape.item, f"{path}[{index}]")


_TYPES: Mapping[str, Any] = {"string": str, "boolean": bool, "number": int | float, "array": list, "any": object}
_WANTED = {"string": "a string", "boolean": "true or false", "number": "a number", "array": "a list"}


def _mapping(value: Any, shape: Shape, path: str) -> Generator[Failure]:
    if not isinstance(value, dict):
        yield _wrong(path, "a mapping", value)
        return
    mapping = cast("dict[str, Any]", value)
    if shape.cls:
        yield from _object(mapping, properties_of(shape.cls), path, shape.cls.__name__.removesuffix("Args"))
    elif shape.item:
        for key, item in mapping.items():
            yield from _value(item, shape.item, f"{path}.{key}")


def _wrong(path: str, wanted: str, value: Any) -> Failure:
    # Never the value itself: it may be a secret.
    return Failure(
        property=path,
        reason=f"'{path}' must be {wanted}, not {_KINDS.get(type(cast('object', value)), 'something else')}",
    )


_KINDS: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a mapping",
}


def _nearest(key: str, properties: Mapping[str, Property]) -> str:
    flat = re.sub("[^a-z0-9]", "", key.lower())
    near = [
        name for name in properties if re.sub("[^a-z0-9]", "", name.lower()) in {flat, f"{flat}s", flat.rstrip("s")}
    ]
    return f"; did you mean '{near[0]}'?" if near else ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
