"""How workloads are told of a company's proxy, and of what must not pass through it."""

from collections.abc import Sequence
from ipaddress import IPv4Network

import pulumi
from pulumi_kubernetes.core import v1
from pulumi_kubernetes.networking.v1 import NetworkPolicyEgressRuleArgs

from components.common.connections import ClusterAccess
from components.common.context import StackContext
from components.common.networks import POD_IDENTITY_AGENT, api_address
from components.common.outbound import Proxy
from components.common.partition import dns_suffix
from components.common.policies import egress


def egress_to_proxy(proxy: Proxy | None) -> list[NetworkPolicyEgressRuleArgs]:
    """Rule that lets a workload reach the proxy; none without one."""
    return [egress(proxy.cidrs, [("TCP", proxy.port)])] if proxy else []


def no_proxy(
    proxy: Proxy,
    stack: StackContext,
    cluster: ClusterAccess,
    *,
    hosts: Sequence[pulumi.Input[str]] = (),
) -> pulumi.Output[str]:
    """What must not pass through the proxy, for `NO_PROXY`; `hosts` are further names.

    Each network stands there twice: Go, Ruby and gRPC read CIDR notation (golang.org/x/net/http/httpproxy, Ruby's
    URI::Generic.use_proxy?, grpc-js http_proxy.js), Node a range of addresses (Node.js 24, Built-in Proxy Support).
    """
    addresses = cluster.subnets.addresses
    services = [f"{name}.{stack.region}.{dns_suffix(stack.region)}" for name in ("s3", *addresses.endpoint_names)]
    # Asked by SERVICE.NAMESPACE, without `svc`.
    namespaces = [stack.namespace, "observability", stack.beside("observability"), "datadog"]
    networks = [cluster.service_cidr, *addresses.private_cidrs, *proxy.direct_cidrs]
    entries = [
        *("localhost", "127.0.0.1", "169.254.169.254"),
        *(address.partition("/")[0] for address in (POD_IDENTITY_AGENT, api_address(cluster.service_cidr))),
        *(".svc", ".cluster.local", *(f".{namespace}" for namespace in namespaces)),
        *(entry for name in services for entry in (name, f".{name}")),
        *(entry for network in networks for entry in (network, _range(network))),
        *proxy.direct_names,
    ]
    return pulumi.Output.all(*hosts).apply(lambda known: ",".join(dict.fromkeys([*entries, *map(str, known)])))


def _range(cidr: str) -> str:
    network = IPv4Network(cidr)
    return f"{network[0]}-{network[-1]}"


def proxy_secrets(proxy: Proxy | None) -> dict[str, pulumi.Input[str]]:
    """Secret variables for programs in Go and Ruby; Ruby takes the first for every scheme."""
    return {"HTTP_PROXY": proxy.url, "HTTPS_PROXY": proxy.url} if proxy else {}


def proxy_variables(stack: StackContext, cluster: ClusterAccess) -> list[v1.EnvVarArgs]:
    """Their variables that are no secrets."""
    if stack.outbound.proxy is None:
        return []
    direct = no_proxy(stack.outbound.proxy, stack, cluster)
    return [v1.EnvVarArgs(name="NO_PROXY", value=direct)]


def node_secrets(proxy: Proxy | None) -> dict[str, pulumi.Input[str]]:
    """Secret variables for the image's preload (image/preload/proxy.cjs).

    Not `HTTPS_PROXY`: axios 1.15 would ask the proxy for `GET https://...` and speak to it in plain text
    (lib/adapters/http.js, `setProxy`).
    """
    return {"FLOWISE_PROXY_URL": proxy.url} if proxy else {}
