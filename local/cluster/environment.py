"""A container's environment, rendered as the kubelet does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from local.cluster.store import Spec, Store, items_of, part_of
from local.errors import LocalError

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_UNITS = {"m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 1e3, "M": 1e6, "G": 1e9, "": 1.0}


@dataclass(frozen=True, kw_only=True)
class PodIdentity:
    """What the downward API knows about a pod."""

    name: str
    namespace: str
    uid: str
    ip: str
    service_account: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    def field(self, path: str) -> str:
        """Value of a `fieldRef`. Raises `LocalError` for a field that the kubelet would refuse or we do not know."""
        simple = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.uid,
            "spec.nodeName": "localhost",
            "spec.serviceAccountName": self.service_account,
            "status.podIP": self.ip,
            "status.podIPs": self.ip,
            "status.hostIP": "127.0.0.1",
        }
        if path in simple:
            return simple[path]
        if found := re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path):
            return (self.labels if found[1] == "labels" else self.annotations).get(found[2], "")
        raise LocalError(f"the pod {self.name} asks for the field {path}, which the local cluster does not have")


def render_environment(container: Spec, pod: PodIdentity, store: Store) -> dict[str, str]:
    """Return what `envFrom` and `env` give, in the kubelet's order, with $(VAR) expanded.

    Raises `LocalError` for a ConfigMap, Secret or key that does not exist (the kubelet's CreateContainerConfigError).
    """
    values: dict[str, str] = {}
    for source in items_of(container, "envFrom"):
        prefix = source.get("prefix") or ""
        for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            if reference := source.get(key):
                data = store.data(kind, pod.namespace, reference["name"], optional=bool(reference.get("optional")))
                values |= {prefix + name: value.decode() for name, value in data.items()}
    for entry in items_of(container, "env"):
        name = str(entry["name"])
        if (origin := entry.get("valueFrom")) is None:
            values[name] = expand(str(entry.get("value") or ""), values)
        elif (value := _value_from(cast("Spec", origin), container, pod, store)) is not None:
            values[name] = value
    return values


def expand(text: str, values: Mapping[str, str]) -> str:
    """Expand $(VAR); $$ is a dollar sign, and a reference to nothing stays as it is."""

    def replace(found: re.Match[str]) -> str:
        return "$" if found[1] is None else values.get(found[1], found.group())

    return _REFERENCE.sub(replace, text)


def _value_from(origin: Spec, container: Spec, pod: PodIdentity, store: Store) -> str | None:
    for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        if reference := origin.get(key):
            optional = bool(reference.get("optional"))
            data = store.data(kind, pod.namespace, reference["name"], optional=optional)
            if reference["key"] in data:
                return data[reference["key"]].decode()
            if optional:
                return None
            raise LocalError(
                f"the pod {pod.name} needs the key {reference['key']} of {kind} {pod.namespace}/{reference['name']}",
                hint=f"It has: {', '.join(sorted(data)) or 'no keys'}.",
            )
    if reference := origin.get("fieldRef"):
        return pod.field(reference["fieldPath"])
    if reference := origin.get("resourceFieldRef"):
        return _resource(cast("Spec", reference), container)
    raise LocalError(f"the pod {pod.name} has a valueFrom that the local cluster does not know: {', '.join(origin)}")


def _resource(reference: Spec, container: Spec) -> str:
    section, _, name = str(reference["resource"]).partition(".")
    amount = quantity(str(part_of(part_of(container, "resources"), section).get(name, "0")))
    divisor = quantity(str(reference.get("divisor") or "1")) or 1.0
    return str(-int(-amount // divisor))  # rounded up, as the kubelet does


def quantity(text: str) -> float:
    """Return the number behind a Kubernetes quantity such as 500m or 2Gi."""
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    if found is None or found[2] not in _UNITS:
        raise LocalError(f"'{text}' is not a quantity that the local cluster knows")
    return float(found[1]) * _UNITS[found[2]]
