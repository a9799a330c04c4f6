"""FlowiseApp: Flowise in the cluster, from its namespace to the owner's account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import final

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import batch, core, meta, scheduling

from components.app import environment, pods
from components.app.bedrock import bedrock_statements
from components.app.exposure import SERVICE, Exposure, ingress_url, readiness_gate, server_service, target_group_binding
from components.app.ingress import IngressSettings
from components.app.network_policies import NetworkPeers, network_policies
from components.app.scaling import namespaced_scaler, scale_on_backlog, scale_on_cpu
from components.app.scope import Scope, labels, name_of
from components.app.settings import AppSettings, ServerSettings, WorkerSettings
from components.app.variables import AppSecrets
from components.app.workload import workload
from components.common.authorities import NODE_VARIABLES, authorities_config_map
from components.common.connections import (
    BacklogScaler,
    BucketAccess,
    ClusterAccess,
    DataStores,
    FlowisePlacement,
    FlowiseSecrets,
    QueueConnection,
    RetrievalConnection,
    TelemetryAccess,
)
from components.common.context import StackContext
from components.common.http import HTTP_PORT
from components.common.iam import Statement
from components.common.partition import service_host
from components.common.pod_identity import pod_identity
from components.common.proxying import no_proxy, node_secrets

__all__ = [
    "AppSecrets",
    "AppSettings",
    "FlowiseApp",
    "FlowiseAppArgs",
    "IngressSettings",
    "ServerSettings",
    "WorkerSettings",
]

_NAMESPACE_LABELS = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/audit": "restricted",
    "pod-security.kubernetes.io/warn": "restricted",
}


@dataclass(frozen=True, kw_only=True)
class FlowiseAppArgs:
    """What a stack decides about Flowise, and what Flowise builds on."""

    settings: AppSettings
    stack: StackContext
    cluster: ClusterAccess
    stores: DataStores
    """With a queue Flowise runs in queue mode, without one in main mode."""
    retrieval: RetrievalConnection | None
    """OpenSearch for retrieval flows; None: they have what else they reach, such as PostgreSQL with pgvector."""
    scaler: BacklogScaler | None
    """KEDA of the stack's own, where the settings scale workers on the backlog; None: that of an existing cluster."""
    telemetry: TelemetryAccess | None
    """Where servers and workers send traces and metrics; None: nowhere, and they make none."""
    bucket: BucketAccess
    secrets: FlowiseSecrets
    brought: AppSecrets
    """Secrets that the stack file brings."""
    nodes: FlowisePlacement | None
    """Nodes of Flowise's own; None: those of the cluster's placement."""
    exposure: Exposure
    """Who sends requests to the server pods: the load balancer of the stack, or an ingress."""


@final
class FlowiseApp(pulumi.ComponentResource):
    """Flowise 3 in a namespace of its own: migration, servers, workers, and the owner's account.

    The schema is migrated once, by a Job, before any pod starts. The component is complete when the owner exists.
    """

    namespace: pulumi.Output[str]
    """Namespace of all its pods."""
    server_deployment: pulumi.Output[str]
    """Name of the server Deployment."""
    worker_deployment: pulumi.Output[str] | None
    """Name of the worker Deployment; None in main mode."""
    url: pulumi.Output[str] | None
    """Where people reach Flowise through its ingress; None behind the load balancer, whose edge knows it."""

    def __init__(self, resource_name: str, args: FlowiseAppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:app:FlowiseApp", resource_name, None, opts)
        self._args = args
        namespace = core.v1.Namespace(
            resource_name,
            metadata={"name": args.stack.namespace, "labels": {**_NAMESPACE_LABELS, **readiness_gate(args.cluster)}},
            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.provider),
        )
        self.namespace = name_of(namespace.metadata)
        self._scope = Scope(parent=self, cluster=args.cluster, namespace=self.namespace)
        self._proxy = args.stack.outbound.proxy
        company = args.stack.outbound.authorities
        self._authorities = company and authorities_config_map(
            resource_name, company, self._scope.metadata(), self._scope.options()
        )

        before_all = [*self._network_policies(resource_name), *self._priorities()]
        migration = self._migration(f"{resource_name}-migration", after=before_all)
        service = server_service(self._scope, resource_name)
        sources, identity = self._flowise_sources(resource_name)
        before_pods: list[pulumi.Resource] = [migration, identity, *before_all]
        if not isinstance(args.exposure, IngressSettings):
            group = args.exposure.target_group_arn
            before_pods.append(target_group_binding(self._scope, resource_name, service, group))

        server = workload(
            self._scope,
            f"{resource_name}-server",
            "server",
            pods.server_pod(args.settings, sources, labels("server")),
            args.settings.server,
            may_overlap=args.stores.queue is not None,  # in main mode each of two servers would run every schedule
            depends_on=before_pods,
        )
        if args.settings.server.autoscaled:
            scale_on_cpu(self._scope, f"{resource_name}-server", "server", args.settings.server, server)
        self.server_deployment = name_of(server.metadata)
        self.worker_deployment = None
        if args.stores.queue:
            on_nodes = replace(sources, nodes=args.nodes.workers if args.nodes else args.cluster.placement)
            pod = pods.worker_pod(args.settings, on_nodes, labels("worker"))
            self.worker_deployment = self._worker(f"{resource_name}-worker", pod, args.stores.queue, after=before_pods)
        owner: pulumi.Resource = server
        if args.settings.distribution.owner_account == "registration":
            owner = self._owner(f"{resource_name}-owner", after=[server, service])
        self.url = None
        if isinstance(args.exposure, IngressSettings):
            # Last: whoever comes first to a Flowise without an owner becomes it.
            self.url = ingress_url(self._scope, resource_name, service, args.exposure, depends_on=owner)
        self.register_outputs({"namespace": self.namespace, "server_deployment": self.server_deployment})

    def _worker(
        self,
        resource_name: str,
        pod: core.v1.PodTemplateSpecArgs,
        queue: QueueConnection,
        *,
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Output[str]:
        size = self._args.settings.worker
        worker = workload(self._scope, resource_name, "worker", pod, size, may_overlap=True, depends_on=after)
        if size.scaled_on_backlog:
            scaler = self._args.scaler or namespaced_scaler(self._scope, f"{resource_name}-queue", queue)
            scale_on_backlog(self._scope, resource_name, size, worker, queue=queue, scaler=scaler)
        elif size.autoscaled:
            scale_on_cpu(self._scope, resource_name, "worker", size, worker)
        return name_of(worker.metadata)

    def _network_policies(self, resource_name: str) -> list[pulumi.Resource]:
        args = self._args
        peers = NetworkPeers(
            addresses=args.cluster.subnets.addresses,
            service_cidr=args.cluster.service_cidr,
            database=args.stores.database,
            queue=args.stores.queue,
            retrieval=args.retrieval,
            exposure=args.exposure,
            telemetry=args.telemetry,
            proxy=self._proxy,
        )
        return network_policies(self._scope, resource_name, args.settings, peers)

    def _priorities(self) -> list[pulumi.Resource]:
        options = self._scope.options()
        return [
            scheduling.v1.PriorityClass(
                resource_name,
                metadata=meta.v1.ObjectMetaArgs(
                    name=pods.priority_class(self._args.settings, component), labels=labels()
                ),
                value=value,
                description="Pods of Flowise; servers go before workers, whose jobs can wait",
                opts=options,
            )
            for resource_name, component, value in (
                ("flowise-server", "server", 2000),
                ("flowise-worker", "worker", 1000),
            )
        ]

    def _migration(self, resource_name: str, *, after: Sequence[pulumi.Resource]) -> batch.v1.Job:
        args = self._args
        identity = self._identity(
            resource_name,
            "flowise-migration",
            [
                Statement(
                    sid="ReadAdministratorSecret",
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[args.stores.database.master_secret_arn],
                ),
                Statement(
                    sid="DecryptAdministratorSecret",
                    actions=["kms:Decrypt"],
                    resources=[args.stack.kms_key_arn],
                    conditions={"StringEquals": {"kms:ViaService": service_host("secretsmanager", args.stack.region)}},
                ),
            ],
        )
        sources = self._sources(
            resource_name,
            "flowise-migration",
            environment.database_config(args.settings, args.stores.database),
            # The key only to try it on what is stored: with a wrong one nothing is migrated.
            environment.database_secrets(args.stores.database)
            | {environment.ENCRYPTION_KEY: args.secrets.keys[environment.ENCRYPTION_KEY]},
        )
        pod = pods.migration_pod(
            args.settings, sources, labels("migration"), master_secret_arn=args.stores.database.master_secret_arn
        )
        return self._job(resource_name, pod, depends_on=[identity, *after])

    def _flowise_sources(self, resource_name: str) -> tuple[pods.PodSources, aws.eks.PodIdentityAssociation]:
        args = self._args
        statements = list(args.bucket.statements)
        if args.settings.bedrock:
            statements += bedrock_statements(args.settings.bedrock, args.stack, self)
        statements += self._variable_statements()
        identity = self._identity(resource_name, "flowise", statements)
        config = environment.database_config(args.settings, args.stores.database) | environment.server_config(
            args.settings,
            bucket_name=args.bucket.name,
            region=args.stack.region,
            exposure=args.exposure,
            queue=args.stores.queue,
        )
        if args.secrets.short_encryption_key:
            config["FLOWISE_SHORT_ENCRYPTION_KEY"] = "true"  # the preload then takes the key as it is
        if args.telemetry:
            config |= environment.telemetry_config(args.telemetry)
        secrets = environment.secret_values(args.secrets.keys, args.stores.database, args.stores.queue, args.brought)
        sources = self._sources(resource_name, "flowise", config, secrets)
        return replace(sources, traced=args.telemetry is not None), identity

    def _variable_statements(self) -> list[Statement]:
        """Right to read the secrets of `environment_secrets`.

        AWS's own key `aws/secretsmanager` needs no statement: its policy admits whoever may read the secret (Secrets
        Manager User Guide, Permissions for the KMS key).
        """
        arns = sorted(set(self._args.settings.environment_secrets.values()))
        if not arns:
            return []
        stack = self._args.stack
        return [
            Statement(sid="ReadVariables", actions=["secretsmanager:GetSecretValue"], resources=[*arns]),
            Statement(
                sid="DecryptVariables",
                actions=["kms:Decrypt"],
                resources=[stack.kms_key_arn],
                conditions={"StringEquals": {"kms:ViaService": service_host("secretsmanager", stack.region)}},
            ),
        ]

    def _owner(self, resource_name: str, after: Sequence[pulumi.Resource]) -> batch.v1.Job:
        sources = self._sources(
            resource_name,
            "flowise-owner",
            {"HOME": environment.HOME},
            {"FLOWISE_OWNER_PASSWORD": self._args.secrets.owner_password},
        )
        url = pulumi.Output.format("http://{0}.{1}:{2}", SERVICE, self.namespace, HTTP_PORT)
        return self._job(
            resource_name,
            pods.owner_pod(self._args.settings, sources, labels("owner"), service_url=url),
            depends_on=after,
        )

    def _sources(
        self,
        resource_name: str,
        service_account: str,
        config: Mapping[str, pulumi.Input[str]],
        secrets: Mapping[str, pulumi.Input[str]],
    ) -> pods.PodSources:
        trusted = NODE_VARIABLES if self._authorities else {}
        described = self._args.settings.distribution.variables(self._args.settings.flowise_version)
        config_map, secret = self._scope.config(
            resource_name,
            {**config, **trusted, **self._past_proxy(), **described},
            {**secrets, **node_secrets(self._proxy)},
        )
        account = self._scope.service_account(resource_name, service_account)
        return pods.PodSources(
            config_map=config_map,
            secret=secret,
            service_account=account,
            nodes=self._args.nodes.servers if self._args.nodes else self._args.cluster.placement,
            authorities=self._authorities or None,
        )

    def _past_proxy(self) -> dict[str, pulumi.Input[str]]:
        """What the preload keeps from the proxy."""
        args = self._args
        if self._proxy is None:
            return {}
        stores = (args.stores.database, args.stores.queue, args.retrieval)
        hosts = [store.host for store in stores if store]
        direct = no_proxy(self._proxy, args.stack, args.cluster, hosts=hosts)
        return {"FLOWISE_NO_PROXY": direct}

    def _identity(
        self, resource_name: str, service_account: str, statements: Sequence[Statement]
    ) -> aws.eks.PodIdentityAssociation:
        return pod_identity(
            resource_name,
            service_account,
            namespace=self._args.stack.namespace,
            cluster=self._args.cluster,
            statements=statements,
            parent=self,
        )

    def _job(
        self, resource_name: str, pod: core.v1.PodTemplateSpecArgs, *, depends_on: Sequence[pulumi.Resource]
    ) -> batch.v1.Job:
        """A Job has no name of its own: a changed one is made beside the old one, run to its end, and awaited.

        So is one that failed: without the annotation the provider takes it as it is, and `pulumi up` fails forever.
        """
        return batch.v1.Job(
            resource_name,
            metadata=self._scope.metadata(annotations={"pulumi.com/replaceUnready": "true"}),
            spec=batch.v1.JobSpecArgs(backoff_limit=3, active_deadline_seconds=900, template=pod),
            opts=self._scope.options(depends_on=depends_on, timeout="20m"),
        )
