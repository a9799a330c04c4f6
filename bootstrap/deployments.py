"""PulumiDeployments: how Pulumi Cloud deploys each stack, as code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_pulumiservice as pulumi_cloud

from bootstrap.settings import BootstrapSettings, DeliveredStack

PROJECT = "flowise"
PATHS = ["**/*.py", "Pulumi.yaml", "requirements.txt", "policies/**"]
"""What a deployment depends on besides its own stack file; a change elsewhere deploys nothing."""


@dataclass(frozen=True, kw_only=True)
class PulumiDeploymentsArgs:
    """What an account decides about Pulumi Deployments."""

    settings: BootstrapSettings
    organization: str
    role_arns: Mapping[str, pulumi.Output[str]]
    """Role that deploys, by stack."""


@final
class PulumiDeployments(pulumi.ComponentResource):
    """Deployment settings and drift schedules of every stack.

    With `delivery: actions` no push deploys, but a person may still start one by hand in the console: the role refuses.
    """

    def __init__(
        self, resource_name: str, args: PulumiDeploymentsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("flowise:bootstrap:PulumiDeployments", resource_name, None, opts)
        for name, stack in args.settings.stacks.items():
            settings = self._settings(name, stack, args)
            if stack.drift_schedule:
                pulumi_cloud.DriftSchedule(
                    name,
                    organization=args.organization,
                    project=PROJECT,
                    stack=name,
                    schedule_cron=stack.drift_schedule,
                    auto_remediate=False,  # somebody changed it for a reason; a person decides
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[settings]),
                )
        self.register_outputs({"stacks": list(args.settings.stacks)})

    def _settings(
        self, name: str, stack: DeliveredStack, args: PulumiDeploymentsArgs
    ) -> pulumi_cloud.DeploymentSettings:
        repository = args.settings.repository
        return pulumi_cloud.DeploymentSettings(
            name,
            organization=args.organization,
            project=PROJECT,
            stack=name,
            source_context={"git": {"branch": f"refs/heads/{repository.branch}", "repo_dir": "."}},
            github={
                "repository": repository.name,
                # Pulumi Deployments knows no reviewers: a stack that needs approval is deployed by hand in its console.
                "deploy_commits": not stack.approval,
                "preview_pull_requests": stack.preview_in_deployments,
                "paths": [*PATHS, f"Pulumi.{name}.yaml"],
            },
            operation_context={
                "pre_run_commands": ["make setup"],
                "options": {"skip_install_dependencies": True, "skip_intermediate_deployments": True},
                "oidc": {
                    "aws": {
                        "role_arn": args.role_arns[name],
                        "session_name": "pulumi-${deployment.version}",
                        "duration": "2h",
                    }
                },
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
