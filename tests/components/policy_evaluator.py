"""Decides a connection the way Kubernetes' NetworkPolicies do (networking.k8s.io/v1), over rendered objects.

Policies add up: a pod that a policy selects for a direction may do in it what any such policy allows, and nothing else;
a pod that none selects may do everything. A connection needs both ends. An `ipBlock` matches pods by their address too,
as it does in the agent of EKS.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

Policy = Mapping[str, Any]
Rule = Mapping[str, Any]
Direction = Literal["Ingress", "Egress"]
_PEERS: dict[Direction, str] = {"Ingress": "from", "Egress": "to"}


@dataclass(frozen=True, kw_only=True)
class Host:
    """One end of a connection: an address, and the pod behind it if there is one."""

    ip: str
    namespace: str | None = None
    """Namespace of the pod; None when it is no pod."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


def allowed(policies: Iterable[Policy], source: Host, destination: Host, port: int, protocol: str = "TCP") -> bool:
    """Whether a connection is allowed at both ends."""
    known = list(policies)
    return _may(known, "Egress", source, destination, (port, protocol)) and _may(
        known, "Ingress", destination, source, (port, protocol)
    )


def _may(policies: list[Policy], direction: Direction, pod: Host, peer: Host, port: tuple[int, str]) -> bool:
    if pod.namespace is None:
        return True
    selecting = [policy for policy in policies if _selects(policy, pod) and direction in _types(policy)]
    rules = [
        (str(policy["metadata"]["namespace"]), rule)
        for policy in selecting
        for rule in cast("list[Rule]", policy["spec"].get(direction.lower()) or [])
    ]
    return not selecting or any(_matches(rule, direction, namespace, peer, port) for namespace, rule in rules)


def _types(policy: Policy) -> list[str]:
    """Without `policyTypes` every policy is one for ingress, and one with egress rules is one for egress too."""
    spec = policy["spec"]
    return list(spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])])


def _selects(policy: Policy, pod: Host) -> bool:
    return policy["metadata"]["namespace"] == pod.namespace and _labelled(policy["spec"]["podSelector"], pod.labels)


def _matches(rule: Rule, direction: Direction, namespace: str, peer: Host, port: tuple[int, str]) -> bool:
    peers, ports = rule.get(_PEERS[direction]), rule.get("ports")
    return (not peers or any(_is_peer(each, namespace, peer) for each in peers)) and (
        not ports or any(_is_port(each, *port) for each in ports)
    )


def _is_port(spec: Rule, port: int, protocol: str) -> bool:
    if spec.get("protocol", "TCP") != protocol:
        return False
    first = spec.get("port")
    if first is None:
        return True
    # A name means what each pod calls so, which this evaluator does not know: a policy with one fails its test.
    if not isinstance(first, (int, float)):
        raise TypeError(f"port {first!r} is a name, and flows are decided by numbers: write the number in the policy")
    return first <= port <= spec.get("endPort", first)


def _is_peer(spec: Rule, namespace: str, peer: Host) -> bool:
    if block := spec.get("ipBlock"):
        address = ipaddress.ip_address(peer.ip)
        inside = address in ipaddress.ip_network(block["cidr"])
        exceptions = cast("list[str]", block.get("except") or [])
        return inside and not any(address in ipaddress.ip_network(cidr) for cidr in exceptions)
    if peer.namespace is None:
        return False
    if (namespaces := spec.get("namespaceSelector")) is not None:
        if not _labelled(namespaces, {"kubernetes.io/metadata.name": peer.namespace}):
            return False
    elif peer.namespace != namespace:
        return False
    return _labelled(spec.get("podSelector") or {}, peer.labels)


def _labelled(selector: Rule, labels: Mapping[str, str]) -> bool:
    """Whether a label selector takes these labels (Kubernetes API, LabelSelector: all parts must hold)."""
    expressions = cast("list[Rule]", selector.get("matchExpressions") or [])
    wanted = cast("Mapping[str, str]", selector.get("matchLabels") or {})
    return wanted.items() <= labels.items() and all(_holds(each, labels) for each in expressions)


def _holds(expression: Rule, labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), cast("list[str]", expression.get("values") or [])
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case unknown:
            raise ValueError(f"{unknown!r} is no operator of a label selector")
