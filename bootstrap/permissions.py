"""What each role may do."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common.iam import Statement

STATE_OF = (".pulumi/stacks/flowise/{0}.json*", ".pulumi/*/flowise/{0}/*")
"""Files of one stack in Pulumi's own backend: its state; its history, backups and locks."""

_READ = [
    "acm:Describe*", "acm:GetCertificate", "acm:List*", "backup:Describe*", "backup:GetBackup*",
    "backup:GetRestoreTesting*", "backup:ListBackup*",
    "backup:ListRecoveryPointsByBackupVault", "backup:ListRestore*", "backup:ListTags", "budgets:Describe*",
    "budgets:ViewBudget",
    "budgets:ListTagsForResource", "cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*",
    "cloudwatch:Describe*", "cloudwatch:GetDashboard", "cloudwatch:List*", "ec2:Describe*",
    "ec2:GetManagedPrefixListEntries", "ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy",
    "ecr:List*", "eks:Describe*", "eks:List*", "elasticache:Describe*", "elasticache:List*",
    "elasticloadbalancing:Describe*", "events:Describe*", "events:List*", "firehose:DescribeDeliveryStream",
    "firehose:List*", "iam:GetOpenIDConnectProvider",
    "iam:GetInstanceProfile", "iam:GetPolicy*", "iam:GetRole*", "iam:List*", "kms:Describe*", "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus", "kms:List*", "logs:Describe*", "logs:ListTags*", "rds:Describe*",
    "rds:ListTagsForResource", "route53:Get*", "route53:List*", "s3:GetAccelerateConfiguration", "s3:GetBucket*",
    "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets", "s3:ListBucket", "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecret*", "sns:GetTopicAttributes", "sns:GetSubscriptionAttributes", "sns:List*",
    "sts:GetCallerIdentity", "tag:GetResources", "wafv2:Describe*", "wafv2:GetIPSet", "wafv2:GetLoggingConfiguration",
    "wafv2:GetRegexPatternSet", "wafv2:GetWebACL*", "wafv2:List*",
]  # fmt: skip
"""Shapes, not contents: no object, log line, secret, console output or password data can be read with these."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all roles share."""

    account_id: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    """State bucket."""
    key_arn: pulumi.Output[str]
    """Key that encrypts state, and the secrets in it."""
    registry_arn: pulumi.Output[str]

    def iam(self, suffix: str) -> pulumi.Output[str]:
        """ARN of something in IAM, such as `role/flowise-dev-*`."""
        return pulumi.Output.format("arn:aws:iam::{0}:{1}", self.account_id, suffix)


def read_only(shared: Shared) -> Sequence[Statement]:
    """What a preview or a look for drift needs: shapes of everything, state, and the key that opens its secrets."""
    return [
        Statement(sid="Shapes", actions=_READ, resources=["*"]),
        Statement(
            sid="ReadState", actions=["s3:GetObject"], resources=[pulumi.Output.format("{0}/*", shared.bucket_arn)]
        ),
        Statement(sid="OpenState", actions=["kms:Decrypt"], resources=[shared.key_arn]),
    ]


def push_images(shared: Shared) -> Sequence[Statement]:
    """Push to the registry and read the scan's findings. The log-in is not bound to a repository in IAM."""
    return [
        Statement(sid="LogIn", actions=["ecr:GetAuthorizationToken"], resources=["*"]),
        Statement(
            sid="Push",
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            resources=[shared.registry_arn],
        ),
    ]


def ceiling(
    shared: Shared, *, stack: str, other_stacks: Sequence[str], services: Sequence[str], boundary: str
) -> Sequence[Statement]:
    """The most that deploying a stack, and every role it makes, can do: the deploying role's rights and the boundary.

    Roles can be made and given rights only with this boundary (`boundary`, its name with its path), so nobody can make
    one that may do more. Roles of the stack are known by their names: `pulumi:autonaming` in Pulumi.yaml writes them.
    """
    own_roles = [shared.iam(f"role/flowise-{stack}-*")]
    state_files = [
        pulumi.Output.format("{0}/" + files.format(other), shared.bucket_arn)
        for other in other_stacks
        for files in STATE_OF
    ]
    return [
        Statement(sid="Services", actions=[f"{service}:*" for service in services], resources=["*"]),
        Statement(sid="ReadIam", actions=["iam:Get*", "iam:List*"], resources=["*"]),
        Statement(
            sid="RightsInsideTheBoundary",
            actions=[
                "iam:AttachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ],
            resources=own_roles,
            conditions={"StringEquals": {"iam:PermissionsBoundary": shared.iam(f"policy{boundary}")}},
        ),
        Statement(
            sid="OwnRoles",
            actions=[
                "iam:DeleteRole",
                "iam:PassRole",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            resources=own_roles,
        ),
        Statement(
            sid="NodesOfAutoMode",
            actions=[
                "iam:AddRoleToInstanceProfile",
                "iam:CreateInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
            ],
            resources=[shared.iam("instance-profile/eks*")],
        ),
        Statement(
            sid="ServiceLinkedRoles",
            actions=["iam:CreateServiceLinkedRole"],
            resources=[shared.iam("role/aws-service-role/*")],
        ),
        Statement(
            sid="StateStays",
            effect="Deny",
            actions=[
                "s3:DeleteBucket*",
                "s3:DeleteObjectVersion",
                "s3:PutBucket*",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:PutReplicationConfiguration",
            ],
            resources=[shared.bucket_arn, pulumi.Output.format("{0}/*", shared.bucket_arn)],
        ),
        Statement(
            sid="KeyStays",
            effect="Deny",
            actions=["kms:CreateGrant", "kms:Disable*", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
            resources=[shared.key_arn],
        ),
        Statement(
            sid="ImagesStay",
            effect="Deny",
            actions=["ecr:BatchDelete*", "ecr:Delete*", "ecr:Put*", "ecr:SetRepositoryPolicy", "ecr:UploadLayerPart"],
            resources=[shared.registry_arn],
        ),
        *(
            [
                Statement(
                    sid="StateOfOtherStacks",
                    effect="Deny",
                    actions=["s3:DeleteObject", "s3:GetObject*", "s3:PutObject"],
                    resources=state_files,
                ),
                Statement(
                    sid="OtherStacks",
                    effect="Deny",
                    actions=[f"{service}:*" for service in services],
                    resources=["*"],
                    conditions={
                        "StringEquals": {"aws:ResourceTag/project": "flowise", "aws:ResourceTag/stack": other_stacks}
                    },
                ),
            ]
            if other_stacks
            else []
        ),
    ]
