"""Values as Pulumi's engine sends them: secrets wrapped, every number a float, unknown values marked."""

from typing import Any, cast

from pulumi.output import Unknown

_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # marks a secret on the wire; not one itself
_RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"
_SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"

Properties = dict[str, Any]
"""Inputs or outputs of a resource, keys in camelCase as the provider sees them."""


def unwrap(properties: Any) -> tuple[Properties, frozenset[str]]:
    """Take the secret wrappers off; return the plain properties and the paths that were wrapped."""
    secrets: set[str] = set()

    def walk(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            mapping = cast(dict[str, Any], value)
            if mapping.get(_SIGNATURE_KEY) == _SECRET_SIGNATURE:
                secrets.add(path)
                return walk(mapping["value"], path)
            return {key: walk(item, f"{path}.{key}" if path else key) for key, item in mapping.items()}
        if isinstance(value, list):
            return [walk(item, f"{path}[{i}]") for i, item in enumerate(cast(list[Any], value))]
        if isinstance(value, float) and value.is_integer():
            return int(value)  # every number crosses the wire as a float
        return value

    return cast(Properties, walk(dict(properties or {}), "")), frozenset(secrets)


def top_level(paths: frozenset[str]) -> set[str]:
    """Names of the properties that hold the paths."""
    return {path.split(".")[0].split("[")[0] for path in paths}


def wrap(properties: Properties, secret_keys: set[str]) -> Properties:
    """Mark outputs as secret again, as the engine does for secret inputs and `additional_secret_outputs`."""
    return {
        key: {_SIGNATURE_KEY: _SECRET_SIGNATURE, "value": value} if key in secret_keys else value
        for key, value in properties.items()
    }


def reference(urn: str, resource_id: str) -> Properties:
    """A resource as the value of an output; the SDK asks the engine for its state."""
    return {_SIGNATURE_KEY: _RESOURCE_SIGNATURE, "urn": urn, "id": resource_id}


def without_unknowns(value: Any) -> Any:
    """Leave unknown values out."""
    if isinstance(value, dict):
        mapping = cast(dict[str, Any], value)
        return {k: without_unknowns(v) for k, v in mapping.items() if not isinstance(v, Unknown)}
    if isinstance(value, list):
        return [without_unknowns(v) for v in cast(list[Any], value) if not isinstance(v, Unknown)]
    return value
