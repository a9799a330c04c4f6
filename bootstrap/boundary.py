"""The permissions boundary of a stack: the most that deploying it, and every role that it makes, can do.

Own resources are known by name where AWS compares no tags: S3 compares them only where attribute-based access control
is on for the bucket (S3 user guide, "Enabling ABAC in general purpose buckets"), and hosted zones and dashboards have
none (service authorization reference). Everything else is refused by the tags `project` and `stack` that it carries.

A managed policy holds 6,144 characters, and a role has one boundary: hence the patterns. Room is made where one pattern
stands for exactly the actions that were listed (`expand` in tests/bootstrap/authorization.py shows which those are).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from bootstrap.permissions import PROJECT, Shared
from bootstrap.settings import DeliveredStack
from components.common.iam import Statement
from components.common.partition import partition

RESTORE_TEST = "awsbackup-restore-test-"
"""How the names of what AWS Backup makes for a restore test begin (AWS Backup developer guide, "Restore testing")."""

NARROWED: Mapping[str, Sequence[str]] = {
    "backup-storage": ["MountCapsule"],
    "bedrock": ["InvokeModel*"],
    "codebuild": [],
    "codeconnections": [],
    "es": [],
    "ecr": ["BatchCheck*", "BatchGet*", "Describe*", "Get*", "List*"],
    "guardduty": ["CreateMalware*"],
    "logs": ["Describe*", "List*", "*LogDelivery"],
    "route53": ["Get*", "List*"],
    "s3": ["ListAllMyBuckets"],
    "secretsmanager": ["Describe*", "GetResource*", "ListSecret*"],
    "tag": ["Get*"],
    "xray": ["Get*", "PutSpans", "PutT*"],
}
"""Services of which only this is allowed everywhere; `_own_resources` adds what is the stack's."""

_OWN: Mapping[str, Sequence[str]] = {"codeconnections": ["GetConnection*", "PassConnection", "UseConnection"]}
"""Services of which less than everything is allowed on what is the stack's own."""

ACCOUNT_SWITCHES = [
    "acm:PutAccountConfiguration", "backup:Update*Settings", "cloudfront:*Savings*", "ec2:*AllowedImages*",
    "ec2:*BlockPublicAccess*", "ec2:*Byoip*", "ec2:*EbsDefault*", "ec2:*Organization*", "ec2:*Serial*",
    "ec2:*ableEbs*", "ec2:Modify*Default*", "ec2:Modify*IdFormat", "ec2:Purchase*", "events:*Permission",
    "kms:*KeyStore*", "rds:ModifyCertificates", "sns:*Platform*", "sns:*SMS*",
]  # fmt: skip
"""What changes the whole account, whoever owns what is in it."""


@dataclass(frozen=True, kw_only=True)
class BoundaryArgs:
    """What one stack's boundary is made of."""

    stack: str
    settings: DeliveredStack
    services: Sequence[str]
    name: str
    """Name of the boundary with its path: roles can be made with it only."""
    state_key_arn: pulumi.Output[str]
    """Key that encrypts the secrets in the stack's state."""


def boundary(shared: Shared, args: BoundaryArgs) -> Sequence[Statement]:
    """Statements of the boundary, which is the deploying role's policy too."""
    aws = partition(shared.region)
    return [
        Statement(
            sid="Services",
            actions=[f"{service}:{action}" for service in args.services for action in NARROWED.get(service, ["*"])],
            resources=["*"],
        ),
        *_own_resources(aws, args),
        *_roles(shared, aws, args),
        *_state(shared, args),
        *_refusals(aws, args),
    ]


def _own_resources(aws: str, args: BoundaryArgs) -> Sequence[Statement]:
    """What is the stack's by its name. `--` ends the stack's name in those of buckets, and no stack's name holds it.

    One statement for several services, because each action takes resources of its own service only: it is shorter.
    """
    own = f"{PROJECT}-{args.stack}"
    buckets = [f"{own}--*", *([f"{RESTORE_TEST}*"] if args.settings.restore_tests else [])]
    adopted = [name for bucket in args.settings.buckets for name in (bucket, f"{bucket}/*")]
    connection = args.settings.connection_arn
    named = {
        "s3": [f"arn:{aws}:s3:::{name}" for name in (*buckets, *adopted)],
        "logs": [
            f"arn:{aws}:logs:*:*:log-group:{name}"
            for name in (
                f"{PROJECT}/{args.stack}/*",
                f"/aws/*/{own}/*",
                f"/aws/rds/instance/{own}-*",
                f"aws-waf-logs-{own}",
                f"aws-waf-logs-{own}:*",
            )
        ],
        "secretsmanager": [f"arn:{aws}:secretsmanager:*:*:secret:{PROJECT}/{args.stack}/*"],
        "es": [f"arn:{aws}:es:*:*:domain/{own}"],
        "guardduty": [f"arn:{aws}:guardduty:*:*:malware*"],  # plans; other stacks' by tags
        # The runner's project, and the one connection that it reaches GitHub by: a connection's token acts there with
        # the rights of its app, so no stack may use another's.
        "codebuild": [f"arn:{aws}:codebuild:*:*:project/{own}-*"] if connection else [],
        "codeconnections": [f"arn:{aws}:codeconnections:*:*:{connection.rpartition(':')[2]}"] if connection else [],
    }
    used = {service: arns for service, arns in named.items() if arns and service in args.services}
    statements = [
        Statement(
            sid="Own",
            actions=[f"{service}:{action}" for service in used for action in _OWN.get(service, ["*"])],
            resources=[arn for arns in used.values() for arn in arns],
        )
    ]
    if "logs" in args.services:
        statements.append(
            Statement(
                sid="Monitoring",  # what AmazonRDSEnhancedMonitoringRole allows; one log group for the account
                actions=["logs:CreateLog*", "logs:PutLogEvents", "logs:PutRetentionPolicy"],
                resources=[f"arn:{aws}:logs:*:*:log-group:RDS*"],
            )
        )
    if "secretsmanager" in args.services:
        statements += _database_secrets(aws, databases=f"arn:{aws}:rds:*:*:db:{own}-*")
    if "route53" in args.services:
        statements += _records(aws, args.settings)
    return statements


def _database_secrets(aws: str, *, databases: str) -> Sequence[Statement]:
    """RDS keeps the administrator's password in a secret that it names itself, and tags with its database."""
    secrets = [f"arn:{aws}:secretsmanager:*:*:secret:rds!db-*"]
    of_database = "aws:ResourceTag/aws:rds:primaryDBInstanceArn"
    return [
        Statement(
            sid="NewDbSecret",
            actions=["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
            resources=secrets,
            conditions={"StringLikeIfExists": {of_database: databases}},
        ),
        Statement(
            sid="DbSecret",
            actions=["secretsmanager:GetSecretValue", "secretsmanager:RotateSecret"],
            resources=secrets,
            conditions={"StringLike": {of_database: databases}},
        ),
    ]


def _records(aws: str, settings: DeliveredStack) -> Sequence[Statement]:
    """Records of the stack's own domain (Route 53 developer guide, "Using IAM policy conditions")."""
    if settings.domain is None:
        return []
    return [
        Statement(
            sid="OwnRecords",
            actions=["route53:ChangeResourceRecordSets"],
            resources=[f"arn:{aws}:route53:::hostedzone/{settings.domain.hosted_zone_id}"],
            conditions={
                "ForAllValues:StringLike": {
                    "route53:ChangeResourceRecordSetsNormalizedRecordNames": [
                        settings.domain.name,
                        f"*.{settings.domain.name}",
                    ]
                }
            },
        )
    ]


def _roles(shared: Shared, aws: str, args: BoundaryArgs) -> Sequence[Statement]:
    """Roles of the stack are known by their names: `pulumi:autonaming` in Pulumi.yaml writes them.

    They can be made and given rights only with this boundary, so nobody can make one that may do more.
    """
    own_roles = [f"arn:{aws}:iam::*:role/{PROJECT}-{args.stack}-*"]  # roles of other accounts cannot be changed anyway
    return [
        Statement(sid="ReadIam", actions=["iam:Get*", "iam:List*"], resources=["*"]),
        Statement(
            sid="Rights",
            actions=[
                "iam:*tachRolePolicy",
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:PutRole*",  # PutRolePermissionsBoundary, PutRolePolicy
            ],
            resources=own_roles,
            conditions={"StringEquals": {"iam:PermissionsBoundary": shared.iam(f"policy{args.name}")}},
        ),
        Statement(
            sid="OwnRoles",
            actions=[
                "iam:DeleteRole",
                "iam:PassRole",
                "iam:*agRole",
                "iam:Update*Role*",  # UpdateAssumeRolePolicy, UpdateRole, UpdateRoleDescription
            ],
            resources=own_roles,
        ),
        # EKS makes and deletes the profiles itself (AmazonEKSServiceRolePolicy) and adds the nodes' role as the cluster
        # (AmazonEKSComputePolicy). A profile holds one role, so nothing can be added to one that is in use.
        Statement(
            sid="MadeByServices",
            actions=["iam:AddRoleToInstanceProfile", "iam:CreateServiceLinkedRole"],
            resources=[f"arn:{aws}:iam::*:instance-profile/eks*", f"arn:{aws}:iam::*:role/aws-service-role/*"],
        ),
    ]


def _state(shared: Shared, args: BoundaryArgs) -> Sequence[Statement]:
    """The stack's own state files, and nothing else in the bucket; its key to encrypt and decrypt, and nothing else."""
    return [
        Statement(
            sid="OwnState",
            actions=["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=shared.state_files(args.stack),
        ),
        Statement(
            sid="StateBackend",
            actions=["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
            resources=[shared.bucket_arn, shared.backend_file()],
        ),
        Statement(
            sid="StateKeyStays",
            effect="Deny",
            not_actions=["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"],
            resources=[args.state_key_arn],
        ),
        Statement(
            sid="BucketKey",
            effect="Deny",
            actions=["kms:*"],
            resources=[shared.key_arn],
            conditions=shared.through_s3("StringNotLike"),
        ),
    ]


def _refusals(aws: str, args: BoundaryArgs) -> Sequence[Statement]:
    own = f"{PROJECT}-{args.stack}"
    dashboards = [f"arn:{aws}:cloudwatch::*:dashboard/{name}" for name in (own, f"{own}-*")]
    return [
        Statement(sid="Switches", effect="Deny", actions=ACCOUNT_SWITCHES, resources=["*"]),
        Statement(
            sid="OtherDashboards",
            effect="Deny",
            actions=["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
            not_resources=dashboards,
        ),
        # Automated backups carry no tags of their instance, and no name of it.
        Statement(
            sid="BackupsStay",
            effect="Deny",
            actions=["rds:DeleteDBInstanceAutomatedBackup", "rds:St*AutomatedBackupsReplication"],
            resources=["*"],
        ),
        Statement(
            sid="OtherStacks",
            effect="Deny",
            actions=["*"],
            resources=["*"],
            conditions={
                "StringEquals": {"aws:ResourceTag/project": PROJECT},
                "StringNotEquals": {"aws:ResourceTag/stack": args.stack},
            },
        ),
        Statement(
            sid="OtherClusters",  # nodes, volumes and interfaces, which EKS makes and tags
            effect="Deny",
            actions=["*"],
            resources=["*"],
            conditions={
                "StringLike": {"aws:ResourceTag/eks:eks-cluster-name": f"{PROJECT}-*"},
                "StringNotEquals": {"aws:ResourceTag/eks:eks-cluster-name": own},
            },
        ),
    ]
