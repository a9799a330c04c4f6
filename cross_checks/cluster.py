"""The cluster, its clients, and one of somebody else."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings
from components.cluster import ClusterSettings
from components.common.cidr import is_public, within
from components.network import NetworkSettings
from components.telemetry import TelemetrySettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _own_cluster(sections)
    yield from _api_clients(sections)
    yield from _existing_cluster(sections)
    yield from _metrics_server(sections)


def _own_cluster(sections: Mapping[str, Any]) -> Iterable[str]:
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if not cluster or cluster.existing:
        return  # what an existing one brings is looked up; below is what the other sections must not say
    for cidr in [network.cidr, *network.connected_cidrs] if network else []:
        if cluster.overlaps(cidr):
            yield (
                f"cluster.service_cidr: {cluster.service_cidr} overlaps network {cidr}; "
                "choose another private block such as 172.20.0.0/16"
            )
    if "runner" in sections and not (sections["runner"] or cluster.has_api_clients):
        yield (
            "cluster: nobody but the nodes would reach the Kubernetes API, so no deployment either: name who does in "
            "api_client_cidrs or api_client_security_group_ids (inside the VPC), add a flowise:runner section, or "
            "name networks in public_access_cidrs"
        )


def _api_clients(sections: Mapping[str, Any]) -> Iterable[str]:
    """Clients inside the VPC have private addresses, unless a connected network uses public ones for itself."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if not cluster or not network:
        return
    for cidr in cluster.api_client_cidrs:
        if is_public(cidr) and not within(cidr, network.cidr, *network.connected_cidrs):
            yield (
                f"cluster.api_client_cidrs: {cidr} is public, and inside the VPC the Kubernetes API sees the private "
                "addresses of the VPC, of VPNs and of peered networks. For access over the internet name it in "
                "cluster.public_access_cidrs; if your own network uses these addresses, add it to "
                "network.connected_cidrs too"
            )


def _existing_cluster(sections: Mapping[str, Any]) -> Iterable[str]:
    """What a stack cannot bring into a cluster of others, and what must be there because AWS cannot be asked."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    if not cluster or not cluster.existing:
        return
    network = cast(NetworkSettings | None, sections.get("network"))
    app = cast(AppSettings | None, sections.get("app"))
    telemetry = cast(TelemetrySettings | None, sections.get("telemetry"))
    if network and network.existing is None:
        yield (
            "network.existing: is missing, but cluster.existing is set: database and load balancer must be in the "
            f"VPC of the cluster. `aws eks describe-cluster --name {cluster.existing.name} --query "
            "cluster.resourcesVpcConfig` prints VPC and subnets"
        )
    if sections.get("nodes"):
        yield (
            "nodes: makes node pools in a cluster of the stack's own; with cluster.existing name the labels of its "
            "nodes in cluster.existing.node_selector"
        )
    for part in ("logs", "datadog") if telemetry else ():
        if getattr(telemetry, part):
            yield (
                f"telemetry.{part}: runs on every node of a cluster and reads what all pods write; with "
                f"cluster.existing that is up to whoever runs the cluster. Set telemetry.{part} to null"
            )
    backlog = sections.get("queue") and app and app.worker.scaled_on_backlog
    if backlog and "keda" not in cluster.existing.confirmed:
        yield (
            "app.worker.scale_on: backlog needs KEDA, and a cluster can have one only, so with cluster.existing it is "
            "not installed. Check that there is one (`kubectl get apiservice v1beta1.external.metrics.k8s.io`), that "
            f"it watches the namespace {app.namespace if app else ''} and reads Secrets there, then add keda to "
            "cluster.existing.confirmed; or set scale_on to cpu"
        )


def _metrics_server(sections: Mapping[str, Any]) -> Iterable[str]:
    """An autoscaler on CPU that knows no CPU leaves the number of pods as it is, whatever the load."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    app = cast(AppSettings | None, sections.get("app"))
    if not cluster or cluster.metrics_server or not app:
        return
    on_cpu = {"server": app.server.autoscaled} | (
        {"worker": app.worker.autoscaled and not app.worker.scaled_on_backlog} if sections.get("queue") else {}
    )
    for name in (name for name, scales in on_cpu.items() if scales):
        pods = getattr(app, name)
        yield (
            f"cluster.metrics_server: false, but app.{name} scales on CPU, from {pods.effective_min_replicas} to "
            f"{pods.max_replicas} pods, which the metrics server measures; remove metrics_server, or set "
            f"app.{name}.max_replicas to {pods.effective_min_replicas}"
        )
