"""The OpenTelemetry Collector in the cluster, between Flowise and whoever keeps traces and metrics."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import apps, core, meta
from pulumi_kubernetes import policy as disruption

from components.common.authorities import authorities_config_map
from components.common.connections import ClusterAccess, TelemetryAccess
from components.common.context import StackContext
from components.common.iam import Statement
from components.common.names import DEFAULT_NAMESPACE, physical_name
from components.common.ordering import known_after
from components.common.pod_identity import pod_identity
from components.common.policies import egress_to_pods, ingress_from_pods, names_and_aws, namespace_policies
from components.common.proxying import egress_to_proxy, proxy_secrets, proxy_variables
from components.telemetry.collector_config import OTLP_PORT, collector_config
from components.telemetry.collector_pod import CONFIG_FILE, LABELS, NAME, collector_pod
from components.telemetry.settings import TracesSettings

_NAMESPACE: Final = "observability"
_RESTRICTED: Final = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@dataclass(frozen=True, kw_only=True)
class CollectorArgs:
    """What a stack decides about its traces and metrics, and what the Collector lies between."""

    settings: TracesSettings
    stack: StackContext
    cluster: ClusterAccess
    otlp_authorization: pulumi.Input[str] | None
    """Value of the Authorization header for the other collector (secret)."""
    datadog: TelemetryAccess | None
    """Datadog's agents, where the settings send there."""

    @property
    def namespace(self) -> str:
        """Namespace of the Collector: each Flowise of a cluster has its own."""
        return _NAMESPACE if self.stack.namespace == DEFAULT_NAMESPACE else self.stack.beside(_NAMESPACE)


@final
class Collector:
    """Collector pods that take OTLP from Flowise, drop what is not worth keeping, and take secrets out of the rest.

    They have no disk: what they hold when they stop is sent, and what cannot be sent in time is lost. Flowise does not
    wait for them.
    """

    access: TelemetryAccess
    """Where Flowise sends to."""

    def __init__(self, resource_name: str, args: CollectorArgs, parent: pulumi.Resource) -> None:
        self._args = args
        self._parent = parent
        self._in_cluster = pulumi.ResourceOptions(parent=parent, provider=args.cluster.provider)
        namespace = core.v1.Namespace(
            resource_name,
            metadata=meta.v1.ObjectMetaArgs(name=args.namespace, labels={**LABELS, **_RESTRICTED}),
            opts=self._in_cluster,
        )
        self._namespace = namespace.metadata.apply(lambda known: str(known.name))
        log_group = physical_name("log-group", "metrics", separator="/")
        before = self._network_policies(resource_name)
        if "aws" in args.settings.exporters:
            before += self._aws_side(resource_name, log_group)
        config_map, secret = self._config(resource_name, log_group)
        deployment = self._deployment(resource_name, config_map, secret, before)
        service = core.v1.Service(
            resource_name,
            metadata=self._metadata(NAME),
            spec=core.v1.ServiceSpecArgs(
                selector=LABELS, ports=[core.v1.ServicePortArgs(name="otlp", port=OTLP_PORT, target_port="otlp")]
            ),
            opts=self._in_cluster,
        )
        known = known_after(f"http://{NAME}.{args.namespace}:{OTLP_PORT}", service, deployment)
        self.access = TelemetryAccess(endpoint=known, namespace=args.namespace, pod_labels=LABELS, port=OTLP_PORT)

    def _metadata(self, name: str | None = None) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(name=name, namespace=self._namespace, labels=LABELS)

    def _config(self, resource_name: str, log_group: str) -> tuple[pulumi.Output[str], pulumi.Output[str] | None]:
        args = self._args

        def render(datadog_endpoint: str | None) -> str:
            config = collector_config(
                args.settings,
                stack=pulumi.get_stack(),
                region=args.stack.region,
                log_group=log_group,
                datadog_endpoint=datadog_endpoint,
            )
            return json.dumps(config, indent=2)  # which is YAML, too

        text = args.datadog.endpoint.apply(render) if args.datadog else render(None)
        config_map = core.v1.ConfigMap(
            resource_name, metadata=self._metadata(), data={CONFIG_FILE: text}, immutable=True, opts=self._in_cluster
        )
        values = proxy_secrets(args.stack.outbound.proxy)
        if args.otlp_authorization is not None:
            values["OTLP_AUTHORIZATION"] = args.otlp_authorization
        if not values:
            return _name_of(config_map), None
        secret = core.v1.Secret(
            resource_name,
            metadata=self._metadata(),
            string_data=values,
            immutable=True,
            opts=pulumi.ResourceOptions(parent=self._parent, provider=args.cluster.private_provider),
        )
        return _name_of(config_map), _name_of(secret)

    def _aws_side(self, resource_name: str, log_group: str) -> list[pulumi.Resource]:
        """The log group that metrics are made from, and the right to write to it and to X-Ray."""
        args = self._args
        group = aws.cloudwatch.LogGroup(
            resource_name,
            name=log_group,
            retention_in_days=args.settings.metrics_retention_days,
            kms_key_id=args.stack.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=self._parent),
        )
        identity = pod_identity(
            resource_name,
            NAME,
            namespace=args.namespace,
            cluster=args.cluster,
            statements=[
                Statement(
                    sid="WriteMetrics",
                    actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                    resources=[pulumi.Output.format("{0}:*", group.arn)],
                ),
                # Service authorization reference, AWS X-Ray: no resource types for this action.
                Statement(sid="WriteTraces", actions=["xray:PutTraceSegments"], resources=["*"]),
            ],
            parent=self._parent,
        )
        return [group, identity]

    def _network_policies(self, resource_name: str) -> list[pulumi.Resource]:
        """Only Flowise may send here; only AWS, the other collector and Datadog's agents are sent to."""
        args = self._args
        other = args.settings.otlp
        egress = names_and_aws(args.cluster, also=[("TCP", other.port)] if other else [])
        egress += egress_to_proxy(args.stack.outbound.proxy)
        if args.datadog:
            ports = [("TCP", args.datadog.port)]
            egress.append(egress_to_pods(args.datadog.namespace, args.datadog.pod_labels, ports))
        return namespace_policies(
            resource_name,
            self._namespace,
            LABELS,
            ingress=[
                ingress_from_pods(args.stack.namespace, {"app.kubernetes.io/name": "flowise"}, [("TCP", OTLP_PORT)])
            ],
            egress=egress,
            opts=self._in_cluster,
        )

    def _deployment(
        self,
        resource_name: str,
        config_map: pulumi.Output[str],
        secret: pulumi.Output[str] | None,
        before: Sequence[pulumi.Resource],
    ) -> apps.v1.Deployment:
        settings = self._args.settings
        text = self._args.stack.outbound.authorities
        company = text and authorities_config_map(resource_name, text, self._metadata(), self._in_cluster)
        account = core.v1.ServiceAccount(
            resource_name,
            metadata=self._metadata(NAME),
            automount_service_account_token=False,
            opts=self._in_cluster,
        )
        selector = meta.v1.LabelSelectorArgs(match_labels=LABELS)
        deployment = apps.v1.Deployment(
            resource_name,
            metadata=self._metadata(NAME),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=settings.replicas,
                revision_history_limit=3,
                selector=selector,
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=collector_pod(
                    settings,
                    account=_name_of(account),
                    config_map=config_map,
                    secret=secret,
                    company=company or None,
                    placement=self._args.cluster.placement,
                    variables=proxy_variables(self._args.stack, self._args.cluster),
                ),
            ),
            opts=pulumi.ResourceOptions.merge(
                self._in_cluster,
                pulumi.ResourceOptions(
                    depends_on=list(before), custom_timeouts=pulumi.CustomTimeouts(create="10m", update="10m")
                ),
            ),
        )
        disruption.v1.PodDisruptionBudget(
            resource_name,
            metadata=self._metadata(NAME),
            spec=disruption.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1, selector=selector, unhealthy_pod_eviction_policy="AlwaysAllow"
            ),
            opts=self._in_cluster,
        )
        return deployment


def _name_of(named: core.v1.ConfigMap | core.v1.Secret | core.v1.ServiceAccount) -> pulumi.Output[str]:
    return named.metadata.apply(lambda known: str(known.name))
