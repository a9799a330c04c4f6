"""DeliveryRoles: what the workflows and Pulumi Deployments are in this account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from bootstrap.boundary import BoundaryArgs, boundary
from bootstrap.permissions import Shared, push_images, read_only
from bootstrap.settings import BootstrapSettings, PulumiCloudSettings
from bootstrap.stacks import DeliveredStack
from bootstrap.trust import GITHUB_AUDIENCE, GITHUB_ISSUER, PULL_REQUEST, Issuer, deployments_trust, github_trust
from components.common.iam import Statement, policy
from components.common.names import physical_name

PATH = "/flowise-bootstrap/"
"""Keeps these roles and policies apart from those that stacks make."""
_HOUR = 3600
_LONGEST_DEPLOYMENT_HOURS = 2


@dataclass(frozen=True, kw_only=True)
class DeliveryRolesArgs:
    """What an account decides about its roles."""

    settings: BootstrapSettings
    state_bucket_arn: pulumi.Output[str]
    state_key_arns: Mapping[str, pulumi.Output[str]]
    """Key of the secrets in the state, by stack."""
    kms_key_arn: pulumi.Output[str]
    """Key of the bucket and the images."""
    registry_arn: pulumi.Output[str]


@final
class DeliveryRoles(pulumi.ComponentResource):
    """Roles that are taken with a token of the moment: no AWS key is kept anywhere.

    Preview and drift (branch) only read; image (branch) pushes to the registry. Each stack has a role that previews it,
    from its preview environment or from any pull request, and one that deploys it, from its GitHub environment, from
    the branch, or from Pulumi Deployments.
    """

    preview: Mapping[str, pulumi.Output[str]]
    """ARN of the role for pull requests, by stack."""
    drift: pulumi.Output[str]
    """ARN of the role for the nightly look."""
    image: pulumi.Output[str]
    """ARN of the role that pushes images."""
    deploy: Mapping[str, pulumi.Output[str]]
    """ARN of the role that deploys, by stack."""
    boundaries: Mapping[str, pulumi.Output[str]]
    """ARN of the permissions boundary of every role that a stack makes (flowise:permissions_boundary_arn)."""

    def __init__(self, resource_name: str, args: DeliveryRolesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:DeliveryRoles", resource_name, None, opts)
        cfg = args.settings
        shared = Shared(
            region=cfg.region,
            account_id=aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id,
            bucket_arn=args.state_bucket_arn,
            key_arn=args.kms_key_arn,
            registry_arn=args.registry_arn,
        )
        branch = f"ref:refs/heads/{cfg.repository.branch}"
        github = self._issuer("github", GITHUB_ISSUER, GITHUB_AUDIENCE)
        cloud = cfg.pulumi_cloud and self._issuer("pulumi", cfg.pulumi_cloud.issuer, cfg.pulumi_cloud.organization)

        from_branch = github_trust(github, cfg.repository, subject=branch)
        keys = args.state_key_arns
        self.preview = {
            name: self._role(
                f"preview-{name}",
                github_trust(github, cfg.repository, subject=_preview_subject(stack)),
                read_only(shared, stacks=[name], state_keys=[keys[name]]),
            )
            for name, stack in cfg.stacks.items()
        }
        self.drift = self._role(
            "drift", from_branch, read_only(shared, stacks=list(cfg.stacks), state_keys=list(keys.values()))
        )
        self.image = self._role("image", from_branch, push_images(shared))

        deploy: dict[str, pulumi.Output[str]] = {}
        boundaries: dict[str, pulumi.Output[str]] = {}
        for name, stack in cfg.stacks.items():
            if cfg.delivery == "pulumi-deployments" and cloud and cfg.pulumi_cloud:
                trust = _from_deployments(cloud, cfg.pulumi_cloud, name, stack)
            elif stack.environment:
                trust = github_trust(
                    github,
                    cfg.repository,
                    subject=f"environment:{stack.environment}",
                    ref=f"refs/heads/{cfg.repository.branch}",
                )
            else:
                trust = from_branch
            boundaries[name] = self._boundary(shared, name, stack, services=cfg.services, state_key_arn=keys[name])
            deploy[name] = self._deploy_role(name, trust, boundaries[name])
        self.deploy = deploy
        self.boundaries = boundaries
        self.register_outputs({"preview": self.preview, "drift": self.drift, "image": self.image, "deploy": deploy})

    def _issuer(self, name: str, url: str, audience: str) -> Issuer:
        """Register an OIDC provider; AWS knows the certificates of both by itself, so no thumbprint is kept."""
        provider = aws.iam.OpenIdConnectProvider(
            name, url=url, client_id_lists=[audience], opts=pulumi.ResourceOptions(parent=self)
        )
        return Issuer(url=url, arn=provider.arn)

    def _role(self, name: str, trust: Statement, rights: Sequence[Statement]) -> pulumi.Output[str]:
        role = aws.iam.Role(
            name,
            name=physical_name("iam-role", name),
            path=PATH,
            assume_role_policy=policy(trust),
            max_session_duration=_HOUR,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(name, role=role.name, policy=policy(*rights), opts=pulumi.ResourceOptions(parent=self))
        return role.arn

    def _boundary(
        self,
        shared: Shared,
        name: str,
        stack: DeliveredStack,
        *,
        services: Sequence[str],
        state_key_arn: pulumi.Output[str],
    ) -> pulumi.Output[str]:
        boundary_name = physical_name("iam-role", "boundary", name)
        return aws.iam.Policy(
            f"boundary-{name}",
            name=boundary_name,
            path=PATH,
            description=f"The most that deploying {name}, and every role it makes, can do",
            policy=policy(
                *boundary(
                    shared,
                    BoundaryArgs(
                        stack=name,
                        settings=stack,
                        services=services,
                        name=f"{PATH}{boundary_name}",
                        state_key_arn=state_key_arn,
                    ),
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        ).arn

    def _deploy_role(self, stack: str, trust: Statement, boundary_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        """A role that may do all that its boundary allows."""
        role = aws.iam.Role(
            f"deploy-{stack}",
            name=physical_name("iam-role", "deploy", stack),
            path=PATH,
            assume_role_policy=policy(trust),
            permissions_boundary=boundary_arn,
            max_session_duration=_LONGEST_DEPLOYMENT_HOURS * _HOUR,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicyAttachment(
            f"deploy-{stack}", role=role.name, policy_arn=boundary_arn, opts=pulumi.ResourceOptions(parent=self)
        )
        return role.arn


def _from_deployments(issuer: Issuer, cloud: PulumiCloudSettings, name: str, stack: DeliveredStack) -> Statement:
    return deployments_trust(issuer, cloud, stack=name, previews=stack.preview_in_deployments)


def _preview_subject(stack: DeliveredStack) -> str:
    """A job in an environment names the environment, and no longer that it is one of a pull request."""
    return f"environment:{stack.preview_environment}" if stack.preview_environment else PULL_REQUEST
