"""FlowiseApp: Flowise in the cluster, from its namespace to the owner's account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi_kubernetes import apps, autoscaling, batch, core
from pulumi_kubernetes import policy as disruption
from pulumi_kubernetes.apiextensions import CustomResource

from components.app import environment, pods
from components.app.identity import pod_identity
from components.app.settings import AppSettings, ServerSettings
from components.common.connections import BucketAccess, ClusterAccess, DatabaseConnection, QueueConnection
from components.common.context import StackContext
from components.common.http import HTTP_PORT
from components.common.iam import Statement
from components.common.model import DomainSettings

__all__ = ["AppSettings", "FlowiseApp", "FlowiseAppArgs"]

_NAMESPACE = "flowise"
_SERVICE = "flowise"
_SERVICE_ACCOUNT = "flowise"
_MIGRATION_ACCOUNT = "flowise-migration"


@dataclass(frozen=True, kw_only=True)
class FlowiseAppArgs:
    """What a stack decides about Flowise, and what Flowise builds on."""

    settings: AppSettings
    stack: StackContext
    cluster: ClusterAccess
    database: DatabaseConnection
    queue: QueueConnection | None
    """With a queue Flowise runs in queue mode, without one in plain mode."""
    bucket: BucketAccess
    keys: Mapping[str, pulumi.Input[str]]
    """Flowise's own keys by the name of their variable."""
    owner_password: pulumi.Input[str]
    smtp_password: pulumi.Input[str] | None
    domain: DomainSettings | None
    """Public name; with it the load balancer speaks HTTPS, without it HTTP inside the VPC."""
    keep_alive_seconds: int
    """How long a pod keeps an idle connection; longer than the load balancer's idle timeout."""
    target_group_arn: pulumi.Input[str]
    """Load balancer target group that the server pods join."""


@final
class FlowiseApp(pulumi.ComponentResource):
    """Flowise 3 in namespace `flowise`: migration, servers, workers, and the owner's account.

    The schema is migrated once, by a Job, before any pod starts. The component is complete when the owner exists.
    """

    namespace: pulumi.Output[str]
    server_deployment: pulumi.Output[str]
    """Name of the server Deployment."""
    worker_deployment: pulumi.Output[str] | None
    """Name of the worker Deployment; None in plain mode."""

    def __init__(self, resource_name: str, args: FlowiseAppArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:app:FlowiseApp", resource_name, None, opts)
        self._args = args
        self._in_cluster = pulumi.ResourceOptions(parent=self, provider=args.cluster.provider)
        self._namespace = core.v1.Namespace(
            resource_name,
            metadata={
                "name": _NAMESPACE,
                "labels": {
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                    # A new pod counts as ready only when the load balancer sends to it.
                    "eks.amazonaws.com/pod-readiness-gate-inject": "enabled",
                },
            },
            opts=self._in_cluster,
        )
        self.namespace = self._namespace.metadata.apply(lambda metadata: str(metadata.name))
        sources, identity = self._sources(resource_name)
        migration = self._migration(resource_name)
        service, binding = self._service(resource_name)
        before_pods: list[pulumi.Resource] = [migration, identity, binding]

        server = self._deployment(
            f"{resource_name}-server", "server", pods.server_pod(args.settings, sources, _labels("server")), before_pods
        )
        self._scaling(f"{resource_name}-server", "server", args.settings.server, server)
        self.server_deployment = server.metadata.apply(lambda metadata: str(metadata.name))
        self.worker_deployment = None
        if args.queue:
            worker = self._deployment(
                f"{resource_name}-worker",
                "worker",
                pods.worker_pod(args.settings, sources, _labels("worker")),
                before_pods,
            )
            self._scaling(f"{resource_name}-worker", "worker", args.settings.worker, worker)
            self.worker_deployment = worker.metadata.apply(lambda metadata: str(metadata.name))
        self._owner(resource_name, after=[server, service])
        self.register_outputs({"namespace": self.namespace, "server_deployment": self.server_deployment})

    def _metadata(
        self, name: str | None = None, component: str | None = None, annotations: Mapping[str, str] | None = None
    ) -> k8s.meta.v1.ObjectMetaArgs:
        """Without a name Pulumi makes one up that changes with the content, so that pods which refer to it roll."""
        return k8s.meta.v1.ObjectMetaArgs(
            name=name, namespace=self.namespace, labels=_labels(component), annotations=annotations
        )

    def _sources(self, resource_name: str) -> tuple[pods.PodSources, aws.eks.PodIdentityAssociation]:
        args = self._args
        service_account, identity = self._identity(resource_name, _SERVICE_ACCOUNT, args.bucket.statements)
        config = environment.database_config(args.database) | environment.server_config(
            args.settings,
            bucket_name=args.bucket.name,
            region=args.stack.region,
            domain=args.domain,
            keep_alive_seconds=args.keep_alive_seconds,
            queue=args.queue,
        )
        secrets = environment.secret_values(args.keys, args.database, args.queue, args.smtp_password)
        return self._config(resource_name, config, secrets, service_account), identity

    def _config(
        self,
        resource_name: str,
        config: Mapping[str, pulumi.Input[str]],
        secrets: Mapping[str, pulumi.Input[str]],
        service_account: pulumi.Input[str],
    ) -> pods.PodSources:
        config_map = core.v1.ConfigMap(
            resource_name, metadata=self._metadata(), data=config, immutable=True, opts=self._in_cluster
        )
        secret = core.v1.Secret(
            resource_name, metadata=self._metadata(), string_data=secrets, immutable=True, opts=self._in_cluster
        )
        return pods.PodSources(
            config_map=config_map.metadata.apply(lambda metadata: str(metadata.name)),
            secret=secret.metadata.apply(lambda metadata: str(metadata.name)),
            service_account=service_account,
        )

    def _identity(
        self, resource_name: str, service_account: str, statements: Sequence[Statement]
    ) -> tuple[pulumi.Output[str], aws.eks.PodIdentityAssociation]:
        return pod_identity(
            resource_name,
            service_account,
            namespace=self._namespace,
            namespace_name=_NAMESPACE,
            cluster_name=self._args.cluster.name,
            cluster_arn=self._args.cluster.arn,
            statements=statements,
            parent=self,
            kubernetes=self._args.cluster.provider,
        )

    def _migration(self, resource_name: str) -> batch.v1.Job:
        args = self._args
        name = f"{resource_name}-migration"
        service_account, identity = self._identity(
            name,
            _MIGRATION_ACCOUNT,
            [
                Statement(
                    sid="ReadAdministratorSecret",
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[args.database.master_secret_arn],
                ),
                Statement(
                    sid="DecryptAdministratorSecret",
                    actions=["kms:Decrypt"],
                    resources=[args.stack.kms_key_arn],
                    conditions={
                        "StringEquals": {"kms:ViaService": f"secretsmanager.{args.stack.region}.amazonaws.com"}
                    },
                ),
            ],
        )
        sources = self._config(
            name,
            environment.database_config(args.database),
            {"DATABASE_PASSWORD": args.database.password},
            service_account,
        )
        return self._job(
            name,
            pods.migration_pod(
                args.settings, sources, _labels("migration"), master_secret_arn=args.database.master_secret_arn
            ),
            backoff_limit=3,
            depends_on=[identity],
        )

    def _service(self, resource_name: str) -> tuple[core.v1.Service, CustomResource]:
        service = core.v1.Service(
            resource_name,
            # Without endpoints until the pods are ready, and those wait for the binding below: not to be awaited.
            metadata=self._metadata(_SERVICE, "server", {"pulumi.com/skipAwait": "true"}),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=_labels("server"),
                ports=[core.v1.ServicePortArgs(name="http", port=HTTP_PORT, target_port="http")],
            ),
            opts=self._in_cluster,
        )
        binding = CustomResource(
            resource_name,
            api_version="eks.amazonaws.com/v1",
            kind="TargetGroupBinding",
            metadata=self._metadata(_SERVICE, "server"),
            spec={
                "serviceRef": {"name": service.metadata.apply(lambda metadata: str(metadata.name)), "port": HTTP_PORT},
                "targetGroupARN": self._args.target_group_arn,
                "targetType": "ip",
            },
            # It can only be deleted while the cluster, and with it the controller, is alive: the provider sees to that.
            opts=self._in_cluster,
        )
        return service, binding

    def _deployment(
        self,
        resource_name: str,
        component: str,
        pod: core.v1.PodTemplateSpecArgs,
        depends_on: Sequence[pulumi.Resource],
    ) -> apps.v1.Deployment:
        size = self._args.settings.worker if component == "worker" else self._args.settings.server
        # In plain mode two servers, even for the seconds of a rollout, would run every schedule twice.
        strategy = (
            apps.v1.DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
            )
            if self._args.queue
            else apps.v1.DeploymentStrategyArgs(type="Recreate")
        )
        return apps.v1.Deployment(
            resource_name,
            metadata=self._metadata(f"flowise-{component}", component),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=size.replicas,
                revision_history_limit=3,
                progress_deadline_seconds=900,  # a new node takes a minute, the image a minute, Flowise half a minute
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=_labels(component)),
                strategy=strategy,
                template=pod,
            ),
            opts=pulumi.ResourceOptions.merge(
                self._in_cluster,
                pulumi.ResourceOptions(
                    depends_on=list(depends_on),
                    # The autoscaler owns the number once the Deployment exists.
                    ignore_changes=["spec.replicas"] if size.max_replicas > size.replicas else None,
                    custom_timeouts=pulumi.CustomTimeouts(create="15m", update="15m"),
                ),
            ),
        )

    def _scaling(
        self, resource_name: str, component: str, size: ServerSettings, deployment: apps.v1.Deployment
    ) -> None:
        disruption.v1.PodDisruptionBudget(
            resource_name,
            metadata=self._metadata(f"flowise-{component}", component),
            spec=disruption.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=_labels(component)),
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self._in_cluster,
        )
        if size.max_replicas == size.replicas:
            return
        autoscaling.v2.HorizontalPodAutoscaler(
            resource_name,
            metadata=self._metadata(f"flowise-{component}", component),
            spec=autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
                scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
                    api_version="apps/v1",
                    kind="Deployment",
                    name=deployment.metadata.apply(lambda metadata: str(metadata.name)),
                ),
                min_replicas=size.replicas,
                max_replicas=size.max_replicas,
                metrics=[
                    autoscaling.v2.MetricSpecArgs(
                        type="Resource",
                        resource=autoscaling.v2.ResourceMetricSourceArgs(
                            name="cpu",
                            target=autoscaling.v2.MetricTargetArgs(
                                type="Utilization", average_utilization=size.cpu_percent_target
                            ),
                        ),
                    )
                ],
                behavior=autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs(
                    # A pod needs half a minute to start; taking it away again at once would make the count swing.
                    scale_down=autoscaling.v2.HPAScalingRulesArgs(stabilization_window_seconds=300)
                ),
            ),
            opts=self._in_cluster,
        )

    def _owner(self, resource_name: str, after: Sequence[pulumi.Resource]) -> None:
        args = self._args
        name = f"{resource_name}-owner"
        account = core.v1.ServiceAccount(
            name,
            metadata=self._metadata("flowise-owner", "owner"),
            automount_service_account_token=False,
            opts=self._in_cluster,
        )
        sources = self._config(
            name,
            {"HOME": environment.HOME},
            {"FLOWISE_OWNER_PASSWORD": args.owner_password},
            account.metadata.apply(lambda metadata: str(metadata.name)),
        )
        url = pulumi.Output.format("http://{0}.{1}:{2}", _SERVICE, self.namespace, HTTP_PORT)
        self._job(
            name,
            pods.owner_pod(args.settings, sources, _labels("owner"), service_url=url),
            backoff_limit=3,
            depends_on=after,
        )

    def _job(
        self,
        resource_name: str,
        pod: core.v1.PodTemplateSpecArgs,
        *,
        backoff_limit: int,
        depends_on: Sequence[pulumi.Resource],
    ) -> batch.v1.Job:
        """A Job has no name of its own: a changed one is made beside the old one, run to its end, and awaited."""
        return batch.v1.Job(
            resource_name,
            metadata=self._metadata(),
            spec=batch.v1.JobSpecArgs(backoff_limit=backoff_limit, active_deadline_seconds=900, template=pod),
            opts=pulumi.ResourceOptions.merge(
                self._in_cluster,
                pulumi.ResourceOptions(
                    depends_on=list(depends_on), custom_timeouts=pulumi.CustomTimeouts(create="20m", update="20m")
                ),
            ),
        )


def _labels(component: str | None = None) -> dict[str, str]:
    labels = {"app.kubernetes.io/name": "flowise", "app.kubernetes.io/part-of": "flowise"}
    return labels | {"app.kubernetes.io/component": component} if component else labels
