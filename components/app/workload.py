"""Deployments of Flowise and what keeps them available."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes import apps, core, meta
from pulumi_kubernetes import policy as disruption

from components.app.scope import Scope, labels
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
    """Make a Deployment with its disruption budget.

    `may_overlap` says whether old and new pods may run at once during a rollout.
    """
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
            ignore_changes=["spec.replicas"] if size.autoscaled else [],  # the autoscaler owns the number from then on
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
    return deployment
