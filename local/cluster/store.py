"""The cluster's objects, by kind, namespace and name."""

import base64
import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, final

from analysis.recorder import Request
from analysis.wire import Properties
from components.common.catalogue import KUBERNETES
from local.errors import LocalError

Spec = Mapping[str, Any]
"""A part of a Kubernetes object, with its own camelCase keys."""


def items_of(spec: Spec, key: str) -> list[Spec]:
    """Return a list within a spec; empty when it is not there."""
    return cast("list[Spec]", spec.get(key) or [])


def part_of(spec: Spec, key: str) -> Spec:
    """Return a mapping within a spec; empty when it is not there."""
    return cast("Spec", spec.get(key) or {})


@dataclass(frozen=True, kw_only=True)
class KubernetesObject:
    """One object with its name settled."""

    kind: str
    namespace: str
    name: str
    body: Spec

    @property
    def spec(self) -> Spec:
        """The spec; empty when the kind has none."""
        return part_of(self.body, "spec")

    @property
    def id(self) -> str:
        """What Pulumi's provider uses as the resource's id."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


def template_of(workload: KubernetesObject) -> Spec:
    """Return the pod template of a Job or a Deployment."""
    return cast("Spec", workload.spec["template"])


def kind_of(type_: str) -> str:
    """Return `Deployment` for `kubernetes:apps/v1:Deployment`."""
    return type_.rpartition(":")[2]


def to_object(request: Request) -> KubernetesObject:
    """Settle name and namespace as the provider does: an unnamed object is called after its resource.

    The provider's suffix is random; this one is derived from the name, so that logs keep their names.
    """
    kind = kind_of(request.type)
    metadata = part_of(request.inputs, "metadata")
    suffix = hashlib.sha256(f"{kind}/{request.name}".encode()).hexdigest()[:8]
    name = str(metadata.get("name") or f"{request.name}-{suffix}")
    entry = KUBERNETES.get(request.type)
    namespace = "" if entry and entry.cluster_wide else str(metadata.get("namespace") or "default")
    return KubernetesObject(kind=kind, namespace=namespace, name=name, body=request.inputs)


def outputs_of(found: KubernetesObject) -> Properties:
    """Return what the provider would add to the inputs."""
    metadata: Properties = {**part_of(found.body, "metadata"), "name": found.name}
    if found.namespace:
        metadata["namespace"] = found.namespace
    metadata["uid"] = hashlib.sha256(found.id.encode()).hexdigest()[:32]
    return {"metadata": metadata}


@final
class Store:
    """All objects of the cluster. May be used from any thread."""

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str, str], KubernetesObject] = {}
        self._lock = threading.Lock()

    def put(self, new: KubernetesObject) -> None:
        """Add or replace an object."""
        with self._lock:
            self._objects[new.kind, new.namespace, new.name] = new

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._objects.clear()

    def find(self, kind: str, namespace: str, name: str) -> KubernetesObject | None:
        """Return the object, if there is one."""
        with self._lock:
            return self._objects.get((kind, namespace, name))

    def of_kind(self, kind: str) -> list[KubernetesObject]:
        """Return all objects of a kind."""
        with self._lock:
            return [found for found in self._objects.values() if found.kind == kind]

    def data(self, kind: str, namespace: str, name: str, *, optional: bool = False) -> dict[str, bytes]:
        """Return the keys of a ConfigMap or Secret.

        Raises `LocalError` when it does not exist, as the kubelet refuses the container; `optional` gives no keys.
        """
        found = self.find(kind, namespace, name)
        if found is None:
            if optional:
                return {}
            known = ", ".join(o.name for o in self.of_kind(kind) if o.namespace == namespace) or "none"
            raise LocalError(
                f"the pod needs {kind} {namespace}/{name}, which does not exist",
                hint=f"In namespace {namespace} there are: {known}. Is it made before the pod (depends_on)?",
            )
        encoded = "data" if kind == "Secret" else "binaryData"
        plain = "stringData" if kind == "Secret" else "data"
        values = {key: base64.b64decode(value) for key, value in part_of(found.body, encoded).items()}
        return values | {key: value.encode() for key, value in part_of(found.body, plain).items()}
