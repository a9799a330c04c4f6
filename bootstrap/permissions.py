"""What the roles of previews, drift detection and the image may do; `bootstrap/boundary.py` has the deploying roles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pulumi

from components.common.catalogue import AWS
from components.common.iam import Statement
from components.common.partition import build_arn, service_hosts

PROJECT = "flowise"
"""Name of the main program; names and tags of what it makes begin with it."""

_STATE_FILES = (".pulumi/stacks/flowise/{0}.json*", ".pulumi/*/flowise/{0}/*")
"""Files of one stack in Pulumi's own backend: its state; its history, backups and locks."""
_BACKEND_FILE = ".pulumi/meta.yaml"
"""Version of the backend, which Pulumi reads first."""

_READ = [
    "acm:Describe*", "acm:GetCertificate", "acm:List*", "backup:Describe*", "backup:GetBackup*",
    "backup:GetRestoreTesting*", "backup:ListBackup*",
    "backup:ListRecoveryPointsByBackupVault", "backup:ListRestore*", "backup:ListTags", "budgets:Describe*",
    "budgets:ViewBudget",
    "budgets:ListTagsForResource", "cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*",
    "cloudwatch:Describe*", "cloudwatch:GetDashboard", "cloudwatch:List*", "codebuild:BatchGetProjects",
    "ec2:Describe*", "ec2:GetManagedPrefixListEntries",
    "ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy",
    "ecr:List*", "eks:Describe*", "eks:List*", "elasticache:Describe*", "elasticache:List*",
    "elasticloadbalancing:Describe*",
    "events:Describe*", "events:List*", "firehose:DescribeDeliveryStream",
    "firehose:List*", "iam:GetOpenIDConnectProvider",
    "iam:GetInstanceProfile", "iam:GetPolicy*", "iam:GetRole*", "iam:List*", "kms:Describe*", "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus", "kms:List*", "logs:Describe*", "logs:ListTags*", "rds:Describe*",
    "rds:ListTagsForResource", "route53:Get*", "route53:List*", "route53resolver:Get*",
    "route53resolver:List*", "s3:GetAccelerateConfiguration", "s3:GetBucket*",
    "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListTagsForResource",
    "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecret*", "sns:GetTopicAttributes", "sns:GetSubscriptionAttributes", "sns:List*",
    "sts:GetCallerIdentity", "tag:GetResources", "wafv2:Describe*", "wafv2:GetIPSet", "wafv2:GetLoggingConfiguration",
    "wafv2:GetRegexPatternSet", "wafv2:GetWebACL*", "wafv2:List*",
]  # fmt: skip
"""Shapes, not contents: no object, log line, secret, console output or password data can be read with these."""
_PROVIDER_READS = sorted({action for entry in AWS.values() for action in entry.actions.read.split()})
"""What the provider reads of the types in the catalogue; a read that shows contents is no `read` there."""
_SHAPES = [*_READ, *(a for a in _PROVIDER_READS if not any(fnmatchcase(a, pattern) for pattern in _READ))]
"""Whatever type a stack gets, its previews can read it."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What all roles share."""

    region: str
    """Region of the account's state and images; its partition is that of every ARN."""
    account_id: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    """State bucket."""
    key_arn: pulumi.Output[str]
    """Key that encrypts the state bucket and the images."""
    registry_arn: pulumi.Output[str]

    def iam(self, suffix: str) -> pulumi.Output[str]:
        """ARN of something in IAM, such as `role/flowise-dev-*`."""
        return build_arn("iam", self.region, self.account_id, suffix, place="")

    def through_s3(self, operator: str) -> Mapping[str, Mapping[str, str]]:
        """The key of the bucket opens files that S3 hands out, not what bootstrap itself has encrypted with it."""
        return {operator: {"kms:ViaService": service_hosts("s3", self.region)}}

    def state_files(self, stack: str) -> list[pulumi.Output[str]]:
        """ARNs of a stack's own files in the state bucket."""
        return [pulumi.Output.format("{0}/" + files.format(stack), self.bucket_arn) for files in _STATE_FILES]

    def backend_file(self) -> pulumi.Output[str]:
        """ARN of the file that says which kind of backend the bucket holds."""
        return pulumi.Output.format("{0}/" + _BACKEND_FILE, self.bucket_arn)


def read_only(
    shared: Shared, *, stacks: Sequence[str], state_keys: Sequence[pulumi.Output[str]]
) -> Sequence[Statement]:
    """What a preview or drift detection of `stacks` needs: shapes of everything, their state, and their secrets."""
    return [
        Statement(sid="Shapes", actions=_SHAPES, resources=["*"]),
        Statement(
            sid="ReadState",
            actions=["s3:GetObject"],
            resources=[shared.backend_file(), *(files for stack in stacks for files in shared.state_files(stack))],
        ),
        Statement(
            sid="OpenBucket",
            actions=["kms:Decrypt"],
            resources=[shared.key_arn],
            conditions=shared.through_s3("StringLike"),
        ),
        Statement(sid="OpenSecrets", actions=["kms:Decrypt"], resources=state_keys),
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
