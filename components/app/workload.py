"""Deployments of Flowise and what keeps them available: disruption budget and autoscaler."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import apps, autoscaling, core, meta
from pulumi_kubernetes import policy as disruption

from components.app.scope import Scope, labels, name_of
from components.app.settings import ServerSettings


def workload(
    scope: Scope,
    resource_name: str,
    component: str,
    pod: core.v1.PodTemplateSpecArgs,
    size: ServerSettings,
    *,
    may_overlap: bool,
    depends_on: Sequence[pulumi.Resource],
) -> apps.v1.Deployment:
    """Make a Deployment with its disruption budget, and an autoscaler where `size` leaves it room.

    `may_overlap` says whether old and new pods may run at once during a rollout.
    """
    autoscaled = size.max_replicas > size.replicas
    name = f"flowise-{component}"
    deployment = apps.v1.Deployment(
        resource_name,
        metadata=scope.metadata(name, component),
        spec=apps.v1.DeploymentSpecArgs(
            replicas=size.replicas,
            revision_history_limit=3,
            progress_deadline_seconds=900,  # a new node takes a minute, the image a minute, Flowise half a minute
            selector=meta.v1.LabelSelectorArgs(match_labels=labels(component)),
            strategy=apps.v1.DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
            )
            if may_overlap
            else apps.v1.DeploymentStrategyArgs(type="Recreate"),
            template=pod,
        ),
        opts=scope.options(
            depends_on=depends_on,
            ignore_changes=["spec.replicas"] if autoscaled else [],  # the autoscaler owns the number from then on
            timeout="15m",
        ),
    )
    disruption.v1.PodDisruptionBudget(
        resource_name,
        metadata=scope.metadata(name, component),
        spec=disruption.v1.PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=meta.v1.LabelSelectorArgs(match_labels=labels(component)),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=scope.options(),
    )
    if autoscaled:
        _autoscaler(scope, resource_name, component, size, deployment)
    return deployment


def _autoscaler(
    scope: Scope, resource_name: str, component: str, size: ServerSettings, deployment: apps.v1.Deployment
) -> None:
    cpu = autoscaling.v2.ResourceMetricSourceArgs(
        name="cpu",
        target=autoscaling.v2.MetricTargetArgs(type="Utilization", average_utilization=size.cpu_percent_target),
    )
    autoscaling.v2.HorizontalPodAutoscaler(
        resource_name,
        metadata=scope.metadata(f"flowise-{component}", component),
        spec=autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=name_of(deployment.metadata)
            ),
            min_replicas=size.replicas,
            max_replicas=size.max_replicas,
            metrics=[autoscaling.v2.MetricSpecArgs(type="Resource", resource=cpu)],
            behavior=autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs(
                # A pod needs half a minute to start; taking it away again at once would make the count swing.
                scale_down=autoscaling.v2.HPAScalingRulesArgs(stabilization_window_seconds=300)
            ),
        ),
        opts=scope.options(),
    )
