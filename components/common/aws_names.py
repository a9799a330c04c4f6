"""What AWS takes as the name and the tags of each type that this program registers, and where it says so.

One entry a type; a type without an entry fails a test. Names that components give, names that Pulumi makes, the stack's
own name and the tags of a stack file are checked against it; docs/names.md shows it.

A source is a member of AWS's API model (`iam CreateRole RoleName`: service, operation, member), which a test compares
with the model that botocore installs, or a page. `says` are the words of the model where its constraints hold less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_DOCS = "https://docs.aws.amazon.com/"


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What a service takes as a name."""

    property: str
    """Input that holds it, as Pulumi calls it."""
    longest: int
    shortest: int = 1
    pattern: str
    """Regular expression of the whole name, in ASCII."""
    source: str
    says: str = ""
    published: bool = True
    """Whether AWS publishes the limit; a limit that it does not publish is the program's own."""


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """What a service takes as tags."""

    most: int = 50
    """Tags of one resource."""
    longest_key: int = 128
    longest_value: int = 256
    reserved: Sequence[str] = ("aws:",)
    """What neither a key nor a value may begin with, in any case."""
    source: str
    says: str = ""


@dataclass(frozen=True, kw_only=True)
class TypeRules:
    """What AWS takes for one type."""

    names: Sequence[NameRule] = ()
    unnamed: str = ""
    """What identifies it, when it has no name of its own."""
    tags: str = ""
    """Key of `TAGS`; empty: it takes none."""


TAG_CHARACTERS: Final = r"\p{L}\p{Z}\p{N}_.:/=+@-"
"""What every service takes in keys and values; most name exactly these (IAM API Reference, Tag)."""

_TAG_EDITOR = f"{_DOCS}tag-editor/latest/userguide/reference.html"
TAGS: Final[Mapping[str, TagRule]] = {
    "acm": TagRule(source="acm RequestCertificate Tags.Key"),
    "backup": TagRule(source=_TAG_EDITOR),
    "budgets": TagRule(most=200, source="budgets CreateBudget ResourceTags.Key"),
    "cloudfront": TagRule(source="cloudfront TagResource Tags.Items.Key"),
    "cloudwatch": TagRule(source="cloudwatch PutMetricAlarm Tags.Key"),
    "codebuild": TagRule(longest_key=127, longest_value=255, source="codebuild CreateProject tags.key"),
    "ec2": TagRule(
        longest_key=127,
        source="ec2 CreateTags Tags.Key",
        says="Tag keys are case-sensitive and accept a maximum of 127 Unicode characters",
    ),
    "ecr": TagRule(
        source="ecr CreateRepository tags",
        says="Tag keys can have a maximum character length of 128 characters, and tag values can have a maximum length "
        "of 256 characters",
    ),
    "eks": TagRule(source="eks CreateCluster tags.key"),
    "elasticache": TagRule(source=_TAG_EDITOR),
    "elbv2": TagRule(source="elbv2 CreateLoadBalancer Tags.Key"),
    "events": TagRule(source="events PutRule Tags.Key"),
    "firehose": TagRule(source="firehose CreateDeliveryStream Tags.Key"),
    "iam": TagRule(source="iam TagRole Tags.Key"),
    "kms": TagRule(source="kms CreateKey Tags.TagKey"),
    "logs": TagRule(source="logs CreateLogGroup tags.key"),
    "rds": TagRule(
        reserved=("aws:", "rds:"),
        source="rds CreateDBInstance Tags.Key",
        says="from 1 to 128 Unicode characters in length and can't be prefixed with aws: or rds:",
    ),
    "s3": TagRule(source=f"{_DOCS}AmazonS3/latest/API/API_control_Tag.html"),
    "secretsmanager": TagRule(source="secretsmanager CreateSecret Tags.Key"),
    "sns": TagRule(source="sns CreateTopic Tags.Key"),
    "wafv2": TagRule(source="wafv2 CreateWebACL Tags.Key"),
}
"""By service."""

LONGEST_TAG_KEY: Final = min(rule.longest_key for rule in TAGS.values())
LONGEST_TAG_VALUE: Final = min(rule.longest_value for rule in TAGS.values())
MOST_TAGS: Final = min(rule.most for rule in TAGS.values())
RESERVED_TAG_PREFIXES: Final = tuple(sorted({prefix for rule in TAGS.values() for prefix in rule.reserved}))
"""What no tag of a stack may begin with, since a stack's tags are those of all its resources."""


def _named(
    longest: int,
    pattern: str,
    source: str,
    *,
    key: str = "name",
    shortest: int = 1,
    says: str = "",
    published: bool = True,
    tags: str = "",
    more: Sequence[NameRule] = (),
) -> TypeRules:
    rule = NameRule(
        property=key,
        longest=longest,
        shortest=shortest,
        pattern=pattern,
        source=source,
        says=says,
        published=published,
    )
    return TypeRules(names=(rule, *more), tags=tags)


_LETTERS = r"[A-Za-z0-9-]+"
_NO_DOUBLE_HYPHEN = r"[A-Za-z](-?[A-Za-z0-9])*"
"""A letter first, no hyphen last, and never two of them beside each other."""
_BACKUP_NAME = r"[a-zA-Z0-9\-\_\.]{1,50}"
_ONLY_LETTERS = r"[A-Za-z0-9_]+"
_WAF = r"[\w\-]+"
_CLOUDFRONT = f"{_DOCS}cloudfront/latest/APIReference/API_"

_WITH_NAMES: Mapping[str, TypeRules] = {
    "acm/certificate:Certificate": _named(
        64,
        r"(\*\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])",
        "acm RequestCertificate DomainName",
        key="domainName",
        says="cannot exceed 64 octets (characters), including periods",
        tags="acm",
    ),
    "backup/plan:Plan": _named(
        50, _BACKUP_NAME, "backup CreateBackupPlan BackupPlan.BackupPlanName",
        says="Must contain 1 to 50 alphanumeric or '-_.' characters.", tags="backup",
    ),
    "backup/restoreTestingPlan:RestoreTestingPlan": _named(
        50, _ONLY_LETTERS, "backup CreateRestoreTestingPlan RestoreTestingPlan.RestoreTestingPlanName",
        says="it must consist of only alphanumeric characters and underscores", published=False, tags="backup",
    ),
    "backup/restoreTestingSelection:RestoreTestingSelection": _named(
        50, _ONLY_LETTERS, "backup CreateRestoreTestingSelection RestoreTestingSelection.RestoreTestingSelectionName",
        says="The name consists of only alphanumeric characters and underscores. Maximum length is 50.",
    ),
    "backup/selection:Selection": _named(
        50, _BACKUP_NAME, "backup CreateBackupSelection BackupSelection.SelectionName",
    ),
    "backup/vault:Vault": _named(
        50, r"[a-zA-Z0-9\-\_]{2,50}", "backup CreateBackupVault BackupVaultName", shortest=2, tags="backup",
    ),
    "budgets/budget:Budget": _named(
        100, r"(?!.*/action/)[^:\\]+", "budgets CreateBudget Budget.BudgetName",
        says='The : and \\ characters, and the "/action/" substring, aren\'t allowed in BudgetName.', tags="budgets",
    ),
    "cloudfront/cachePolicy:CachePolicy": _named(
        128, r"[A-Za-z0-9_-]+", f"{_CLOUDFRONT}CachePolicyConfig.html", published=False,
    ),
    "cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _named(
        128, r"[A-Za-z0-9_-]+", f"{_CLOUDFRONT}ResponseHeadersPolicyConfig.html", published=False,
    ),
    "cloudfront/vpcOrigin:VpcOrigin": _named(
        64, r"[A-Za-z0-9_-]+", f"{_CLOUDFRONT}VpcOriginEndpointConfig.html", published=False,
        key="vpcOriginEndpointConfig.name", tags="cloudfront",
    ),
    "cloudwatch/compositeAlarm:CompositeAlarm": _named(
        255, r"[^\x00-\x1f\x7f]+", "cloudwatch PutCompositeAlarm AlarmName", key="alarmName", tags="cloudwatch",
    ),
    "cloudwatch/dashboard:Dashboard": _named(
        255, r"[A-Za-z0-9_-]+", "cloudwatch PutDashboard DashboardName", key="dashboardName",
        says='The maximum length is 255, and valid characters are A-Z, a-z, 0-9, "-", and "_".',
    ),
    "cloudwatch/eventRule:EventRule": _named(64, r"[\.\-_A-Za-z0-9]+", "events PutRule Name", tags="events"),
    "cloudwatch/eventTarget:EventTarget": _named(
        64, r"[\.\-_A-Za-z0-9]+", "events PutTargets Targets.Id", key="targetId",
    ),
    "cloudwatch/logGroup:LogGroup": _named(
        512, r"[\.\-_/#A-Za-z0-9]+", "logs CreateLogGroup logGroupName", tags="logs",
    ),
    "cloudwatch/logResourcePolicy:LogResourcePolicy": _named(
        255, r"([^:*\/]+\/?)*[^:*\/]+", key="policyName",
        source=f"{_DOCS}AWSCloudFormation/latest/TemplateReference/aws-resource-logs-resourcepolicy.html",
    ),
    "cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _named(
        512, r"[^:*]*", "logs PutSubscriptionFilter filterName",
    ),
    "cloudwatch/metricAlarm:MetricAlarm": _named(
        255, r"[^\x00-\x1f\x7f]+", "cloudwatch PutMetricAlarm AlarmName",
        says="can't contain ASCII control characters", tags="cloudwatch",
    ),
    "codebuild/project:Project": _named(
        150, r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}", "codebuild CreateProject name", shortest=2, tags="codebuild",
    ),
    "ec2/securityGroup:SecurityGroup": _named(
        255, r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+", "ec2 CreateSecurityGroup GroupName",
        says="Up to 255 characters in length. Can't start with sg-.", tags="ec2",
    ),
    "ecr/repository:Repository": _named(
        256, r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
        "ecr CreateRepository repositoryName", shortest=2, tags="ecr",
    ),
    "eks/cluster:Cluster": _named(100, r"[0-9A-Za-z][A-Za-z0-9\-_]*", "eks CreateCluster name", tags="eks"),
    "elasticache/parameterGroup:ParameterGroup": _named(
        255, _NO_DOUBLE_HYPHEN, f"{_DOCS}AmazonElastiCache/latest/APIReference/API_CreateCacheParameterGroup.html",
        published=False, tags="elasticache",
    ),
    "elasticache/replicationGroup:ReplicationGroup": _named(
        40, _NO_DOUBLE_HYPHEN, "elasticache CreateReplicationGroup ReplicationGroupId", key="replicationGroupId",
        says="A name must contain from 1 to 40 alphanumeric characters or hyphens.", tags="elasticache",
    ),
    "elasticache/subnetGroup:SubnetGroup": _named(
        255, _LETTERS, "elasticache CreateCacheSubnetGroup CacheSubnetGroupName",
        says="Must contain no more than 255 alphanumeric characters or hyphens.", tags="elasticache",
    ),
    "iam/policy:Policy": _named(128, r"[\w+=,.@-]+", "iam CreatePolicy PolicyName", tags="iam"),
    "iam/role:Role": _named(64, r"[\w+=,.@-]+", "iam CreateRole RoleName", tags="iam"),
    "iam/rolePolicy:RolePolicy": _named(128, r"[\w+=,.@-]+", "iam PutRolePolicy PolicyName"),
    "kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _named(
        64, r"[a-zA-Z0-9_.-]+", "firehose CreateDeliveryStream DeliveryStreamName", tags="firehose",
    ),
    "kms/alias:Alias": _named(
        256, r"alias/(?!aws/)[a-zA-Z0-9/_-]+", "kms CreateAlias AliasName",
        says="It can contain only alphanumeric characters, forward slashes (/), underscores (_), and dashes (-).",
    ),
    "lb/loadBalancer:LoadBalancer": _named(
        32, r"(?!-|internal-)[A-Za-z0-9-]*[A-Za-z0-9]", "elbv2 CreateLoadBalancer Name",
        says="can have a maximum of 32 characters, must contain only alphanumeric characters or hyphens, must not "
        'begin or end with a hyphen, and must not begin with "internal-"', tags="elbv2",
    ),
    "lb/targetGroup:TargetGroup": _named(
        32, r"(?!-)[A-Za-z0-9-]*[A-Za-z0-9]", "elbv2 CreateTargetGroup Name",
        says="can have a maximum of 32 characters, must contain only alphanumeric characters or hyphens, and must not "
        "begin or end with a hyphen", tags="elbv2",
    ),
    "rds/eventSubscription:EventSubscription": _named(
        254, r"[A-Za-z](-?[A-Za-z0-9])*", "rds CreateEventSubscription SubscriptionName",
        says="The name must be less than 255 characters.", tags="rds",
    ),
    "rds/instance:Instance": _named(
        63, _NO_DOUBLE_HYPHEN, "rds CreateDBInstance DBInstanceIdentifier", key="identifier",
        says="Must contain from 1 to 63 letters, numbers, or hyphens.", tags="rds",
        more=[
            NameRule(
                property="username", longest=16, pattern=r"[A-Za-z][A-Za-z0-9_]*",
                source="rds CreateDBInstance MasterUsername", says="Must be 1 to 16 letters, numbers, or underscores.",
            )
        ],
    ),
    "rds/parameterGroup:ParameterGroup": _named(
        255, _NO_DOUBLE_HYPHEN, "rds CreateDBParameterGroup DBParameterGroupName",
        says="Must be 1 to 255 letters, numbers, or hyphens.", tags="rds",
    ),
    "rds/subnetGroup:SubnetGroup": _named(
        255, r"[A-Za-z][A-Za-z0-9._ -]*", "rds CreateDBSubnetGroup DBSubnetGroupName",
        says="Must contain no more than 255 letters, numbers, periods, underscores, spaces, or hyphens.", tags="rds",
    ),
    "route53/record:Record": _named(
        1024, r"[A-Za-z0-9_*.-]+", "route53 ChangeResourceRecordSets ChangeBatch.Changes.ResourceRecordSet.Name",
    ),
    "s3/bucket:Bucket": _named(
        63, r"[a-z0-9][a-z0-9-]*[a-z0-9]", f"{_DOCS}AmazonS3/latest/userguide/bucketnamingrules.html",
        key="bucket", shortest=3, tags="s3",
    ),
    "secretsmanager/secret:Secret": _named(
        512, r"[A-Za-z0-9/_+=.@-]+", "secretsmanager CreateSecret Name",
        says="can contain ASCII letters, numbers, and the following characters: /_+=.@-", tags="secretsmanager",
    ),
    "sns/topic:Topic": _named(
        256, r"[A-Za-z0-9_-]+", "sns CreateTopic Name",
        says="must be between 1 and 256 characters long", tags="sns",
    ),
    "wafv2/ipSet:IpSet": _named(128, _WAF, "wafv2 CreateIPSet Name", tags="wafv2"),
    "wafv2/regexPatternSet:RegexPatternSet": _named(128, _WAF, "wafv2 CreateRegexPatternSet Name", tags="wafv2"),
    "wafv2/webAcl:WebAcl": _named(
        128, _WAF, "wafv2 CreateWebACL Name", tags="wafv2",
        more=[
            NameRule(
                property="visibilityConfig.metricName", longest=128, pattern=r"[A-Za-z0-9_-]+",
                source="wafv2 CreateWebACL VisibilityConfig.MetricName",
                says="The name can be from one to 128 characters long.",
            )
        ],
    ),
}  # fmt: skip


def _unnamed(by: str, tags: str, *types: str) -> Mapping[str, TypeRules]:
    return dict.fromkeys(types, TypeRules(unnamed=by, tags=tags))


_WITHOUT_NAMES: Mapping[str, TypeRules] = {
    **_unnamed(
        "an id that AWS gives",
        "ec2",
        "ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "ec2/eip:Eip",
        "ec2/flowLog:FlowLog",
        "ec2/internetGateway:InternetGateway",
        "ec2/natGateway:NatGateway",
        "ec2/routeTable:RouteTable",
        "ec2/subnet:Subnet",
        "ec2/vpc:Vpc",
        "ec2/vpcEndpoint:VpcEndpoint",
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    **_unnamed("an id that AWS gives", "kms", "kms/key:Key", "kms/replicaKey:ReplicaKey"),
    **_unnamed("an id that AWS gives", "cloudfront", "cloudfront/distribution:Distribution"),
    **_unnamed("an ARN that AWS gives", "elbv2", "lb/listener:Listener", "lb/listenerRule:ListenerRule"),
    **_unnamed("an ARN that AWS gives", "", "sns/topicSubscription:TopicSubscription"),
    **_unnamed("the address of the issuer", "iam", "iam/openIdConnectProvider:OpenIdConnectProvider"),
    **_unnamed("its cluster and its principal", "eks", "eks/accessEntry:AccessEntry"),
    **_unnamed("its cluster and the add-on, named by AWS", "eks", "eks/addon:Addon"),
    **_unnamed("an id that AWS gives", "eks", "eks/podIdentityAssociation:PodIdentityAssociation"),
    **_unnamed("its cluster, principal and policy", "", "eks/accessPolicyAssociation:AccessPolicyAssociation"),
    **_unnamed("its certificate", "", "acm/certificateValidation:CertificateValidation"),
    **_unnamed(
        "its vault",
        "",
        "backup/vaultLockConfiguration:VaultLockConfiguration",
        "backup/vaultNotifications:VaultNotifications",
        "backup/vaultPolicy:VaultPolicy",
    ),
    **_unnamed("its project", "", "codebuild/webhook:Webhook"),
    **_unnamed("its distribution", "", "cloudfront/monitoringSubscription:MonitoringSubscription"),
    **_unnamed("its route table", "", "ec2/route:Route", "ec2/routeTableAssociation:RouteTableAssociation"),
    **_unnamed("its repository", "", "ecr/lifecyclePolicy:LifecyclePolicy"),
    **_unnamed(
        "the account",
        "",
        "ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        "ecr/replicationConfiguration:ReplicationConfiguration",
    ),
    **_unnamed("its role and policy", "", "iam/rolePolicyAttachment:RolePolicyAttachment"),
    **_unnamed(
        "its bucket",
        "",
        "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "s3/bucketLogging:BucketLogging",
        "s3/bucketOwnershipControls:BucketOwnershipControls",
        "s3/bucketPolicy:BucketPolicy",
        "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "s3/bucketReplicationConfig:BucketReplicationConfig",
        "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "s3/bucketVersioning:BucketVersioning",
    ),
    **_unnamed("its secret", "", "secretsmanager/secretVersion:SecretVersion"),
    **_unnamed("its topic", "", "sns/topicPolicy:TopicPolicy"),
    **_unnamed("its web ACL", "", "wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"),
}

TYPES: Final[Mapping[str, TypeRules]] = MappingProxyType(
    {f"aws:{type_}": rules for type_, rules in sorted({**_WITH_NAMES, **_WITHOUT_NAMES}.items())}
)
"""By the type's token, such as `aws:iam/role:Role`."""


def longest_name(type_: str) -> int:
    """Longest name of a type that has one."""
    return TYPES[type_].names[0].longest
