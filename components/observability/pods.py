"""Alarms of pods and nodes, and the add-on that counts them.

Metrics and dimensions are those of CloudWatch's agent with enhanced observability (aws/amazon-cloudwatch-agent,
translator/translate/otel/exporter/awsemf/kubernetes.go). `PodName` is the name of the Deployment, not of a pod.
"""

import json
from collections.abc import Iterator, Sequence

import pulumi
import pulumi_aws as aws

from components.common.addons import default_version
from components.common.alarm import Alarm, Metric
from components.common.connections import ClusterAccess
from components.common.iam import pod_identity_trust
from components.common.partition import managed_policy
from components.observability.settings import ThresholdSettings

_ADDON = "amazon-cloudwatch-observability"
_CONFIGURATION = {
    # Metrics alone: without `application_signals` in the agent's configuration no pod is changed.
    "agent": {
        "config": {
            "logs": {"metrics_collected": {"kubernetes": {"enhanced_container_insights": True}}},
        }
    },
    "containerLogs": {"enabled": False},
}


def container_insights(
    resource_name: str, cluster: ClusterAccess, region: str, parent: pulumi.Resource
) -> aws.eks.Addon:
    """Install CloudWatch's agent, with its rights by Pod Identity: pods of Auto Mode cannot use their node's."""
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        resource_name,
        description="CloudWatch's agent in the cluster",
        assume_role_policy=pod_identity_trust(
            cluster_arn=cluster.arn, namespace="amazon-cloudwatch", service_account="cloudwatch-agent"
        ),
        opts=child,
    )
    attachment = aws.iam.RolePolicyAttachment(
        resource_name,
        role=role.name,
        policy_arn=managed_policy(region, "CloudWatchAgentServerPolicy"),
        opts=child,
    )
    return aws.eks.Addon(
        resource_name,
        cluster_name=cluster.name,
        addon_name=_ADDON,
        addon_version=default_version(_ADDON, cluster.kubernetes_version, parent),
        configuration_values=json.dumps(_CONFIGURATION),
        pod_identity_associations=[{"role_arn": role.arn, "service_account": "cloudwatch-agent"}],
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[attachment]),
    )


def pod_alarms(
    cluster: ClusterAccess, namespace: str, workloads: Sequence[str], limits: ThresholdSettings
) -> Iterator[Alarm]:
    """Alarms of the pods of each workload (`server`, `worker`) in a namespace, and of the nodes."""
    for workload in workloads:
        yield from _workload_alarms(cluster, namespace, workload, limits)
    yield Alarm(
        name="nodes-failed",
        description="A node of the cluster is not ready. Auto Mode replaces it; its pods start elsewhere.",
        runbook="node-lost",
        metrics=[
            Metric(
                namespace="ContainerInsights",
                name="cluster_failed_node_count",
                dimensions={"ClusterName": cluster.name},
                statistic="Maximum",
            )
        ],
        threshold=0,
        minutes=1,
        periods=5,
        treat_missing_data="missing",
    )


def _workload_alarms(
    cluster: ClusterAccess, namespace: str, workload: str, limits: ThresholdSettings
) -> Iterator[Alarm]:
    def metric(name: str, statistic: str = "Maximum") -> list[Metric]:
        dimensions = {"ClusterName": cluster.name, "Namespace": namespace, "PodName": f"flowise-{workload}"}
        return [Metric(namespace="ContainerInsights", name=name, dimensions=dimensions, statistic=statistic)]

    yield Alarm(
        name=f"{workload}-restarts",
        description=f"Pods of the {workload} have restarted more than {limits.pod_restarts} times in 15 minutes.",
        runbook="pods-failing",
        metrics=metric("pod_number_of_container_restarts", "Sum"),
        threshold=limits.pod_restarts,
        minutes=15,
        periods=1,
        treat_missing_data="notBreaching",  # with no pod there is none that restarts
    )
    yield Alarm(
        name=f"{workload}-crash-loop",
        description=f"A pod of the {workload} ends as soon as it starts.",
        runbook="pods-failing",
        metrics=metric("pod_container_status_waiting_reason_crash_loop_back_off"),
        threshold=0,
        minutes=1,
        periods=3,
        evaluation_periods=5,  # between two attempts it runs for a while
        treat_missing_data="notBreaching",
    )
    yield Alarm(
        name=f"{workload}-out-of-memory",
        description=f"A pod of the {workload} was killed because it used more memory than it may.",
        runbook="pods-failing",
        metrics=metric("pod_container_status_terminated_reason_oom_killed"),
        threshold=0,
        minutes=1,
        periods=1,
        evaluation_periods=5,
        treat_missing_data="notBreaching",
    )
    yield Alarm(
        name=f"{workload}-pending",
        description=f"A pod of the {workload} has found no node for {limits.pending_minutes} minutes.",
        runbook="pods-pending",
        metrics=metric("pod_status_pending"),
        threshold=0,
        minutes=1,
        periods=limits.pending_minutes,
        treat_missing_data="notBreaching",
    )
