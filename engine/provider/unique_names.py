"""Names that AWS gives once: an account, a region, or the world.

The page of AWS that each entry names was not opened for this list: an error code may be worded otherwise there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_DOCS = "https://docs.aws.amazon.com/"
_EC2 = f"{_DOCS}AWSEC2/latest/APIReference/API_"
_IAM = f"{_DOCS}IAM/latest/APIReference/API_"
_RDS = f"{_DOCS}AmazonRDS/latest/APIReference/API_"
_CACHE = f"{_DOCS}AmazonElastiCache/latest/APIReference/API_"
_ELB = f"{_DOCS}elasticloadbalancing/latest/APIReference/API_"
_EKS = f"{_DOCS}eks/latest/APIReference/API_"
_CDN = f"{_DOCS}cloudfront/latest/APIReference/API_"
_WAF = f"{_DOCS}waf/latest/APIReference/API_"
_BACKUP = f"{_DOCS}aws-backup/latest/devguide/API_"


@dataclass(frozen=True, kw_only=True)
class Unique:
    """What may exist once only."""

    keys: tuple[str, ...]
    code: str
    source: str
    status: int = 400
    everywhere: bool = False
    """In all regions."""
    kept_while_pending: bool = False
    """The name stays taken until the deletion is final."""


UNIQUE: Final[Mapping[str, Unique]] = {
    "aws:s3/bucket:Bucket": Unique(
        keys=("bucket",),
        everywhere=True,
        status=409,
        code="BucketAlreadyOwnedByYou",
        source=f"{_DOCS}AmazonS3/latest/API/API_CreateBucket.html",
    ),
    "aws:iam/role:Role": Unique(
        keys=("name",), everywhere=True, status=409, code="EntityAlreadyExists", source=f"{_IAM}CreateRole.html"
    ),
    "aws:iam/policy:Policy": Unique(
        keys=("name",), everywhere=True, status=409, code="EntityAlreadyExists", source=f"{_IAM}CreatePolicy.html"
    ),
    "aws:rds/instance:Instance": Unique(
        keys=("identifier",), code="DBInstanceAlreadyExists", source=f"{_RDS}CreateDBInstance.html"
    ),
    "aws:rds/parameterGroup:ParameterGroup": Unique(
        keys=("name",), code="DBParameterGroupAlreadyExists", source=f"{_RDS}CreateDBParameterGroup.html"
    ),
    "aws:rds/subnetGroup:SubnetGroup": Unique(
        keys=("name",), code="DBSubnetGroupAlreadyExists", source=f"{_RDS}CreateDBSubnetGroup.html"
    ),
    "aws:rds/eventSubscription:EventSubscription": Unique(
        keys=("name",), code="SubscriptionAlreadyExist", source=f"{_RDS}CreateEventSubscription.html"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": Unique(
        keys=("replicationGroupId",),
        code="ReplicationGroupAlreadyExists",
        source=f"{_CACHE}CreateReplicationGroup.html",
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": Unique(
        keys=("name",), code="CacheParameterGroupAlreadyExists", source=f"{_CACHE}CreateCacheParameterGroup.html"
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": Unique(
        keys=("name",), code="CacheSubnetGroupAlreadyExists", source=f"{_CACHE}CreateCacheSubnetGroup.html"
    ),
    "aws:lb/loadBalancer:LoadBalancer": Unique(
        keys=("name",), code="DuplicateLoadBalancerName", source=f"{_ELB}CreateLoadBalancer.html"
    ),
    "aws:lb/targetGroup:TargetGroup": Unique(
        keys=("name",), code="DuplicateTargetGroupName", source=f"{_ELB}CreateTargetGroup.html"
    ),
    "aws:cloudwatch/logGroup:LogGroup": Unique(
        keys=("name",),
        code="ResourceAlreadyExistsException",
        source=f"{_DOCS}AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
    ),
    "aws:kms/alias:Alias": Unique(
        keys=("name",),
        code="AlreadyExistsException",
        source=f"{_DOCS}kms/latest/APIReference/API_CreateAlias.html",
    ),
    "aws:secretsmanager/secret:Secret": Unique(
        keys=("name",),
        kept_while_pending=True,
        code="ResourceExistsException",
        source=f"{_DOCS}secretsmanager/latest/apireference/API_CreateSecret.html",
    ),
    "aws:eks/cluster:Cluster": Unique(
        keys=("name",), status=409, code="ResourceInUseException", source=f"{_EKS}CreateCluster.html"
    ),
    "aws:eks/accessEntry:AccessEntry": Unique(
        keys=("clusterName", "principalArn"),
        status=409,
        code="ResourceInUseException",
        source=f"{_EKS}CreateAccessEntry.html",
    ),
    "aws:eks/addon:Addon": Unique(
        keys=("clusterName", "addonName"),
        status=409,
        code="ResourceInUseException",
        source=f"{_EKS}CreateAddon.html",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Unique(
        keys=("clusterName", "namespace", "serviceAccount"),
        status=409,
        code="ResourceInUseException",
        source=f"{_EKS}CreatePodIdentityAssociation.html",
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": Unique(
        keys=("name",),
        everywhere=True,
        status=409,
        code="CachePolicyAlreadyExists",
        source=f"{_CDN}CreateCachePolicy.html",
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Unique(
        keys=("name",),
        everywhere=True,
        status=409,
        code="ResponseHeadersPolicyAlreadyExists",
        source=f"{_CDN}CreateResponseHeadersPolicy.html",
    ),
    "aws:ecr/repository:Repository": Unique(
        keys=("name",),
        code="RepositoryAlreadyExistsException",
        source=f"{_DOCS}AmazonECR/latest/APIReference/API_CreateRepository.html",
    ),
    "aws:backup/vault:Vault": Unique(
        keys=("name",), code="AlreadyExistsException", source=f"{_BACKUP}CreateBackupVault.html"
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": Unique(
        keys=("name",), code="AlreadyExistsException", source=f"{_BACKUP}CreateRestoreTestingPlan.html"
    ),
    "aws:wafv2/webAcl:WebAcl": Unique(
        keys=("name", "scope"), code="WAFDuplicateItemException", source=f"{_WAF}CreateWebACL.html"
    ),
    "aws:wafv2/ipSet:IpSet": Unique(
        keys=("name", "scope"), code="WAFDuplicateItemException", source=f"{_WAF}CreateIPSet.html"
    ),
    "aws:wafv2/regexPatternSet:RegexPatternSet": Unique(
        keys=("name", "scope"), code="WAFDuplicateItemException", source=f"{_WAF}CreateRegexPatternSet.html"
    ),
    "aws:ec2/securityGroup:SecurityGroup": Unique(
        keys=("name", "vpcId"), code="InvalidGroup.Duplicate", source=f"{_EC2}CreateSecurityGroup.html"
    ),
    "aws:ec2/subnet:Subnet": Unique(
        keys=("vpcId", "cidrBlock"), code="InvalidSubnet.Conflict", source=f"{_EC2}CreateSubnet.html"
    ),
    "aws:budgets/budget:Budget": Unique(
        keys=("name",),
        everywhere=True,
        code="DuplicateRecordException",
        source=f"{_DOCS}aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html",
    ),
    "aws:codebuild/project:Project": Unique(
        keys=("name",),
        code="ResourceAlreadyExistsException",
        source=f"{_DOCS}codebuild/latest/APIReference/API_CreateProject.html",
    ),
    "aws:codebuild/webhook:Webhook": Unique(
        keys=("projectName",),
        code="ResourceAlreadyExistsException",
        source=f"{_DOCS}codebuild/latest/APIReference/API_CreateWebhook.html",
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": Unique(
        keys=("name",),
        code="ResourceInUseException",
        source=f"{_DOCS}firehose/latest/APIReference/API_CreateDeliveryStream.html",
    ),
}
