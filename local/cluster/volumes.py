"""A pod's volumes as directories."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.cluster.environment import PodIdentity
from local.cluster.store import Spec, Store, items_of
from local.errors import LocalError


def make_volumes(pod_spec: Spec, pod: PodIdentity, store: Store, directory: Path, owner: int | None) -> dict[str, Path]:
    """Make every volume of the pod below `directory`, which must be new; return their paths by name.

    `owner` is the user the pod runs as, when that is not ours. Raises `LocalError` for a volume that has no stand-in.
    """
    directory.mkdir(parents=True)
    volumes: dict[str, Path] = {}
    for volume in items_of(pod_spec, "volumes"):
        path = directory / volume["name"]
        path.mkdir(mode=0o700)
        for name, content in _files(volume, pod, store).items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(0o400)
        if owner is not None:
            for entry in (path, *path.rglob("*")):
                os.chown(entry, owner, owner)
        volumes[volume["name"]] = path
    return volumes


def mount_paths(container: Spec, volumes: Mapping[str, Path]) -> dict[str, Path]:
    """Return where each `mountPath` of the container is on this machine."""
    return {
        mount["mountPath"]: volumes[mount["name"]] / (mount.get("subPath") or "")
        for mount in items_of(container, "volumeMounts")
    }


def _files(volume: Spec, pod: PodIdentity, store: Store) -> dict[str, bytes]:
    if "emptyDir" in volume:
        return {}
    if "projected" in volume:
        files: dict[str, bytes] = {}
        for source in items_of(volume["projected"], "sources"):
            files |= _source(source, pod, store)
        return files
    return _source(volume, pod, store)


def _source(source: Spec, pod: PodIdentity, store: Store) -> dict[str, bytes]:
    for kind, key, name_key in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
        if reference := source.get(key):
            name = reference.get(name_key) or reference["name"]  # a projected Secret has `name`
            data = store.data(kind, pod.namespace, name, optional=bool(reference.get("optional")))
            return _select(data, reference.get("items"), f"{kind} {pod.namespace}/{name}")
    if reference := source.get("downwardAPI"):
        return {
            item["path"]: pod.field(item["fieldRef"]["fieldPath"]).encode() for item in items_of(reference, "items")
        }
    if reference := source.get("serviceAccountToken"):
        return {reference["path"]: b"no API server here"}
    kinds = ", ".join(key for key in source if key != "name")
    raise LocalError(f"the pod {pod.name} has a volume that the local cluster cannot make: {kinds}")


def _select(data: dict[str, bytes], items: list[dict[str, Any]] | None, origin: str) -> dict[str, bytes]:
    if items is None:
        return data
    missing = [item["key"] for item in items if item["key"] not in data]
    if missing:
        raise LocalError(f"a volume needs the key {missing[0]} of {origin}", hint=f"It has: {', '.join(sorted(data))}.")
    return {item["path"]: data[item["key"]] for item in items}
