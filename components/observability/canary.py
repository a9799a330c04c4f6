"""The canary: a CronJob that asks a flow a question as a user would, and counts whether an answer came."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import batch, core, meta

from components.common import authorities
from components.common.connections import ClusterAccess
from components.common.context import StackContext
from components.common.iam import Statement
from components.common.metrics import NAMESPACE
from components.common.networks import POD_IDENTITY_AGENT
from components.common.pod_identity import pod_identity
from components.common.policies import egress, namespace_policies
from components.common.proxying import egress_to_proxy, no_proxy, node_secrets
from components.common.scripts_image import ScriptsImage
from components.observability.settings import CanarySettings

_NAME = "flowise-canary"
_LABELS = {"app.kubernetes.io/name": _NAME, "app.kubernetes.io/part-of": "flowise"}
_RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}


@dataclass(frozen=True, kw_only=True)
class CanaryArgs:
    """What a stack decides about its canary, and what it asks."""

    settings: CanarySettings
    image: ScriptsImage
    """Image of Flowise, which holds the script."""
    url: pulumi.Input[str]
    """Where people reach Flowise."""
    stack: StackContext
    password: pulumi.Input[str] | None
    """Password of the account that logs in, if one does (secret)."""
    cluster: ClusterAccess
    namespace: str


def make_canary(resource_name: str, args: CanaryArgs, parent: pulumi.Resource) -> None:
    """Make the CronJob in a namespace of its own, where nothing of Flowise's can be read."""
    settings = args.settings
    child = pulumi.ResourceOptions(parent=parent, provider=args.cluster.provider)
    namespace = core.v1.Namespace(
        resource_name, metadata=meta.v1.ObjectMetaArgs(name=args.namespace, labels=_RESTRICTED), opts=child
    ).metadata.apply(lambda known: str(known.name))
    metadata = meta.v1.ObjectMetaArgs(name=_NAME, namespace=namespace, labels=_LABELS)
    account = core.v1.ServiceAccount(
        resource_name, metadata=metadata, automount_service_account_token=False, opts=child
    )
    count = Statement(
        sid="CountAnswers",
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],  # AWS knows no ARN of a metric
        conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
    )
    identity = pod_identity(
        resource_name, _NAME, namespace=args.namespace, cluster=args.cluster, statements=[count], parent=parent
    )
    reach = namespace_policies(
        resource_name,
        namespace,
        _LABELS,
        ingress=[],
        egress=[
            # It asks where people ask, which may be an address of the VPC behind an ingress.
            egress(["0.0.0.0/0"], [("UDP", 53), ("TCP", 53), ("TCP", 443)]),
            egress([POD_IDENTITY_AGENT], [("TCP", 80)]),
            *egress_to_proxy(args.stack.outbound.proxy),
        ],
        opts=child,
    )
    company = args.stack.outbound.authorities and authorities.authorities_config_map(
        resource_name,
        args.stack.outbound.authorities,
        meta.v1.ObjectMetaArgs(namespace=namespace, labels=_LABELS),
        child,
    )
    variables = [*_variables(args), *_secret_variables(resource_name, args, namespace, parent)]
    pod = _pod(account.metadata.apply(lambda known: str(known.name)), args, variables, company or None)
    batch.v1.CronJob(
        resource_name,
        metadata=metadata,
        spec=batch.v1.CronJobSpecArgs(
            schedule=f"*/{settings.every_minutes} * * * *",
            concurrency_policy="Forbid",
            starting_deadline_seconds=60,
            successful_jobs_history_limit=1,
            failed_jobs_history_limit=3,
            job_template=batch.v1.JobTemplateSpecArgs(
                spec=batch.v1.JobSpecArgs(
                    backoff_limit=0,  # the next one is the next try
                    active_deadline_seconds=settings.answer_seconds + 60,
                    template=core.v1.PodTemplateSpecArgs(metadata=meta.v1.ObjectMetaArgs(labels=_LABELS), spec=pod),
                )
            ),
        ),
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[identity, *reach])),
    )


def _variables(args: CanaryArgs) -> list[core.v1.EnvVarArgs]:
    told: dict[str, pulumi.Input[str]] = {
        "CANARY_URL": args.url,
        "CANARY_FLOW_ID": args.settings.flow_id,
        "CANARY_QUESTION": args.settings.question,
        "CANARY_SECONDS": str(args.settings.answer_seconds),
        "CANARY_STACK": pulumi.get_stack(),
        "AWS_REGION": args.stack.region,
        "HOME": "/tmp",  # noqa: S108  # a volume of the pod's own
    }
    if args.stack.outbound.proxy:
        told["FLOWISE_NO_PROXY"] = no_proxy(args.stack.outbound.proxy, args.stack, args.cluster)
    return [core.v1.EnvVarArgs(name=name, value=value) for name, value in told.items()]


def _secret_variables(
    resource_name: str, args: CanaryArgs, namespace: pulumi.Output[str], parent: pulumi.Resource
) -> list[core.v1.EnvVarArgs]:
    """Who logs in, and the proxy, with the passwords in a Secret; nothing without either."""
    login = {"CANARY_PASSWORD": args.password} if args.settings.login_email and args.password is not None else {}
    values = {**login, **node_secrets(args.stack.outbound.proxy)}
    if not values:
        return []
    secret = core.v1.Secret(
        resource_name,
        metadata=meta.v1.ObjectMetaArgs(namespace=namespace, labels=_LABELS),
        string_data=values,
        immutable=True,
        opts=pulumi.ResourceOptions(parent=parent, provider=args.cluster.private_provider),
    )
    made = secret.metadata.apply(lambda known: str(known.name))
    who = [core.v1.EnvVarArgs(name="CANARY_EMAIL", value=args.settings.login_email)] if login else []
    keys = {name: core.v1.SecretKeySelectorArgs(name=made, key=name) for name in values}
    return who + [
        core.v1.EnvVarArgs(name=name, value_from=core.v1.EnvVarSourceArgs(secret_key_ref=key))
        for name, key in keys.items()
    ]


def _pod(
    account: pulumi.Output[str],
    args: CanaryArgs,
    variables: list[core.v1.EnvVarArgs],
    company: pulumi.Output[str] | None,
) -> core.v1.PodSpecArgs:
    """Pod of the canary; `company` is the ConfigMap of its certificate authorities."""
    placement = args.cluster.placement
    container = core.v1.ContainerArgs(
        name="canary",
        image=args.image.reference,
        working_dir=args.image.root,
        command=["node", "scripts/canary.cjs"],
        env=[*variables, *authorities.variables(company, authorities.NODE_VARIABLES)],
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "128Mi"}, limits={"memory": "128Mi"}
        ),
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            core.v1.VolumeMountArgs(name="tmp", mount_path="/tmp"),  # noqa: S108
            *authorities.mounts(company),
        ],
    )
    return core.v1.PodSpecArgs(
        node_selector=placement and placement.node_selector,
        tolerations=placement and placement.tolerated(),
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,
        security_context=core.v1.PodSecurityContextArgs(
            run_as_user=args.image.user_id,
            run_as_group=args.image.user_id,
            fs_group=args.image.user_id,
            run_as_non_root=True,
            seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        restart_policy="Never",
        containers=[container],
        volumes=[
            core.v1.VolumeArgs(name="tmp", empty_dir=core.v1.EmptyDirVolumeSourceArgs(size_limit="16Mi")),
            *authorities.volumes(company),
        ],
    )
