"""Autoscalers of Flowise's Deployments: on CPU, or on the backlog of the queue."""

from typing import Any, Final

import pulumi
from pulumi_kubernetes import apps, core
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.autoscaling import v2

from components.app.environment import QUEUE_NAME
from components.app.scope import Scope, name_of
from components.app.settings import ServerSettings, WorkerSettings
from components.common.connections import BacklogScaler, QueueConnection
from components.common.metrics import QUEUES
from components.common.ordering import known_after

_POLL_SECONDS: Final = 15
_IDLE_SECONDS: Final = 300
"""How long the backlog must be low before pods go: one needs half a minute to start, and the count must not swing."""
_BEHAVIOR: Final = v2.HorizontalPodAutoscalerBehaviorArgs(
    scale_up=v2.HPAScalingRulesArgs(
        stabilization_window_seconds=0,
        select_policy="Max",
        # At most twice as many, or two more, a minute: a new pod has done nothing yet when the next decision is made.
        policies=[
            v2.HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=60),
            v2.HPAScalingPolicyArgs(type="Pods", value=2, period_seconds=60),
        ],
    ),
    scale_down=v2.HPAScalingRulesArgs(
        stabilization_window_seconds=_IDLE_SECONDS,
        # One at a time: the pod that goes waits for its requests, and the others take over its share.
        policies=[v2.HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=60)],
    ),
)


def scale_on_cpu(
    scope: Scope, resource_name: str, component: str, size: ServerSettings, deployment: apps.v1.Deployment
) -> None:
    """Make an autoscaler that follows the pods' CPU."""
    cpu = v2.ResourceMetricSourceArgs(
        name="cpu",
        target=v2.MetricTargetArgs(type="Utilization", average_utilization=size.cpu_percent_target),
    )
    v2.HorizontalPodAutoscaler(
        resource_name,
        metadata=scope.metadata(f"flowise-{component}", component),
        spec=v2.HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=v2.CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=name_of(deployment.metadata)
            ),
            min_replicas=size.effective_min_replicas,
            max_replicas=size.max_replicas,
            metrics=[v2.MetricSpecArgs(type="Resource", resource=cpu)],
            behavior=_BEHAVIOR,
        ),
        opts=scope.options(),
    )


def scale_on_backlog(
    scope: Scope,
    resource_name: str,
    size: WorkerSettings,
    deployment: apps.v1.Deployment,
    *,
    queue: QueueConnection,
    scaler: BacklogScaler,
) -> None:
    """Make an autoscaler that follows the jobs that wait and those that run.

    The running ones count too: without them the workers would be taken away from the jobs they have just begun. Both
    are added up in one metric, because of several metrics an autoscaler takes the largest and not the sum.
    """
    CustomResource(
        resource_name,
        api_version="keda.sh/v1alpha1",
        kind="ScaledObject",
        metadata=scope.metadata("flowise-worker", "worker"),
        spec={
            "scaleTargetRef": {"name": name_of(deployment.metadata)},
            "minReplicaCount": size.effective_min_replicas,
            "maxReplicaCount": size.max_replicas,
            "pollingInterval": _POLL_SECONDS,
            "cooldownPeriod": _IDLE_SECONDS,
            "advanced": {
                "horizontalPodAutoscalerConfig": {"behavior": _BEHAVIOR},
                "scalingModifiers": {
                    "formula": _FORMULA,
                    "target": str(size.concurrency),
                    "activationTarget": "0",
                    "metricType": "AverageValue",
                },
            },
            "triggers": [_trigger(name, key, size, queue, scaler) for name, key in _LISTS.items()],
        },
        opts=scope.options(depends_on=[deployment, *scaler.ready]),
    )


def namespaced_scaler(scope: Scope, resource_name: str, queue: QueueConnection) -> BacklogScaler:
    """Let a KEDA that somebody else installed read the queue's password, in Flowise's own namespace.

    A ClusterTriggerAuthentication would need a Secret in KEDA's namespace, which is not the stack's.
    """
    secret = core.v1.Secret(
        resource_name,
        metadata=scope.metadata(_QUEUE_PASSWORD, "worker"),
        string_data={"password": queue.password},
        opts=pulumi.ResourceOptions(parent=scope.parent, provider=scope.cluster.private_provider),
    )
    authentication = CustomResource(
        resource_name,
        api_version="keda.sh/v1alpha1",
        kind="TriggerAuthentication",
        metadata=scope.metadata(_QUEUE_PASSWORD, "worker"),
        spec={"secretTargetRef": [{"parameter": "password", "name": _QUEUE_PASSWORD, "key": "password"}]},
        opts=scope.options(depends_on=[secret]),
    )
    return BacklogScaler(
        authentication=known_after(_QUEUE_PASSWORD, authentication),
        kind="TriggerAuthentication",
        ready=[authentication],
    )


_QUEUE_PASSWORD: Final = "flowise-queue"  # noqa: S105  # the name of a Secret
_LISTS: Final = {
    **{f"{queue}_{state}": f"bull:{QUEUE_NAME}-{queue}:{state}" for queue in QUEUES for state in ("wait", "active")},
    # BullMQ has no timer but the workers: without one, a schedule that is due stays here indefinitely.
    "schedules": f"bull:{QUEUE_NAME}-schedule:delayed",
}
"""Keys of BullMQ by the name of their trigger. KEDA's script counts lists and sorted sets alike."""
_JOBS: Final = " + ".join(name for name in _LISTS if name != "schedules")
_FORMULA: Final = f"({_JOBS}) > 0 ? ({_JOBS}) : (schedules > 0 ? 1 : 0)"


def _trigger(
    name: str, key: str, size: WorkerSettings, queue: QueueConnection, scaler: BacklogScaler
) -> dict[str, Any]:
    return {
        "type": "redis",
        "name": name,
        "metricType": "AverageValue",
        "metadata": {
            "address": pulumi.Output.format("{0}:{1}", queue.host, queue.port),
            "listName": key,
            "listLength": str(size.concurrency),
            "enableTLS": "true",
            "unsafeSsl": "false",  # verify the certificate
        },
        "authenticationRef": {"name": scaler.authentication, "kind": scaler.kind},
    }
