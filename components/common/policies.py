"""Network policies of the namespaces beside Flowise's own: deny everything, and allow what one workload needs."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.networking import v1

from components.common.connections import ClusterAccess
from components.common.networks import POD_IDENTITY_AGENT, dns_address, public_networks

_DIRECTIONS = ["Ingress", "Egress"]
Ports = Sequence[tuple[str, pulumi.Input[int]]]
"""Protocols and ports."""


def egress(to: pulumi.Input[Sequence[str]], ports: Ports) -> v1.NetworkPolicyEgressRuleArgs:
    """Allow to send to networks (CIDR notation)."""
    return v1.NetworkPolicyEgressRuleArgs(to=pulumi.Output.from_input(to).apply(_blocks), ports=_ports(ports))


def egress_to_pods(namespace: str, labels: Mapping[str, str], ports: Ports) -> v1.NetworkPolicyEgressRuleArgs:
    """Allow to send to pods of another namespace."""
    return v1.NetworkPolicyEgressRuleArgs(to=[_pods(namespace, labels)], ports=_ports(ports))


def ingress_from(sources: pulumi.Input[Sequence[str]], ports: Ports) -> v1.NetworkPolicyIngressRuleArgs:
    """Admit networks (CIDR notation)."""
    return v1.NetworkPolicyIngressRuleArgs(from_=pulumi.Output.from_input(sources).apply(_blocks), ports=_ports(ports))


def ingress_from_pods(namespace: str, labels: Mapping[str, str], ports: Ports) -> v1.NetworkPolicyIngressRuleArgs:
    """Admit pods of another namespace."""
    return v1.NetworkPolicyIngressRuleArgs(from_=[_pods(namespace, labels)], ports=_ports(ports))


def names_and_aws(cluster: ClusterAccess, *, also: Ports = ()) -> list[v1.NetworkPolicyEgressRuleArgs]:
    """Allow DNS, credentials by Pod Identity, and AWS services: on the internet or by endpoints in the VPC.

    `also` are further ports on the internet.
    """
    internet = public_networks([*cluster.subnets.addresses.private_cidrs, cluster.service_cidr])
    rules = [
        egress([dns_address(cluster.service_cidr)], [("TCP", 53), ("UDP", 53)]),
        egress([POD_IDENTITY_AGENT], [("TCP", 80)]),
        egress(internet, sorted({("TCP", 443), *also})),
    ]
    if cluster.subnets.addresses.has_endpoints:
        rules.append(egress(cluster.subnets.addresses.data, [("TCP", 443)]))
    return rules


def namespace_policies(
    resource_name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    *,
    ingress: Sequence[v1.NetworkPolicyIngressRuleArgs],
    egress: Sequence[v1.NetworkPolicyEgressRuleArgs],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Policies for the pods with `labels`, and none for all others; pods must wait for them."""
    allowed = pod_policy(resource_name, namespace, labels, ingress=ingress, egress=egress, opts=opts)
    return [allowed, deny_all(resource_name, namespace, labels, after=[allowed], opts=opts)]


def pod_policy(
    resource_name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    *,
    ingress: Sequence[v1.NetworkPolicyIngressRuleArgs],
    egress: Sequence[v1.NetworkPolicyEgressRuleArgs],
    opts: pulumi.ResourceOptions,
) -> v1.NetworkPolicy:
    """Allow what the pods with `labels` need, in both directions, and nothing else."""
    return v1.NetworkPolicy(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=resource_name, namespace=namespace, labels=labels),
        spec=v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels),
            policy_types=_DIRECTIONS,
            ingress=list(ingress),
            egress=list(egress),
        ),
        opts=opts,
    )


def deny_all(
    resource_name: str,
    namespace: pulumi.Input[str],
    labels: Mapping[str, str],
    *,
    after: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> v1.NetworkPolicy:
    """Deny what no other policy of the namespace allows.

    `after` are the others: pods that run already are never without what they need.
    """
    return v1.NetworkPolicy(
        f"{resource_name}-deny",
        metadata=meta.v1.ObjectMetaArgs(name="default-deny", namespace=namespace, labels=labels),
        spec=v1.NetworkPolicySpecArgs(pod_selector=meta.v1.LabelSelectorArgs(), policy_types=_DIRECTIONS),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(after))),
    )


def _blocks(cidrs: Sequence[str]) -> list[v1.NetworkPolicyPeerArgs]:
    return [v1.NetworkPolicyPeerArgs(ip_block=v1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def _pods(namespace: str, labels: Mapping[str, str]) -> v1.NetworkPolicyPeerArgs:
    return v1.NetworkPolicyPeerArgs(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": namespace}),
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels),
    )


def _ports(ports: Ports) -> list[v1.NetworkPolicyPortArgs]:
    return [v1.NetworkPolicyPortArgs(protocol=protocol, port=port) for protocol, port in ports]
