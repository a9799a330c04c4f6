"""What a resource names by text must exist before it, and no output says so: found in the state of a stack."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from components.common.catalogue import AWS
from components.common.catalogue.entry import Reference

Resources = Mapping[str, Mapping[str, Any]]
"""Resources of a state by URN."""

_NAMESPACE: Final = "kubernetes:core/v1:Namespace"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"


def created_too_early(resources: Resources) -> list[str]:
    """Each resource that does not wait for one that it names, or whose log group it would create itself."""
    return [
        f"{urn} does not wait for {needed}"
        for urn, resource in resources.items()
        for needed in _named(resources, urn, resource)
        if not (_with_ancestors(resources, needed) & _awaited(resources, urn))
    ]


def _named(resources: Resources, urn: str, resource: Mapping[str, Any]) -> Iterator[str]:
    inputs = _properties(resource, "inputs")
    namespace = _metadata(inputs).get("namespace")
    entry = AWS.get(str(resource["type"]))
    prefix = entry.logs.pattern.format(inputs.get(entry.logs.name)) if entry and entry.logs else ""
    for other, named in resources.items():
        given: Mapping[str, Any] = _properties(named, "inputs") | _properties(named, "outputs")
        if other == urn:
            continue
        if (
            (named["type"] == _NAMESPACE and namespace and _metadata(given).get("name") == namespace)
            or (named["type"] == _LOG_GROUP and prefix and str(given.get("name")).startswith(prefix))
            or ((by := _reference(named)) and inputs.get(by.key) == given.get(by.name) is not None)
        ):
            yield other


def _reference(named: Mapping[str, Any]) -> Reference | None:
    entry = AWS.get(str(named["type"]))
    return entry.reference if entry else None


def _properties(resource: Mapping[str, Any], which: str) -> dict[str, Any]:
    return cast("dict[str, Any]", resource.get(which) or {})


def _metadata(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = properties.get("metadata")
    return cast("Mapping[str, Any]", metadata) if isinstance(metadata, dict) else {}


def _awaited(resources: Resources, urn: str) -> set[str]:
    """All that is created before a resource: what it and its parents depend on, its provider, and so on."""
    found: set[str] = set()
    waiting = [urn]
    while waiting:
        for one in _with_ancestors(resources, waiting.pop()):
            resource = resources.get(one, {})
            direct = {*(resource.get("dependencies") or ()), str(resource.get("provider", "")).rpartition("::")[0]}
            waiting += (new := direct - found - {""})
            found |= new
    return found


def _with_ancestors(resources: Resources, urn: str) -> set[str]:
    """A resource and the components that it belongs to; who waits for a component waits for all of it."""
    found: set[str] = set()
    while urn and urn in resources:
        found.add(urn)
        urn = str(resources[urn].get("parent", ""))
    return found
