"""Fluentd on every node: container logs to CloudWatch Logs and, if wanted, Datadog."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import apps, core, meta, rbac

from components.common import authorities
from components.common.connections import ClusterAccess
from components.common.context import StackContext
from components.common.iam import Statement
from components.common.names import physical_name
from components.common.networks import api_address
from components.common.partition import build_arn
from components.common.pod_identity import pod_identity
from components.common.policies import egress, names_and_aws, namespace_policies
from components.common.proxying import egress_to_proxy, proxy_secrets, proxy_variables
from components.telemetry.fluentd_config import HEALTH_PORT, STATE_DIRECTORY, fluentd_config
from components.telemetry.settings import FLUENTD_MILLICORES, LogsSettings

NAMESPACE: Final = "logging"
_NAME: Final = "fluentd"
_LABELS: Final = {"app.kubernetes.io/name": "fluentd", "app.kubernetes.io/part-of": "flowise"}
_LOGS: Final = "/var/log"
_CONFIG_DIRECTORY: Final = "/fluentd/etc"
_POD_SECURITY: Final = {
    # hostPath volumes and root: neither baseline nor restricted allows them. What the pod has is named in its spec.
    "pod-security.kubernetes.io/enforce": "privileged",
}


@dataclass(frozen=True, kw_only=True)
class FluentdArgs:
    """What a stack decides about its logs."""

    settings: LogsSettings
    stack: StackContext
    cluster: ClusterAccess
    datadog_site: str | None
    """Datadog's site, where it gets the logs too."""
    datadog_api_key: pulumi.Input[str] | None


def ship_logs(resource_name: str, args: FluentdArgs, parent: pulumi.Resource) -> aws.cloudwatch.LogGroup:
    """Make the log group, and a DaemonSet that fills it; returns the group.

    What is restricted about the pod: no capability, no escalation, a read-only root, only `/var/log` of its node, and
    only its own directory there to write. What cannot be: it runs as root, who owns the logs; it mounts paths of the
    node; it has a token that may read pods, for their labels. SELinux of Auto Mode's nodes lets every process write
    where `/var` is (`local_t`, bottlerocket-os/bottlerocket#1729).
    """
    child = pulumi.ResourceOptions(parent=parent)
    in_cluster = pulumi.ResourceOptions(parent=parent, provider=args.cluster.provider)
    group = aws.cloudwatch.LogGroup(
        resource_name,
        name=physical_name("log-group", "containers", separator="/"),
        retention_in_days=args.settings.retention_days,
        kms_key_id=args.stack.kms_key_arn,
        opts=child,
    )
    namespace = core.v1.Namespace(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=NAMESPACE, labels={**_LABELS, **_POD_SECURITY}),
        opts=in_cluster,
    )
    inside = namespace.metadata.apply(lambda known: str(known.name))
    policies = namespace_policies(
        resource_name,
        inside,
        _LABELS,
        ingress=[],
        egress=[
            *names_and_aws(args.cluster),
            *egress_to_proxy(args.stack.outbound.proxy),
            egress([api_address(args.cluster.service_cidr)], [("TCP", 443)]),
            egress(
                args.cluster.subnets.addresses.private, [("TCP", 443)]
            ),  # the control plane's interfaces, behind that address
        ],
        opts=in_cluster,
    )
    identity = _identity(resource_name, args, group, parent)
    private = pulumi.ResourceOptions(parent=parent, provider=args.cluster.private_provider)
    rights = _rights(resource_name, inside, in_cluster, private)
    config, secret = _config(resource_name, inside, args, in_cluster, private)
    text = args.stack.outbound.authorities
    metadata = meta.v1.ObjectMetaArgs(namespace=inside, labels=_LABELS)
    company = text and authorities.authorities_config_map(resource_name, text, metadata, in_cluster)
    apps.v1.DaemonSet(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=_NAME, namespace=inside, labels=_LABELS),
        spec=apps.v1.DaemonSetSpecArgs(
            selector=meta.v1.LabelSelectorArgs(match_labels=_LABELS),
            update_strategy=apps.v1.DaemonSetUpdateStrategyArgs(
                type="RollingUpdate", rolling_update=apps.v1.RollingUpdateDaemonSetArgs(max_unavailable="20%")
            ),
            template=_pod(
                args.settings,
                config,
                secret,
                company or None,
                proxy_variables(args.stack, args.cluster),
            ),
        ),
        # A DaemonSet has no number of pods that it must reach: nodes come and go.
        opts=pulumi.ResourceOptions.merge(
            in_cluster, pulumi.ResourceOptions(depends_on=[*policies, identity, *rights, group])
        ),
    )
    return group


def _identity(
    resource_name: str, args: FluentdArgs, group: aws.cloudwatch.LogGroup, parent: pulumi.Resource
) -> aws.eks.PodIdentityAssociation:
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
    groups = build_arn("logs", args.stack.region, account, "log-group:*")
    return pod_identity(
        resource_name,
        _NAME,
        namespace=NAMESPACE,
        cluster=args.cluster,
        statements=[
            Statement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                resources=[pulumi.Output.format("{0}:*", group.arn)],
            ),
            # The plugin looks for its group by listing groups (out_cloudwatch_logs.rb, find_log_group).
            Statement(sid="FindLogGroup", actions=["logs:DescribeLogGroups"], resources=[groups]),
        ],
        parent=parent,
    )


def _rights(
    resource_name: str,
    namespace: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
    private: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """May read pods and namespaces, and nothing else; Secrets least of all."""
    v1 = rbac.v1
    account = core.v1.ServiceAccount(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace, labels=_LABELS),
        automount_service_account_token=False,  # the pod asks for it by itself
        opts=opts,
    )
    name = f"flowise-{_NAME}"
    role = v1.ClusterRole(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=name, labels=_LABELS),
        rules=[v1.PolicyRuleArgs(api_groups=[""], resources=["namespaces", "pods"], verbs=["get", "list", "watch"])],
        opts=private,
    )
    binding = v1.ClusterRoleBinding(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(name=name, labels=_LABELS),
        role_ref=v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=name),
        subjects=[v1.SubjectArgs(kind="ServiceAccount", name=_NAME, namespace=namespace)],
        opts=pulumi.ResourceOptions.merge(private, pulumi.ResourceOptions(depends_on=[role])),
    )
    return [account, binding]


def _config(
    resource_name: str,
    namespace: pulumi.Output[str],
    args: FluentdArgs,
    opts: pulumi.ResourceOptions,
    private: pulumi.ResourceOptions,
) -> tuple[pulumi.Output[str], pulumi.Output[str] | None]:
    """Names of the ConfigMap and, if Datadog gets the logs, of the Secret; both change with their content."""
    text = fluentd_config(
        args.settings,
        stack=pulumi.get_stack(),
        region=args.stack.region,
        log_group=physical_name("log-group", "containers", separator="/"),
        datadog_site=args.datadog_site,
    )
    metadata = meta.v1.ObjectMetaArgs(namespace=namespace, labels=_LABELS)
    config_map = core.v1.ConfigMap(
        resource_name, metadata=metadata, data={"fluent.conf": text}, immutable=True, opts=opts
    )
    config_name = config_map.metadata.apply(lambda known: str(known.name))
    values = proxy_secrets(args.stack.outbound.proxy)
    if args.datadog_site is not None and args.datadog_api_key is not None:
        values["DATADOG_API_KEY"] = args.datadog_api_key
    if not values:
        return config_name, None
    secret = core.v1.Secret(
        resource_name,
        metadata=metadata,
        string_data=values,
        immutable=True,
        opts=private,
    )
    return config_name, secret.metadata.apply(lambda known: str(known.name))


def _pod(
    settings: LogsSettings,
    config_map: pulumi.Input[str],
    secret: pulumi.Input[str] | None,
    company: pulumi.Input[str] | None,
    variables: Sequence[core.v1.EnvVarArgs],
) -> core.v1.PodTemplateSpecArgs:
    """Pod template; `company` is the ConfigMap of its certificate authorities, `variables` are further ones."""
    v1 = core.v1
    volumes = {
        "config": v1.VolumeArgs(name="config", config_map=v1.ConfigMapVolumeSourceArgs(name=config_map)),
        "logs": v1.VolumeArgs(name="logs", host_path=v1.HostPathVolumeSourceArgs(path=_LOGS, type="Directory")),
        "state": v1.VolumeArgs(
            name="state", host_path=v1.HostPathVolumeSourceArgs(path=STATE_DIRECTORY, type="DirectoryOrCreate")
        ),
        "tmp": v1.VolumeArgs(name="tmp", empty_dir=v1.EmptyDirVolumeSourceArgs(size_limit="64Mi")),
    }
    return v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=_LABELS),
        spec=v1.PodSpecArgs(
            service_account_name=_NAME,
            automount_service_account_token=True,
            enable_service_links=False,
            # Every node, Flowise's own with their taint and those that are about to go as well.
            tolerations=[v1.TolerationArgs(operator="Exists")],
            priority_class_name="system-node-critical",
            termination_grace_period_seconds=60,
            security_context=v1.PodSecurityContextArgs(
                run_as_user=0, run_as_group=0, seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault")
            ),
            containers=[_container(settings, secret, company, variables)],
            volumes=[*volumes.values(), *authorities.volumes(company)],
        ),
    )


def _container(
    settings: LogsSettings,
    secret: pulumi.Input[str] | None,
    company: pulumi.Input[str] | None,
    variables: Sequence[core.v1.EnvVarArgs],
) -> core.v1.ContainerArgs:
    v1 = core.v1
    fields = {"K8S_NODE_NAME": "spec.nodeName", "POD_IP": "status.podIP"}
    memory = f"{settings.memory_mib}Mi"
    return v1.ContainerArgs(
        name=_NAME,
        image=settings.image,
        env=[
            v1.EnvVarArgs(
                name=name, value_from=v1.EnvVarSourceArgs(field_ref=v1.ObjectFieldSelectorArgs(field_path=path))
            )
            for name, path in fields.items()
        ]
        + [*authorities.variables(company, authorities.OPENSSL_VARIABLES), *variables],
        env_from=[v1.EnvFromSourceArgs(secret_ref=v1.SecretEnvSourceArgs(name=secret))] if secret is not None else None,
        resources=v1.ResourceRequirementsArgs(
            requests={"cpu": f"{FLUENTD_MILLICORES}m", "memory": memory}, limits={"memory": memory}
        ),
        ports=[v1.ContainerPortArgs(name="health", container_port=HEALTH_PORT)],
        liveness_probe=v1.ProbeArgs(
            http_get=v1.HTTPGetActionArgs(path="/api/plugins.json", port="health"),
            initial_delay_seconds=30,
            period_seconds=30,
            timeout_seconds=10,
            failure_threshold=5,
        ),
        security_context=v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            v1.VolumeMountArgs(name="config", mount_path=_CONFIG_DIRECTORY, read_only=True),
            v1.VolumeMountArgs(name="logs", mount_path=_LOGS, read_only=True),
            v1.VolumeMountArgs(name="state", mount_path=STATE_DIRECTORY),
            v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108  # a volume of the pod's own
            *authorities.mounts(company),
        ],
    )
