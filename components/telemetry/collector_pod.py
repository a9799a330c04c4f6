"""The Collector's pod."""

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_kubernetes import meta
from pulumi_kubernetes.core import v1

from components.common import authorities
from components.common.connections import NodePlacement
from components.telemetry.collector_config import HEALTH_PORT, OTLP_PORT
from components.telemetry.settings import TracesSettings

NAME: Final = "collector"
LABELS: Final = {"app.kubernetes.io/name": "opentelemetry-collector", "app.kubernetes.io/part-of": "flowise"}
CONFIG_FILE: Final = "config.yaml"
_CONFIG_DIRECTORY: Final = "/etc/collector"
_UID: Final = 10001
"""User of the Collector's image."""


def collector_pod(
    settings: TracesSettings,
    *,
    account: pulumi.Input[str],
    config_map: pulumi.Input[str],
    secret: pulumi.Input[str] | None,
    company: pulumi.Input[str] | None,
    placement: NodePlacement | None,
    variables: Sequence[v1.EnvVarArgs],
) -> v1.PodTemplateSpecArgs:
    """Pod template; the names are those of the service account and of what the configuration is in.

    `company` is the ConfigMap of its certificate authorities, `variables` are further ones of the container.
    """
    return v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=LABELS),
        spec=v1.PodSpecArgs(
            node_selector=placement and placement.node_selector,
            tolerations=placement and placement.tolerated(),
            service_account_name=account,
            automount_service_account_token=False,
            enable_service_links=False,
            security_context=v1.PodSecurityContextArgs(
                run_as_user=_UID,
                run_as_group=_UID,
                run_as_non_root=True,
                seccomp_profile=v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            termination_grace_period_seconds=45,
            containers=[_container(settings, secret, company, variables)],
            volumes=[
                v1.VolumeArgs(name="config", config_map=v1.ConfigMapVolumeSourceArgs(name=config_map)),
                *authorities.volumes(company),
            ],
            topology_spread_constraints=[
                v1.TopologySpreadConstraintArgs(
                    max_skew=1,
                    topology_key="topology.kubernetes.io/zone",
                    when_unsatisfiable="ScheduleAnyway",
                    label_selector=meta.v1.LabelSelectorArgs(match_labels=LABELS),
                )
            ],
        ),
    )


def _container(
    settings: TracesSettings,
    secret: pulumi.Input[str] | None,
    company: pulumi.Input[str] | None,
    variables: Sequence[v1.EnvVarArgs],
) -> v1.ContainerArgs:
    memory = f"{settings.memory_mib}Mi"
    health = v1.HTTPGetActionArgs(path="/", port="health")
    return v1.ContainerArgs(
        name=NAME,
        image=settings.image,
        command=["/otelcol-contrib", f"--config={_CONFIG_DIRECTORY}/{CONFIG_FILE}"],
        env=[
            _field("POD_IP", "status.podIP"),
            _field("POD_NAME", "metadata.name"),
            # Below the container's limit: the garbage collector works harder before the kernel kills.
            v1.EnvVarArgs(name="GOMEMLIMIT", value=f"{settings.memory_mib * 8 // 10}MiB"),
            *authorities.variables(company, authorities.GO_VARIABLES),
            *variables,
        ],
        env_from=[v1.EnvFromSourceArgs(secret_ref=v1.SecretEnvSourceArgs(name=secret))] if secret is not None else None,
        ports=[
            v1.ContainerPortArgs(name="otlp", container_port=OTLP_PORT),
            v1.ContainerPortArgs(name="health", container_port=HEALTH_PORT),
        ],
        resources=v1.ResourceRequirementsArgs(
            requests={"cpu": "100m", "memory": memory},  # no CPU limit: throttling would only make it fall behind
            limits={"memory": memory},
        ),
        readiness_probe=v1.ProbeArgs(http_get=health, period_seconds=5),
        liveness_probe=v1.ProbeArgs(http_get=health, period_seconds=10, failure_threshold=6),
        security_context=v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            v1.VolumeMountArgs(name="config", mount_path=_CONFIG_DIRECTORY, read_only=True),
            *authorities.mounts(company),
        ],
    )


def _field(name: str, path: str) -> v1.EnvVarArgs:
    return v1.EnvVarArgs(
        name=name, value_from=v1.EnvVarSourceArgs(field_ref=v1.ObjectFieldSelectorArgs(field_path=path))
    )
