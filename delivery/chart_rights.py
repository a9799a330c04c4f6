"""Reads what rendered Kubernetes objects allow: rights on Secrets by their bindings, and ports of nodes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

Manifest = Mapping[str, Any]
HARMLESS: Final = frozenset(
    {
        ("ClusterRole", "system:auth-delegator"),
        ("Role", "extension-apiserver-authentication-reader"),
    }
)
"""Roles of Kubernetes itself that a chart may bind: they have no right on Secrets (kubernetes/kubernetes,
plugin/pkg/auth/authorizer/rbac/bootstrappolicy, policy.go and namespace_policy.go)."""
_ANY: Final = "*"
_TAKES_MORE: Final = frozenset({"bind", "escalate", "impersonate"})
"""Verbs by which somebody gets rights that no rule of his names (Kubernetes, "RBAC good practices")."""
_WORKLOADS: Final = frozenset({"Pod", "Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob", "ReplicaSet"})


def faults(objects: Sequence[Manifest], namespace: str) -> Iterator[str]:
    """What a release in `namespace` would be allowed and must not be."""
    roles = {_key(each, namespace): each for each in objects if each.get("kind") in {"Role", "ClusterRole"}}
    for binding in objects:
        if binding.get("kind") in {"RoleBinding", "ClusterRoleBinding"}:
            yield from _of_binding(binding, roles, namespace)
    for role in roles.values():
        if any(label.startswith("rbac.authorization.k8s.io/aggregate-to-") for label in _labels(role)):
            yield from (f"{_title(role)} adds to roles of the cluster: {right}" for right in _rights(role))
    for each in objects:
        if each.get("kind") in _WORKLOADS:
            yield from _of_pods(each)


def _of_binding(binding: Manifest, roles: Mapping[tuple[str, str, str], Manifest], namespace: str) -> Iterator[str]:
    everywhere = binding["kind"] == "ClusterRoleBinding"
    place = "" if everywhere else str(binding["metadata"].get("namespace") or namespace)
    reference = binding["roleRef"]
    kind, name = str(reference["kind"]), str(reference["name"])
    role = roles.get((kind, place if kind == "Role" else "", name))
    where = "in every namespace" if everywhere else f"in namespace {place}"
    if role is None:
        if (kind, name) not in HARMLESS:
            yield f"{_title(binding)} binds {kind} {name}, which the chart does not bring, {where}"
        return
    if role.get("aggregationRule"):
        yield f"{_title(binding)} binds {kind} {name}, whose rules are gathered from other roles, {where}"
    if everywhere or place != namespace:
        yield from (f"{_title(binding)} gives {right} {where} ({kind} {name})" for right in _rights(role))


def _rights(role: Manifest) -> Iterator[str]:
    for rule in _items(role, "rules"):
        groups, resources, verbs = (
            set(cast("list[str]", rule.get(key) or [])) for key in ("apiGroups", "resources", "verbs")
        )
        if groups & {"", _ANY} and resources & {"secrets", _ANY}:
            yield f"{', '.join(sorted(verbs))} of {'Secrets' if 'secrets' in resources else 'everything'}"
        if groups & {"", _ANY} and resources & {"serviceaccounts/token", "serviceaccounts/*", "*/token"}:
            yield "tokens of service accounts"
        if verbs & _TAKES_MORE:
            yield f"{', '.join(sorted(verbs & _TAKES_MORE))} of {', '.join(sorted(resources))}"


def _of_pods(workload: Manifest) -> Iterator[str]:
    spec = workload["spec"]
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    pod = spec if workload["kind"] == "Pod" else spec["template"]["spec"]
    if pod.get("hostNetwork"):
        yield f"{_title(workload)} runs in the network of its node"
    containers = [each for key in ("initContainers", "containers") for each in _items(pod, key)]
    for container in containers:
        name = f"{_title(workload)}, container {container['name']}"
        context = _section(container, "securityContext")
        if context.get("privileged") or _section(context, "capabilities").get("add"):
            yield f"{name} has rights in the kernel of its node"
        for port in _items(container, "ports"):
            if port.get("hostPort"):
                yield f"{name} opens port {port['hostPort']} of its node"


def _key(role: Manifest, namespace: str) -> tuple[str, str, str]:
    place = str(role["metadata"].get("namespace") or namespace) if role["kind"] == "Role" else ""
    return str(role["kind"]), place, str(role["metadata"]["name"])


def _items(each: Manifest, key: str) -> Sequence[Manifest]:
    return cast("Sequence[Manifest]", each.get(key) or [])


def _section(each: Manifest, key: str) -> Manifest:
    return cast("Manifest", each.get(key) or {})


def _labels(each: Manifest) -> Mapping[str, str]:
    return cast("Mapping[str, str]", _section(each["metadata"], "labels"))


def _title(each: Manifest) -> str:
    return f"{each['kind']} {each['metadata']['name']}"
