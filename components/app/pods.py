"""Pod specifications: what every pod of Flowise has in common, and the containers."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.core import v1

from components.app.environment import HOME, INSTRUMENTATION
from components.app.settings import AppSettings, ServerSettings
from components.common import authorities
from components.common.connections import NodePlacement
from components.common.http import HTTP_PORT, READINESS_PATH

_DEREGISTRATION_SECONDS = 15
"""How long a stopping pod still answers, until the load balancer has stopped sending to it."""
_SPREAD = {"topology.kubernetes.io/zone": 1, "kubernetes.io/hostname": 3}
"""How uneven the pods of a Deployment may be, as a preference.

Karpenter makes nodes as if it were a must, and counts a node that does not exist yet as an empty one: with 1 every pod
would get a node of its own (kubernetes-sigs/karpenter, scheduling/topologygroup.go, `domainMinCount`). 3 is Kubernetes'
own default for nodes. Zones keep two pods apart.
"""


@dataclass(frozen=True, kw_only=True)
class PodSources:
    """Where a pod's environment and rights come from, and where it runs."""

    config_map: pulumi.Input[str]
    secret: pulumi.Input[str]
    service_account: pulumi.Input[str]
    nodes: NodePlacement | None
    """None: any."""
    authorities: pulumi.Input[str] | None
    """ConfigMap of the company's certificate authorities; None: only the public ones."""
    traced: bool = False
    """Whether servers and workers are instrumented."""


def priority_class(settings: AppSettings, component: str) -> str:
    """Name of the priority of a component's pods, which every namespace of the cluster sees.

    Workers make room for servers: their jobs wait in the queue, people do not.
    """
    return f"{settings.namespace}-{component}"


def server_pod(settings: AppSettings, sources: PodSources, labels: dict[str, str]) -> v1.PodTemplateSpecArgs:
    """Pod that serves the UI and the API."""
    container = _flowise_container(
        settings,
        "server",
        settings.server,
        sources,
        command="start",
        lifecycle=v1.LifecycleArgs(
            pre_stop=v1.LifecycleHandlerArgs(sleep=v1.SleepActionArgs(seconds=_DEREGISTRATION_SECONDS))
        ),
    )
    grace_seconds = _DEREGISTRATION_SECONDS + settings.drain_timeout_seconds + 15
    return _pod(
        settings, [container], sources, labels, grace_seconds=grace_seconds, priority=priority_class(settings, "server")
    )


def worker_pod(settings: AppSettings, sources: PodSources, labels: dict[str, str]) -> v1.PodTemplateSpecArgs:
    """Pod that runs the flows in queue mode."""
    container = _flowise_container(settings, "worker", settings.worker, sources, command="worker")
    # The preload lets jobs end; then Flowise's own handler closes the queues, within 30 s.
    grace_seconds = settings.drain_timeout_seconds + 45
    return _pod(
        settings, [container], sources, labels, grace_seconds=grace_seconds, priority=priority_class(settings, "worker")
    )


def migration_pod(
    settings: AppSettings, sources: PodSources, labels: dict[str, str], *, master_secret_arn: pulumi.Input[str]
) -> v1.PodTemplateSpecArgs:
    """Pod that makes Flowise's role and database, then brings the schema up to date."""
    role = _script_container(
        settings,
        "role",
        "scripts/database.cjs",
        sources,
        extra=[v1.EnvVarArgs(name="DATABASE_MASTER_SECRET_ARN", value=master_secret_arn)],
    )
    migrate = _script_container(
        settings,
        "migrate",
        "scripts/migrate.cjs",
        sources,
        extra=[v1.EnvVarArgs(name=name, value=value) for name, value in _schema_variables(settings).items()],
    )
    priority = priority_class(settings, "server")
    return _pod(
        settings, [migrate], sources, labels, init=[role], restart_policy="Never", grace_seconds=30, priority=priority
    )


def _schema_variables(settings: AppSettings) -> dict[str, str]:
    variables = {"FLOWISE_VERSION": settings.flowise_version}
    if settings.accepted_migrations:
        variables["FLOWISE_ACCEPTED_MIGRATIONS"] = ",".join(settings.accepted_migrations)
    return variables


def owner_pod(
    settings: AppSettings, sources: PodSources, labels: dict[str, str], *, service_url: pulumi.Input[str]
) -> v1.PodTemplateSpecArgs:
    """Pod that makes the owner account, unless there is one."""
    owner = _script_container(
        settings,
        "owner",
        "scripts/owner.cjs",
        sources,
        extra=[
            v1.EnvVarArgs(name="FLOWISE_URL", value=service_url),
            v1.EnvVarArgs(name="FLOWISE_OWNER_NAME", value=settings.owner.name),
            v1.EnvVarArgs(name="FLOWISE_OWNER_EMAIL", value=settings.owner.email),
        ],
    )
    priority = priority_class(settings, "server")
    return _pod(settings, [owner], sources, labels, restart_policy="Never", grace_seconds=30, priority=priority)


def _flowise_container(
    settings: AppSettings,
    name: str,
    size: ServerSettings,
    sources: PodSources,
    *,
    command: str,
    lifecycle: v1.LifecycleArgs | None = None,
) -> v1.ContainerArgs:
    """Container of a server or a worker; in a worker, which serves nothing, the preload answers the probes."""
    ready = v1.HTTPGetActionArgs(path=READINESS_PATH, port="http")
    return v1.ContainerArgs(
        name=name,
        image=settings.image,
        working_dir=settings.distribution.root,
        command=["node", settings.distribution.entry, command],
        env=_instrumented(settings, name, size) if sources.traced else [_node_options(settings, size)],
        env_from=_env_from(sources),
        ports=[v1.ContainerPortArgs(name="http", container_port=HTTP_PORT)],
        resources=v1.ResourceRequirementsArgs(
            # No CPU limit: throttling a pod that could use idle CPU only makes predictions slower.
            requests={"cpu": f"{size.cpu_millicores}m", "memory": f"{size.memory_mib}Mi"},
            limits={"memory": f"{size.memory_mib}Mi"},
        ),
        # The port opens when initialisation is done, 20 s on two cores with an empty database: five minutes are ample.
        startup_probe=v1.ProbeArgs(http_get=ready, period_seconds=2, timeout_seconds=3, failure_threshold=150),
        # Half a minute, because the load balancer takes its time to admit a pod again after a short outage. A pod that
        # stops leaves at once, whatever this says.
        readiness_probe=v1.ProbeArgs(http_get=ready, period_seconds=5, timeout_seconds=3, failure_threshold=6),
        # Asks nobody but the process itself: a database that is away for a while must not restart every pod.
        liveness_probe=v1.ProbeArgs(
            http_get=v1.HTTPGetActionArgs(path=settings.distribution.liveness_path, port="http"),
            period_seconds=10,
            timeout_seconds=5,
            failure_threshold=6,
        ),
        lifecycle=lifecycle,
        security_context=_container_security(),
        volume_mounts=_mounts(sources),
    )


def _node_options(settings: AppSettings, size: ServerSettings, *modules: str) -> v1.EnvVarArgs:
    required = " ".join(f"--require {settings.distribution.root}/{module}" for module in ("preload.cjs", *modules))
    return v1.EnvVarArgs(name="NODE_OPTIONS", value=f"{required} --max-old-space-size={size.heap_mib}")


def _instrumented(settings: AppSettings, name: str, size: ServerSettings) -> list[v1.EnvVarArgs]:
    """Variables of a container that is traced; the collector adds what is the same for all of a stack."""
    attributes = f"service.namespace=flowise,service.version={settings.flowise_version},k8s.pod.name=$(POD_NAME)"
    pod_name = v1.EnvVarSourceArgs(field_ref=v1.ObjectFieldSelectorArgs(field_path="metadata.name"))
    return [
        _node_options(settings, size, INSTRUMENTATION),
        v1.EnvVarArgs(name="POD_NAME", value_from=pod_name),
        v1.EnvVarArgs(name="OTEL_SERVICE_NAME", value=f"flowise-{name}"),
        v1.EnvVarArgs(name="OTEL_RESOURCE_ATTRIBUTES", value=attributes),
    ]


def _script_container(
    settings: AppSettings, name: str, script: str, sources: PodSources, *, extra: Sequence[v1.EnvVarArgs] = ()
) -> v1.ContainerArgs:
    return v1.ContainerArgs(
        name=name,
        image=settings.image,
        working_dir=settings.distribution.root,
        command=["node", script],
        env=list(extra),
        env_from=_env_from(sources),
        resources=v1.ResourceRequirementsArgs(requests={"cpu": "250m", "memory": "1Gi"}, limits={"memory": "1Gi"}),
        security_context=_container_security(),
        volume_mounts=_mounts(sources),
    )


def _env_from(sources: PodSources) -> list[v1.EnvFromSourceArgs]:
    return [
        v1.EnvFromSourceArgs(config_map_ref=v1.ConfigMapEnvSourceArgs(name=sources.config_map)),
        v1.EnvFromSourceArgs(secret_ref=v1.SecretEnvSourceArgs(name=sources.secret)),
    ]


def _container_security() -> v1.SecurityContextArgs:
    return v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
    )


def _mounts(sources: PodSources) -> list[v1.VolumeMountArgs]:
    return [
        v1.VolumeMountArgs(name="home", mount_path=HOME),
        v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108  # a volume of the pod's own
        *authorities.mounts(sources.authorities),
    ]


def _pod(
    settings: AppSettings,
    containers: list[v1.ContainerArgs],
    sources: PodSources,
    labels: dict[str, str],
    *,
    grace_seconds: int,
    priority: str,
    init: Sequence[v1.ContainerArgs] = (),
    restart_policy: str = "Always",
) -> v1.PodTemplateSpecArgs:
    nodes = sources.nodes
    user = settings.distribution.user_id
    return v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=labels),
        spec=v1.PodSpecArgs(
            node_selector=nodes and nodes.node_selector,
            tolerations=nodes and nodes.tolerated(),
            service_account_name=sources.service_account,
            automount_service_account_token=False,
            enable_service_links=False,
            security_context=v1.PodSecurityContextArgs(
                run_as_user=user,
                run_as_group=user,
                fs_group=user,
                run_as_non_root=True,
                seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            priority_class_name=priority,
            termination_grace_period_seconds=grace_seconds,
            restart_policy=restart_policy,
            init_containers=list(init),
            containers=containers,
            volumes=[
                v1.VolumeArgs(name="home", empty_dir=v1.EmptyDirVolumeSourceArgs(size_limit="2Gi")),
                v1.VolumeArgs(name="tmp", empty_dir=v1.EmptyDirVolumeSourceArgs(size_limit="2Gi")),
                *authorities.volumes(sources.authorities),
            ],
            topology_spread_constraints=[
                v1.TopologySpreadConstraintArgs(
                    max_skew=skew,
                    topology_key=key,
                    # DoNotSchedule would keep new pods waiting for a zone that has failed.
                    when_unsatisfiable="ScheduleAnyway",
                    label_selector=meta.v1.LabelSelectorArgs(match_labels=labels),
                    # Pods of before count no more: two new ones could else follow two old ones into one zone.
                    match_label_keys=["pod-template-hash"],
                )
                for key, skew in _SPREAD.items()
            ],
        ),
    )
