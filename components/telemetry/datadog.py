"""Datadog's agents, from Datadog's own chart."""

from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_kubernetes import core, meta
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs

from components.common.connections import ClusterAccess, DatabaseConnection, QueueConnection, TelemetryAccess
from components.common.networks import api_address
from components.common.ordering import known_after
from components.common.policies import egress, egress_to_pods, ingress_from_pods, names_and_aws, namespace_policies
from components.telemetry.settings import DatadogSettings

CHART_VERSION: Final = "3.240.0"
"""Of 21 August 2026."""
NAMESPACE: Final = "datadog"
_REPOSITORY: Final = "https://helm.datadoghq.com"
_CREDENTIALS: Final = "datadog-flowise"
"""Name of the Secret with the key and the passwords."""
_OTLP_PORT: Final = 4318
_CLUSTER_AGENT_PORT: Final = 5005
_KUBELET_PORT: Final = 10250
_POSTGRES_PORT: Final = 5432
_VALKEY_PORT: Final = 6379
_LABELS: Final = {"app": "datadog"}
"""Of the agents' pods; the chart gives them the name of the release."""


@dataclass(frozen=True, kw_only=True)
class DatadogArgs:
    """What a stack decides about Datadog, and what its agents look at."""

    settings: DatadogSettings
    cluster: ClusterAccess
    database: DatabaseConnection
    queue: QueueConnection | None
    api_key: pulumi.Input[str]


def run_agents(resource_name: str, args: DatadogArgs, parent: pulumi.Resource) -> TelemetryAccess:
    """Install the agents; returns where they take OTLP, known once they are there.

    The agents read files and processes of their nodes, so their namespace cannot be restricted.
    """
    in_cluster = pulumi.ResourceOptions(parent=parent, provider=args.cluster.provider)
    namespace = core.v1.Namespace(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=NAMESPACE, labels={"pod-security.kubernetes.io/enforce": "privileged"}),
        opts=in_cluster,
    )
    inside = namespace.metadata.apply(lambda known: str(known.name))
    secrets: dict[str, pulumi.Input[str]] = {"api-key": args.api_key}
    if args.settings.integrations:
        secrets["postgres-password"] = args.database.password
        if args.queue:
            secrets["queue-password"] = args.queue.password
    secret = core.v1.Secret(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=_CREDENTIALS, namespace=inside),
        string_data=secrets,
        opts=pulumi.ResourceOptions(parent=parent, provider=args.cluster.private_provider),
    )
    release = Release(
        resource_name,
        name="datadog",
        chart="datadog",
        version=CHART_VERSION,
        repository_opts=RepositoryOptsArgs(repo=_REPOSITORY),
        namespace=inside,
        values=_values(args, pulumi.get_stack()),
        atomic=True,  # a failed upgrade goes back by itself
        timeout=600,
        opts=pulumi.ResourceOptions.merge(
            in_cluster,
            pulumi.ResourceOptions(depends_on=[secret, *_network_policies(resource_name, args, inside, in_cluster)]),
        ),
    )
    endpoint = known_after(f"http://datadog.{NAMESPACE}:{_OTLP_PORT}", release)
    return TelemetryAccess(endpoint=endpoint, namespace=NAMESPACE, pod_labels=_LABELS, port=_OTLP_PORT)


def _network_policies(
    resource_name: str, args: DatadogArgs, namespace: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """What the agents need: nodes that deny by default would drop everything that they send."""
    private: list[tuple[str, int]] = [("TCP", 443), ("TCP", _KUBELET_PORT)]
    data = [("TCP", _POSTGRES_PORT), *([("TCP", _VALKEY_PORT)] if args.queue else [])]
    return namespace_policies(
        resource_name,
        namespace,
        {},  # every pod of the namespace: agents, cluster agent, runners of checks
        ingress=[
            ingress_from_pods("observability", {}, [("TCP", _OTLP_PORT)]),
            ingress_from_pods(NAMESPACE, {}, [("TCP", _CLUSTER_AGENT_PORT)]),
        ],
        egress=[
            *names_and_aws(args.cluster, also=[("UDP", 123)]),
            egress([api_address(args.cluster.service_cidr)], [("TCP", 443)]),
            egress(
                args.cluster.subnets.addresses.private, private
            ),  # the control plane's interfaces, and the kubelet of each node
            egress_to_pods(NAMESPACE, {}, [("TCP", _CLUSTER_AGENT_PORT)]),
            *([egress(args.cluster.subnets.addresses.data, data)] if args.settings.integrations else []),
        ],
        opts=opts,
    )


def _values(args: DatadogArgs, stack: str) -> dict[str, Any]:
    """Values of the chart, where its defaults are not ours."""
    checks = _checks(args) if args.settings.integrations else {}
    variables = [_variable(name, key) for name, key in _password_variables(args).items()]
    return {
        "datadog": {
            "apiKeyExistingSecret": _CREDENTIALS,
            "site": args.settings.site,
            # Without the metadata service, which is closed to pods, nothing else tells clusters apart.
            "clusterName": args.cluster.name,
            "tags": [f"env:{stack}", "service:flowise", "managed-by:pulumi"],
            # Nodes of Auto Mode run Bottlerocket: containerd, at a place of its own.
            "criSocketPath": "/run/containerd/containerd.sock",
            "kubelet": {"tlsVerify": False},  # the nodes' certificates are self-signed
            # Else an agent takes the name of its pod, and each restart is paid as another host.
            "env": [{"name": "DD_HOSTNAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
            "logs": {"enabled": False},  # Fluentd sends them, without secrets
            "apm": {"portEnabled": False, "socketEnabled": False},
            # No port of the node: OTLP asks nobody who he is, and the Service leads to the agents' pods.
            "otlp": {
                "receiver": {
                    "protocols": {"http": {"enabled": True, "endpoint": f"0.0.0.0:{_OTLP_PORT}", "useHostPort": False}}
                }
            },
            # The chart's default watches every Secret of the cluster to count them.
            "kubeStateMetricsCore": {"collectSecretMetrics": False},
            "operator": {"enabled": False},  # nobody asked for it, and it may change roles and Secrets
            "processAgent": {
                "enabled": False,
                "processCollection": False,
                "processDiscovery": False,
                "containerCollection": False,
            },
            "discovery": {"enabled": False},  # else a second container with rights in the kernel (system-probe)
            "networkMonitoring": {"enabled": False},
            "orchestratorExplorer": {"enabled": True, "container_scrubbing": {"enabled": True}},
        },
        "agents": {"tolerations": [{"operator": "Exists"}]},
        "clusterAgent": {
            "replicas": 2,
            "createPodDisruptionBudget": True,
            "rbac": {"flareAdditionalPermissions": False},  # it reads the Secrets of its namespace for a support case
            "admissionController": {"enabled": False},  # it would change pods, and keeps certificates in Secrets
            "confd": checks,
            "env": variables,
        },
        # Runs the checks of what is not on a node, once for the cluster.
        "clusterChecksRunner": {"enabled": bool(checks), "replicas": 2, "env": variables},
    }


def _password_variables(args: DatadogArgs) -> dict[str, str]:
    if not args.settings.integrations:
        return {}
    return {"FLOWISE_POSTGRES_PASSWORD": "postgres-password"} | (
        {"FLOWISE_QUEUE_PASSWORD": "queue-password"} if args.queue else {}
    )


def _variable(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": _CREDENTIALS, "key": key}}}


def _checks(args: DatadogArgs) -> dict[str, pulumi.Output[str]]:
    """Configuration of the integrations; the passwords are named, and never in it."""
    database = args.database
    checks = {
        "postgres.yaml": pulumi.Output.json_dumps(
            {
                "cluster_check": True,
                "init_config": {},
                "instances": [
                    {
                        "host": database.host,
                        "port": database.port,
                        "username": database.username,
                        "password": "%%env_FLOWISE_POSTGRES_PASSWORD%%",
                        "dbname": database.database_name,
                        "ssl": "require",
                    }
                ],
            }
        )
    }
    if args.queue:
        checks["redisdb.yaml"] = pulumi.Output.json_dumps(
            {
                "cluster_check": True,
                "init_config": {},
                "instances": [
                    {
                        "host": args.queue.host,
                        "port": args.queue.port,
                        "password": "%%env_FLOWISE_QUEUE_PASSWORD%%",
                        "ssl": True,
                        "keys": ["bull:flowise-queue-prediction:wait", "bull:flowise-queue-prediction:active"],
                    }
                ],
            }
        )
    return checks
