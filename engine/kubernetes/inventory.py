"""What there is in a cluster, apart from what its controllers keep there by themselves."""

from collections.abc import Iterator
from typing import Any, Final, cast

from engine.kubernetes.client import Client

_OF_CONTROLLERS: Final = frozenset({"APIService", "Event", "Lease"})
"""Kinds that appear and expire without anybody asking for them."""
_IN_EVERY_NAMESPACE: Final = frozenset({"ServiceAccount default", "ConfigMap kube-root-ca.crt"})


def objects(admin: Client) -> set[str]:
    """Everything that the API server holds, such as `Deployment flowise/flowise-server`."""
    return {found for path, kind in _collections(admin) for found in _listed(admin, path, kind)}


def _collections(admin: Client) -> Iterator[tuple[str, str]]:
    """Path and kind of everything that can be listed, in the version that the server prefers."""
    groups = cast("list[dict[str, Any]]", admin.get("/apis").json()["groups"])
    tops = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]
    for top in tops:
        answer = admin.get(top)
        # A group that a chart has just taken along is still named for a moment.
        found = cast("list[dict[str, Any]]", answer.json()["resources"] if answer.is_success else [])
        for resource in found:
            if "list" in resource["verbs"] and resource["kind"] not in _OF_CONTROLLERS:
                yield f"{top}/{resource['name']}", str(resource["kind"])


def _listed(admin: Client, path: str, kind: str) -> Iterator[str]:
    answer = admin.get(path)
    for item in cast("list[dict[str, Any]]", answer.json().get("items") or [] if answer.is_success else []):
        metadata = item["metadata"]
        if f"{kind} {metadata['name']}" not in _IN_EVERY_NAMESPACE:
            namespace = f"{metadata['namespace']}/" if "namespace" in metadata else ""
            yield f"{kind} {namespace}{metadata['name']}"
