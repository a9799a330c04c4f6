"""Who may talk to the pods of Flowise, and to whom they may talk.

Most vulnerabilities that were found in Flowise end in code execution inside a pod: these policies are what such code
runs into.

- Probes: the agent admits all traffic from a pod's own node, as Kubernetes demands
  (aws-network-policy-agent, fw_rule_processor.go).
- Rules by pod match the Service in front of those pods as well: the controller adds its address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.networking import v1

from components.app.exposure import Exposure
from components.app.ingress import IngressSettings
from components.app.scope import Scope, labels
from components.app.settings import AppSettings
from components.common.connections import DatabaseConnection, QueueConnection, RetrievalConnection, TelemetryAccess
from components.common.context import NetworkAddresses
from components.common.http import HTTP_PORT
from components.common.networks import POD_IDENTITY_AGENT, dns_address, public_networks
from components.common.outbound import Proxy
from components.common.proxying import egress_to_proxy

_Ports = list[v1.NetworkPolicyPortArgs]
_Peers = pulumi.Input[Sequence[pulumi.Input[v1.NetworkPolicyPeerArgs]]]


@dataclass(frozen=True, kw_only=True)
class NetworkPeers:
    """What the pods lie between."""

    addresses: NetworkAddresses
    service_cidr: str
    """Addresses of Kubernetes services, the API's own among them."""
    database: DatabaseConnection
    queue: QueueConnection | None
    retrieval: RetrievalConnection | None
    exposure: Exposure
    telemetry: TelemetryAccess | None
    proxy: Proxy | None


def network_policies(
    scope: Scope, resource_name: str, settings: AppSettings, peers: NetworkPeers
) -> list[pulumi.Resource]:
    """Deny everything, and allow what each component needs; pods must wait for what is returned."""
    internet = _networks(public_networks([*peers.addresses.private_cidrs, peers.service_cidr]))
    data = peers.addresses.data.apply(_networks)

    names = _egress(_networks([dns_address(peers.service_cidr)]), _tcp(53) + _ports("UDP", 53))
    aws_services = [
        _egress(internet, _tcp(443)),
        _egress(_networks([POD_IDENTITY_AGENT]), _tcp(80)),
    ]
    if peers.addresses.has_endpoints:
        aws_services.append(_egress(data, _tcp(443)))
    aws_services += egress_to_proxy(peers.proxy)
    to_database = _egress(data, _tcp(peers.database.port))
    flowise = [names, to_database, *aws_services]
    if peers.queue:
        flowise.append(_egress(data, _tcp(peers.queue.port)))
    if peers.retrieval and not peers.addresses.has_endpoints:  # which are on the same port, in the same subnets
        flowise.append(_egress(data, _tcp(peers.retrieval.port)))
    if settings.smtp:
        relay = settings.smtp.private_cidr
        flowise.append(_egress(_networks([relay]) if relay else internet, _tcp(settings.smtp.port)))
    if peers.telemetry:
        flowise.append(_egress([_collector(peers.telemetry)], _tcp(peers.telemetry.port)))
    flowise += [_egress(_networks([extra.cidr]), _tcp(*extra.ports)) for extra in settings.egress]
    to_servers = _egress([_pods("server")], _tcp(HTTP_PORT))

    allowed: list[pulumi.Resource] = [
        _policy(scope, resource_name, "server", egress=flowise, ingress=_to_servers(peers)),
        _policy(scope, resource_name, "migration", egress=[names, to_database, *aws_services]),
        _policy(scope, resource_name, "owner", egress=[names, to_servers]),
    ]
    if peers.queue:
        allowed.append(_policy(scope, resource_name, "worker", egress=flowise))
    # Last, so that pods which run already are never without what they need.
    return [*allowed, _policy(scope, resource_name, None, depends_on=allowed)]


def _to_servers(peers: NetworkPeers) -> list[v1.NetworkPolicyIngressRuleArgs]:
    """Requests come from whoever exposes the servers, and from the Job that makes the owner.

    A load balancer has addresses in its subnets that change; pods of other namespaces may have one there too.
    """
    if isinstance(peers.exposure, IngressSettings) and not peers.exposure.from_subnets:
        namespace = {"kubernetes.io/metadata.name": peers.exposure.controller_namespace}
        sources: _Peers = [
            v1.NetworkPolicyPeerArgs(namespace_selector=meta.v1.LabelSelectorArgs(match_labels=namespace))
        ]
    else:
        sources = peers.addresses.private.apply(_networks)
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


def _collector(telemetry: TelemetryAccess) -> v1.NetworkPolicyPeerArgs:
    return v1.NetworkPolicyPeerArgs(
        namespace_selector=meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": telemetry.namespace}),
        pod_selector=meta.v1.LabelSelectorArgs(match_labels=telemetry.pod_labels),
    )


def _networks(cidrs: Sequence[str]) -> list[pulumi.Input[v1.NetworkPolicyPeerArgs]]:
    return [v1.NetworkPolicyPeerArgs(ip_block=v1.IPBlockArgs(cidr=cidr)) for cidr in cidrs]


def _tcp(*ports: pulumi.Input[int]) -> _Ports:
    return _ports("TCP", *ports)


def _ports(protocol: str, *ports: pulumi.Input[int]) -> _Ports:
    return [v1.NetworkPolicyPortArgs(protocol=protocol, port=port) for port in ports]
