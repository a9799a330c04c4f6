"""Keda: the autoscaler that counts waiting jobs (kedacore/keda), installed from its own chart."""

from dataclasses import dataclass
from typing import Any, Final, final

import pulumi
from pulumi_kubernetes import core, meta
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.common.connections import BacklogScaler, ClusterAccess, QueueConnection
from components.common.context import StackContext
from components.common.networks import api_address, dns_address
from components.common.ordering import known_after
from components.common.policies import deny_all, egress, egress_to_pods, ingress_from, ingress_from_pods, pod_policy

CHART_VERSION: Final = "2.20.2"
"""Of 31 July 2026. KEDA supports the Kubernetes versions that were current when it came out, and later ones."""
_REPOSITORY: Final = "https://kedacore.github.io/charts"
_NAMESPACE: Final = "keda"
_NAME: Final = "flowise-queue"
_OPERATOR: Final = {"app": "keda-operator"}
_METRICS_SERVER: Final = {"app": "keda-operator-metrics-apiserver"}
_WEBHOOKS: Final = {"app": "keda-admission-webhooks"}
"""Labels and ports of the pods, from the templates of this version of the chart."""
_OPERATOR_PORT: Final = 9666
_METRICS_SERVER_PORT: Final = 6443
_WEBHOOKS_PORT: Final = 9443
_RESTRICTED: Final = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@dataclass(frozen=True, kw_only=True)
class KedaArgs:
    """The cluster and the network that KEDA runs in, and the queue that it watches."""

    stack: StackContext
    """Its namespace is where the workloads are that KEDA scales; it acts in no other."""
    cluster: ClusterAccess
    queue: QueueConnection


@final
class Keda(pulumi.ComponentResource):
    """KEDA in its own namespace, with a password for the queue and no right to read any other Secret than its own.

    A cluster can have one KEDA only: its API for metrics is registered once.
    """

    scaler: BacklogScaler
    """What a workload needs to be scaled on the queue's backlog."""

    def __init__(self, resource_name: str, args: KedaArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:scaling:Keda", resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self, provider=args.cluster.provider)
        namespace = core.v1.Namespace(
            resource_name, metadata=meta.v1.ObjectMetaArgs(name=_NAMESPACE, labels=_RESTRICTED), opts=child
        )
        namespace_name = namespace.metadata.apply(lambda known: str(known.name))
        release = Release(
            resource_name,
            name="keda",
            chart="keda",
            version=CHART_VERSION,
            repository_opts=RepositoryOptsArgs(repo=_REPOSITORY),
            namespace=namespace_name,
            values=_values(args.stack.namespace),
            atomic=True,  # a failed upgrade goes back by itself
            timeout=600,
            opts=pulumi.ResourceOptions.merge(
                child,
                pulumi.ResourceOptions(depends_on=_network_policies(resource_name, args, namespace_name, child)),
            ),
        )
        secret = core.v1.Secret(
            resource_name,
            metadata=meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace_name),
            string_data={"password": args.queue.password},
            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.private_provider),
        )
        authentication = CustomResource(
            resource_name,
            api_version="keda.sh/v1alpha1",
            # Of the whole cluster, because its Secret is in KEDA's namespace: there KEDA may read, and nowhere else.
            kind="ClusterTriggerAuthentication",
            metadata=meta.v1.ObjectMetaArgs(name=_NAME),
            spec={"secretTargetRef": [{"parameter": "password", "name": _NAME, "key": "password"}]},
            # The release brings the kind.
            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.provider, depends_on=[release, secret]),
        )
        known_name = known_after(_NAME, authentication)
        self.scaler = BacklogScaler(
            authentication=known_name, kind="ClusterTriggerAuthentication", ready=[release, authentication]
        )
        self.register_outputs({"namespace": namespace_name, "authentication": known_name})


def _network_policies(
    resource_name: str, args: KedaArgs, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """What each part of KEDA needs, and nothing else; pods must wait for them.

    The control plane asks the metrics server and the webhooks at their pods' addresses, from its own interfaces in the
    private subnets (EKS User Guide, "Amazon EKS networking requirements for VPC and subnets").
    """
    addresses = args.cluster.subnets.addresses
    base = [
        egress([dns_address(args.cluster.service_cidr)], [("TCP", 53), ("UDP", 53)]),
        egress([api_address(args.cluster.service_cidr)], [("TCP", 443)]),
        egress(addresses.private, [("TCP", 443)]),  # the control plane's interfaces, behind that address
    ]
    allowed = [
        pod_policy(
            f"{resource_name}-operator",
            namespace,
            _OPERATOR,
            ingress=[ingress_from_pods(_NAMESPACE, _METRICS_SERVER, [("TCP", _OPERATOR_PORT)])],
            egress=[*base, egress(addresses.data, [("TCP", args.queue.port)])],
            opts=opts,
        ),
        pod_policy(
            f"{resource_name}-metrics-server",
            namespace,
            _METRICS_SERVER,
            ingress=[ingress_from(addresses.private, [("TCP", _METRICS_SERVER_PORT)])],
            egress=[*base, egress_to_pods(_NAMESPACE, _OPERATOR, [("TCP", _OPERATOR_PORT)])],
            opts=opts,
        ),
        pod_policy(
            f"{resource_name}-webhooks",
            namespace,
            _WEBHOOKS,
            ingress=[ingress_from(addresses.private, [("TCP", _WEBHOOKS_PORT)])],
            egress=base,
            opts=opts,
        ),
    ]
    return [*allowed, deny_all(resource_name, namespace, {}, after=allowed, opts=opts)]


def _values(watched: str) -> dict[str, Any]:
    """Values of the chart, where its defaults are not ours. Its pods meet the restricted standard as they come."""
    # Two of each: one leads, and the other takes over when a node goes.
    parts = {"operator": "operator", "metricsServer": "metricServer", "webhooks": "webhooks"}
    resources = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "256Mi"}}
    return {
        **{part: {"replicaCount": 2} for part in parts},
        "podDisruptionBudget": {part: {"maxUnavailable": 1} for part in parts.values()},
        "resources": dict.fromkeys(parts.values(), resources),
        "topologySpreadConstraints": {
            part: [
                {
                    "maxSkew": 1,
                    "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": labels},
                }
            ]
            for part, labels in {
                "operator": _OPERATOR,
                "metricsServer": _METRICS_SERVER,
                "webhooks": _WEBHOOKS,
            }.items()
        },
        "image": {"pullPolicy": "IfNotPresent"},
        "watchNamespace": watched,
        "rbac": {"enabledCustomScaledRefKinds": False},  # Deployments are all that it scales
        "permissions": {
            "operator": {"restrict": {"secret": True}},  # not Flowise's keys, nor anybody's Secrets but its own
            "metricServer": {"restrict": {"secret": True}},
        },
        "enableServiceLinks": False,
    }
