"""The check: a CronJob that asks a flow a question as a user would, and counts whether an answer came."""

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import batch, core, meta, networking

from components.common.connections import ClusterAccess
from components.common.iam import Statement, pod_identity_trust, policy
from components.common.metrics import NAMESPACE
from components.observability.settings import CheckSettings

_NAME = "flowise-check"
_LABELS = {"app.kubernetes.io/name": _NAME, "app.kubernetes.io/part-of": "flowise"}
_RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
_POD_IDENTITY_AGENT = "169.254.170.23/32"


def make_check(
    resource_name: str,
    check: CheckSettings,
    *,
    image: str,
    url: pulumi.Input[str],
    region: str,
    cluster: ClusterAccess,
    parent: pulumi.Resource,
) -> None:
    """Make the CronJob in a namespace of its own, where nothing of Flowise's can be read."""
    child = pulumi.ResourceOptions(parent=parent, provider=cluster.provider)
    namespace = core.v1.Namespace(
        resource_name, metadata=meta.v1.ObjectMetaArgs(name=_NAME, labels=_RESTRICTED), opts=child
    ).metadata.apply(lambda known: str(known.name))
    metadata = meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace, labels=_LABELS)
    account = core.v1.ServiceAccount(
        resource_name, metadata=metadata, automount_service_account_token=False, opts=child
    )
    association = _identity(resource_name, cluster, parent)
    reach = _network_policy(resource_name, metadata, child)
    environment = {
        "CHECK_URL": url,
        "CHECK_FLOW_ID": check.flow_id,
        "CHECK_QUESTION": check.question,
        "CHECK_SECONDS": str(check.answer_seconds),
        "CHECK_STACK": pulumi.get_stack(),
        "AWS_REGION": region,
        "HOME": "/tmp",  # noqa: S108  # a volume of the pod's own
    }
    container = core.v1.ContainerArgs(
        name="check",
        image=image,
        working_dir="/opt/flowise",
        command=["node", "scripts/check.cjs"],
        env=[core.v1.EnvVarArgs(name=name, value=value) for name, value in environment.items()],
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "128Mi"}
        ),
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp")],  # noqa: S108
    )
    pod = core.v1.PodSpecArgs(
        service_account_name=account.metadata.apply(lambda known: str(known.name)),
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=core.v1.PodSecurityContextArgs(
            run_as_user=1000,
            run_as_group=1000,
            fs_group=1000,
            run_as_non_root=True,
            seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        restart_policy="Never",
        containers=[container],
        volumes=[core.v1.VolumeArgs(name="tmp", empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit="16Mi"))],
    )
    batch.v1.CronJob(
        resource_name,
        metadata=metadata,
        spec=batch.v1.CronJobSpecArgs(
            schedule=f"*/{check.every_minutes} * * * *",
            concurrency_policy="Forbid",
            starting_deadline_seconds=60,
            successful_jobs_history_limit=1,
            failed_jobs_history_limit=3,
            job_template=batch.v1.JobTemplateSpecArgs(
                spec=batch.v1.JobSpecArgs(
                    backoff_limit=0,  # the next one is the next try
                    active_deadline_seconds=check.answer_seconds + 60,
                    template=core.v1.PodTemplateSpecArgs(metadata=meta.v1.ObjectMetaArgs(labels=_LABELS), spec=pod),
                )
            ),
        ),
        opts=pulumi.ResourceOptions(parent=parent, provider=cluster.provider, depends_on=[association, reach]),
    )


def _identity(resource_name: str, cluster: ClusterAccess, parent: pulumi.Resource) -> aws.eks.PodIdentityAssociation:
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{resource_name}-check",
        description=f"Pods of service account {_NAME}/{_NAME}",
        assume_role_policy=pod_identity_trust(cluster_arn=cluster.arn, namespace=_NAME, service_account=_NAME),
        opts=child,
    )
    count = Statement(
        sid="CountAnswers",
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],  # AWS knows no ARN of a metric
        conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    )
    role_policy = aws.iam.RolePolicy(f"{resource_name}-check", role=role.id, policy=policy(count), opts=child)
    return aws.eks.PodIdentityAssociation(
        f"{resource_name}-check",
        cluster_name=cluster.name,
        namespace=_NAME,
        service_account=_NAME,
        role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role_policy]),
    )


def _network_policy(
    resource_name: str, metadata: meta.v1.ObjectMetaArgs, options: pulumi.ResourceOptions
) -> networking.v1.NetworkPolicy:
    """Nobody asks the check; it asks names, HTTPS anywhere, and the agent of Pod Identity."""
    v1 = networking.v1

    def ports(protocol: str, port: int) -> networking.v1.NetworkPolicyPortArgs:
        return v1.NetworkPolicyPortArgs(protocol=protocol, port=port)

    agent = v1.NetworkPolicyPeerArgs(ip_block=v1.IPBlockArgs(cidr=_POD_IDENTITY_AGENT))
    return v1.NetworkPolicy(
        resource_name,
        metadata=metadata,
        spec=v1.NetworkPolicySpecArgs(
            pod_selector=meta.v1.LabelSelectorArgs(),
            policy_types=["Ingress", "Egress"],
            egress=[
                v1.NetworkPolicyEgressRuleArgs(ports=[ports("UDP", 53), ports("TCP", 53), ports("TCP", 443)]),
                v1.NetworkPolicyEgressRuleArgs(to=[agent], ports=[ports("TCP", 80)]),
            ],
        ),
        opts=options,
    )
