"""Who may talk to the pods of Flowise, and to whom they may talk.

Most holes that were found in Flowise end in code execution inside a pod: these policies are what such code runs into.

No rule uses `except`. In the agent of EKS an `except` of one rule denies what another rule allows
(aws/amazon-network-policy-controller-k8s#146 and #121, aws/aws-network-policy-agent#180), so "the internet" is
spelled out as the networks that are left when everything else is taken away.

- DNS: Auto Mode runs CoreDNS as a service of each node, so there are no pods to select. Pods ask the tenth address of
  the service network (aws/containers-roadmap#2552), which a rule has to name.
- Probes: the agent admits all traffic from a pod's own node, as Kubernetes demands
  (aws-network-policy-agent, fw_rule_processor.go).
- Rules by pod match the Service in front of those pods as well: the controller adds its address.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.networking import v1

from components.app.exposure import Exposure
from components.app.scope import Scope, labels
from components.app.settings import AppSettings, IngressSettings
from components.common.connections import DatabaseConnection, QueueConnection
from components.common.context import NetworkAddresses
from components.common.http import HTTP_PORT

_POD_IDENTITY_AGENT: Final = "169.254.170.23/32"
_DNS_HOST: Final = 10
"""Kubernetes' own choice for the cluster's DNS, kept by EKS: the tenth address of the service network."""
_NEVER_PUBLIC: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",  # the metadata service
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
)
"""IANA's special-purpose registry, without single documentation networks: nobody routes those."""

_Ports = list[v1.NetworkPolicyPortArgs]
_Peers = pulumi.Input[Sequence[pulumi.Input[v1.NetworkPolicyPeerArgs]]]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the pods lie between."""

    addresses: NetworkAddresses
    service_cidr: str
    """Addresses of Kubernetes services, the API's own among them."""
    database: DatabaseConnection
    queue: QueueConnection | None
    exposure: Exposure


def network_policies(
    scope: Scope, resource_name: str, settings: AppSettings, around: Surroundings
) -> list[pulumi.Resource]:
    """Deny everything, and allow what each component needs; pods must wait for what is returned."""
    internet = _networks(public_networks([*around.addresses.not_public, around.service_cidr]))
    data = around.addresses.data.apply(_networks)
    dns = ipaddress.IPv4Network(around.service_cidr)[_DNS_HOST]

    names = _egress(_networks([f"{dns}/32"]), _tcp(53) + _ports("UDP", 53))
    aws_services = [
        _egress(internet, _tcp(443)),
        _egress(_networks([_POD_IDENTITY_AGENT]), _tcp(80)),
    ]
    if around.addresses.has_endpoints:
        aws_services.append(_egress(data, _tcp(443)))
    to_database = _egress(data, _tcp(around.database.port))
    flowise = [names, to_database, *aws_services]
    if around.queue:
        flowise.append(_egress(data, _tcp(around.queue.port)))
    if settings.smtp:
        flowise.append(_egress(internet, _tcp(settings.smtp.port)))
    flowise += [_egress(_networks([extra.cidr]), _tcp(*extra.ports)) for extra in settings.egress]
    to_servers = _egress([_pods("server")], _tcp(HTTP_PORT))

    allowed: list[pulumi.Resource] = [
        _policy(scope, resource_name, "server", egress=flowise, ingress=_to_servers(around)),
        _policy(scope, resource_name, "migration", egress=[names, to_database, *aws_services]),
        _policy(scope, resource_name, "owner", egress=[names, to_servers]),
    ]
    if around.queue:
        allowed.append(_policy(scope, resource_name, "worker", egress=flowise))
    # Last, so that pods which run already are never without what they need.
    return [*allowed, _policy(scope, resource_name, None, depends_on=allowed)]


def public_networks(not_public: Sequence[str]) -> list[str]:
    """All IPv4 networks but the special-purpose ones and `not_public`."""
    left = [ipaddress.IPv4Network("0.0.0.0/0")]
    for taken in map(ipaddress.IPv4Network, [*_NEVER_PUBLIC, *not_public]):
        left = [part for network in left for part in _without(network, taken)]
    return [str(network) for network in sorted(left)]


def _without(network: ipaddress.IPv4Network, taken: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    if not network.overlaps(taken):
        return [network]
    return [] if network.subnet_of(taken) else list(network.address_exclude(taken))


def _to_servers(around: Surroundings) -> list[v1.NetworkPolicyIngressRuleArgs]:
    """Requests come from whoever exposes the servers, and from the Job that makes the owner.

    A load balancer has addresses in its subnets that change; pods of other namespaces may have one there too.
    """
    if isinstance(around.exposure, IngressSettings):
        namespace = {"kubernetes.io/metadata.name": around.exposure.controller_namespace}
        sources: _Peers = [
            v1.NetworkPolicyPeerArgs(namespace_selector=meta.v1.LabelSelectorArgs(match_labels=namespace))
        ]
    else:
        sources = around.addresses.private.apply(_networks)
    return [
        v1.NetworkPolicyIngressRuleArgs(from_=peers, ports=_tcp(HTTP_PORT)) for peers in (sources, [_pods("owner")])
    ]


def _policy(
    scope: Scope,
    resource_name: str,
    component: str | None,
    *,
    egress: Sequence[v1.NetworkPolicyEgressRuleArgs] = (),
    ingress: Sequence[v1.NetworkPolicyIngressRuleArgs] = (),
    depends_on: Sequence[pulumi.Resource] = (),
) -> v1.NetworkPolicy:
    """Policy for the pods of a component, or for the whole namespace; what it does not name it denies."""
    return v1.NetworkPolicy(
        f"{resource_name}-{component or 'deny'}",
        metadata=scope.metadata(f"flowise-{component}" if component else "default-deny", component),
        spec=v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels(component) if component else None),
            policy_types=["Ingress", "Egress"],
            egress=list(egress),
            ingress=list(ingress),
        ),
        opts=scope.options(depends_on=depends_on),
    )


def _egress(peers: _Peers, ports: _Ports) -> v1.NetworkPolicyEgressRuleArgs:
    return v1.NetworkPolicyEgressRuleArgs(to=peers, ports=ports)


def _pods(component: str) -> v1.NetworkPolicyPeerArgs:
    return v1.NetworkPolicyPeerArgs(pod_selector=meta.v1.LabelSelectorArgs(match_labels=labels(component)))


def _networks(cidrs: Sequence[str]) -> list[pulumi.Input[v1.NetworkPolicyPeerArgs]]:
    return [v1.NetworkPolicyPeerArgs(ip_block=v1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def _tcp(*ports: pulumi.Input[int]) -> _Ports:
    return _ports("TCP", *ports)


def _ports(protocol: str, *ports: pulumi.Input[int]) -> _Ports:
    return [v1.NetworkPolicyPortArgs(protocol=protocol, port=port) for port in ports]
