"""DeployRunner: machines of CodeBuild inside the VPC for the jobs of GitHub Actions that deploy the stack."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext, Subnets
from components.common.names import physical_name
from components.common.ordering import known_after
from components.runner.role import ServiceRoleArgs, service_role
from components.runner.settings import RunnerSettings

__all__ = ["DeployRunner", "DeployRunnerArgs", "RunnerSettings"]

IMAGE: Final = "aws/codebuild/standard:7.0"
"""Ubuntu 22.04 on x86-64 with the AWS CLI: `actions/setup-python` has no Python for Amazon Linux."""
_LONGEST_MINUTES = 120
"""No job of .github/workflows lasts longer."""
_LONGEST_QUEUED_MINUTES = 30
_SIZES = {"small": "BUILD_GENERAL1_SMALL", "medium": "BUILD_GENERAL1_MEDIUM", "large": "BUILD_GENERAL1_LARGE"}


@dataclass(frozen=True, kw_only=True)
class DeployRunnerArgs:
    """What a stack decides about its runner, and where it runs."""

    settings: RunnerSettings
    stack: StackContext
    subnets: Subnets
    """Private subnets of the machines; they reach GitHub and AWS through NAT."""


@final
class DeployRunner(pulumi.ComponentResource):
    """CodeBuild project that starts one machine in the VPC for each job of GitHub Actions that names it.

    A machine runs one job and is thrown away. Its own role does what CodeBuild has to do for it: a job takes the role
    that deploys the stack by GitHub's token, as it does elsewhere.
    """

    label: pulumi.Output[str]
    """Label of the runner without the run's number: the repository variable `RUNNER_<STACK>`."""
    security_group_id: pulumi.Output[str]
    """Security group of the machines, which the cluster admits to its API."""

    def __init__(self, resource_name: str, args: DeployRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:delivery:DeployRunner", resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        name = physical_name("codebuild-project", resource_name)
        group = self._security_group(resource_name, args.subnets)
        log_group = aws.cloudwatch.LogGroup(
            resource_name,
            name=physical_name("log-group", resource_name, separator="/"),
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.stack.kms_key_arn,
            opts=child,
        )
        role, rights = service_role(
            resource_name,
            ServiceRoleArgs(
                region=args.stack.region,
                project=name,
                log_group_arn=log_group.arn,
                subnet_ids=args.subnets.ids,
                security_group_id=group.id,
                connection_arn=args.settings.connection_arn,
            ),
            parent=self,
        )
        project = aws.codebuild.Project(
            resource_name,
            name=name,
            description=f"Jobs of GitHub Actions that deploy {pulumi.get_stack()}",
            service_role=role.arn,
            source=aws.codebuild.ProjectSourceArgs(
                type="GITHUB",
                location=f"https://github.com/{args.settings.repository}.git",
                git_clone_depth=1,
                auth=aws.codebuild.ProjectSourceAuthArgs(type="CODECONNECTIONS", resource=args.settings.connection_arn),
            ),
            artifacts=aws.codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
            environment=aws.codebuild.ProjectEnvironmentArgs(
                type="LINUX_CONTAINER",
                image=IMAGE,
                image_pull_credentials_type="CODEBUILD",
                compute_type=_SIZES[args.settings.size],
                privileged_mode=False,
            ),
            vpc_config=aws.codebuild.ProjectVpcConfigArgs(
                vpc_id=args.subnets.vpc_id, subnets=args.subnets.ids, security_group_ids=[group.id]
            ),
            logs_config=aws.codebuild.ProjectLogsConfigArgs(
                cloudwatch_logs=aws.codebuild.ProjectLogsConfigCloudwatchLogsArgs(
                    status="ENABLED", group_name=log_group.name
                )
            ),
            project_visibility="PRIVATE",
            build_timeout=_LONGEST_MINUTES,
            queued_timeout=_LONGEST_QUEUED_MINUTES,
            # CodeBuild asks GitHub by this role while it makes the project (aws-cdk issue 38504).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        aws.codebuild.Webhook(
            resource_name,
            project_name=project.name,
            build_type="BUILD",
            filter_groups=[aws.codebuild.WebhookFilterGroupArgs(filters=list(_filters(args.settings)))],
            opts=child,
        )
        self.label = known_after(f"codebuild-{name}", project)
        self.security_group_id = group.id
        self.register_outputs({"label": self.label, "security_group_id": self.security_group_id})

    def _security_group(self, resource_name: str, subnets: Subnets) -> aws.ec2.SecurityGroup:
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            resource_name,
            description="Machines that run jobs of GitHub Actions; nothing connects to them",
            vpc_id=subnets.vpc_id,
            opts=child,
        )
        aws.vpc.SecurityGroupEgressRule(
            resource_name,
            security_group_id=group.id,
            description="GitHub, package registries, AWS and the Kubernetes API",
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=child,
        )
        return group


def _filters(settings: RunnerSettings) -> Iterable[aws.codebuild.WebhookFilterGroupFilterArgs]:
    """Which jobs start a machine: all of these must hold (CodeBuild API reference, WebhookFilter).

    No filter knows the branch of a job or whether it comes from a fork: HEAD_REF and its like are of other events.
    """
    filters = {"EVENT": "WORKFLOW_JOB_QUEUED", "WORKFLOW_NAME": f"^({'|'.join(settings.workflows)})$"}
    if settings.account_ids:
        filters["ACTOR_ACCOUNT_ID"] = f"^({'|'.join(map(str, settings.account_ids))})$"
    for type_, pattern in filters.items():
        yield aws.codebuild.WebhookFilterGroupFilterArgs(type=type_, pattern=pattern)
