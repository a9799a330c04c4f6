"""Names that are taken, deletion protection, and what is in use: AWS's rules, each with its page.

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
_CDN = f"{_DOCS}cloudfront/latest/APIReference/API_"
_WAF = f"{_DOCS}waf/latest/APIReference/API_"
_BACKUP = f"{_DOCS}aws-backup/latest/devguide/API_"


@dataclass(frozen=True, kw_only=True)
class Protected:
    """Deletion protection."""

    key: str
    code: str
    says: str
    source: str


PROTECTED: Final[Mapping[str, Protected]] = {
    "aws:rds/instance:Instance": Protected(
        key="deletionProtection",
        code="InvalidParameterCombination",
        says="Cannot delete protected DB Instance, please disable deletion protection and try again.",
        source=f"{_DOCS}AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    ),
    "aws:eks/cluster:Cluster": Protected(
        key="deletionProtection",
        code="InvalidRequestException",
        says="the cluster cannot be deleted while deletion protection is enabled",
        source=f"{_DOCS}eks/latest/userguide/deletion-protection.html",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Protected(
        key="enableDeletionProtection",
        code="OperationNotPermitted",
        says="Load balancer cannot be deleted because deletion protection is enabled",
        source=f"{_ELB}DeleteLoadBalancer.html",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Container:
    """What must be empty before it can be deleted."""

    code: str
    says: str
    source: str
    status: int = 400


CONTAINERS: Final[Mapping[str, Container]] = {
    "aws:s3/bucket:Bucket": Container(
        status=409,
        code="BucketNotEmpty",
        says="The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        source=f"{_DOCS}AmazonS3/latest/API/API_DeleteBucket.html",
    ),
    "aws:backup/vault:Vault": Container(
        code="InvalidRequestException",
        says="Backup vault cannot be deleted because it contains recovery points",
        source=f"{_BACKUP}DeleteBackupVault.html",
    ),
    "aws:ecr/repository:Repository": Container(
        code="RepositoryNotEmptyException",
        says="The repository cannot be deleted because it still contains images",
        source=f"{_DOCS}AmazonECR/latest/APIReference/API_DeleteRepository.html",
    ),
}


@dataclass(frozen=True, kw_only=True)
class InUse:
    """A use that keeps a resource from being deleted."""

    user: str
    path: str
    """Where the user names it; what is below the path's end counts too."""
    code: str
    source: str
    status: int = 400
    not_of_itself: str = ""
    """A user that names the resource here is part of it, and goes with it."""


def _violates(user: str, path: str, operation: str, *, not_of_itself: str = "") -> InUse:
    source = f"{_EC2}{operation}.html"
    return InUse(user=user, path=path, code="DependencyViolation", source=source, not_of_itself=not_of_itself)


def _conflict(user: str, path: str, operation: str) -> InUse:
    return InUse(user=user, path=path, code="DeleteConflict", status=409, source=f"{_IAM}{operation}.html")


def _edge(path: str, code: str, operation: str) -> InUse:
    user = "aws:cloudfront/distribution:Distribution"
    return InUse(user=user, path=path, code=code, status=409, source=f"{_CDN}{operation}.html")


_INSTANCE, _CACHE_GROUP = "aws:rds/instance:Instance", "aws:elasticache/replicationGroup:ReplicationGroup"
_ALB, _ENDPOINT, _NAT = (
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/natGateway:NatGateway",
)
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_BEHAVIORS = ("defaultCacheBehavior", "orderedCacheBehaviors")

IN_USE: Final[Mapping[str, tuple[InUse, ...]]] = {
    "aws:ec2/securityGroup:SecurityGroup": (
        _violates(_INGRESS, "referencedSecurityGroupId", "DeleteSecurityGroup", not_of_itself="securityGroupId"),
        _violates(_EGRESS, "referencedSecurityGroupId", "DeleteSecurityGroup", not_of_itself="securityGroupId"),
        _violates(_INSTANCE, "vpcSecurityGroupIds", "DeleteSecurityGroup"),
        _violates(_CACHE_GROUP, "securityGroupIds", "DeleteSecurityGroup"),
        _violates(_ALB, "securityGroups", "DeleteSecurityGroup"),
        _violates(_ENDPOINT, "securityGroupIds", "DeleteSecurityGroup"),
    ),
    "aws:ec2/subnet:Subnet": (
        _violates(_NAT, "subnetId", "DeleteSubnet"),
        _violates(_ALB, "subnets", "DeleteSubnet"),
        _violates(_ENDPOINT, "subnetIds", "DeleteSubnet"),
        _violates("aws:eks/cluster:Cluster", "vpcConfig.subnetIds", "DeleteSubnet"),
    ),
    "aws:ec2/vpc:Vpc": (
        _violates("aws:ec2/subnet:Subnet", "vpcId", "DeleteVpc"),
        _violates("aws:ec2/internetGateway:InternetGateway", "vpcId", "DeleteVpc"),
        _violates("aws:ec2/securityGroup:SecurityGroup", "vpcId", "DeleteVpc"),
        _violates(_ENDPOINT, "vpcId", "DeleteVpc"),
        _violates("aws:ec2/routeTable:RouteTable", "vpcId", "DeleteVpc"),
    ),
    "aws:ec2/routeTable:RouteTable": (
        _violates("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId", "DeleteRouteTable"),
    ),
    "aws:ec2/eip:Eip": (
        InUse(user=_NAT, path="allocationId", code="InvalidIPAddress.InUse", source=f"{_EC2}ReleaseAddress.html"),
    ),
    "aws:rds/parameterGroup:ParameterGroup": (
        InUse(
            user=_INSTANCE,
            path="parameterGroupName",
            code="InvalidDBParameterGroupState",
            source=f"{_RDS}DeleteDBParameterGroup.html",
        ),
    ),
    "aws:rds/subnetGroup:SubnetGroup": (
        InUse(
            user=_INSTANCE,
            path="dbSubnetGroupName",
            code="InvalidDBSubnetGroupStateFault",
            source=f"{_RDS}DeleteDBSubnetGroup.html",
        ),
    ),
    "aws:elasticache/parameterGroup:ParameterGroup": (
        InUse(
            user=_CACHE_GROUP,
            path="parameterGroupName",
            code="InvalidCacheParameterGroupState",
            source=f"{_CACHE}DeleteCacheParameterGroup.html",
        ),
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": (
        InUse(
            user=_CACHE_GROUP,
            path="subnetGroupName",
            code="CacheSubnetGroupInUse",
            source=f"{_CACHE}DeleteCacheSubnetGroup.html",
        ),
    ),
    "aws:lb/targetGroup:TargetGroup": (
        InUse(
            user="aws:lb/listener:Listener",
            path="defaultActions",
            code="ResourceInUse",
            source=f"{_ELB}DeleteTargetGroup.html",
        ),
        InUse(
            user="aws:lb/listenerRule:ListenerRule",
            path="actions",
            code="ResourceInUse",
            source=f"{_ELB}DeleteTargetGroup.html",
        ),
    ),
    _ALB: (
        InUse(
            user="aws:cloudfront/vpcOrigin:VpcOrigin",
            path="vpcOriginEndpointConfig.arn",
            code="ResourceInUse",
            source=f"{_ELB}DeleteLoadBalancer.html",
        ),
    ),
    "aws:cloudfront/vpcOrigin:VpcOrigin": (
        _edge("origins.vpcOriginConfig.vpcOriginId", "CannotDeleteEntityWhileInUse", "DeleteVpcOrigin"),
    ),
    "aws:cloudfront/cachePolicy:CachePolicy": tuple(
        _edge(f"{behavior}.cachePolicyId", "CachePolicyInUse", "DeleteCachePolicy") for behavior in _BEHAVIORS
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": tuple(
        _edge(f"{behavior}.responseHeadersPolicyId", "ResponseHeadersPolicyInUse", "DeleteResponseHeadersPolicy")
        for behavior in _BEHAVIORS
    ),
    "aws:wafv2/webAcl:WebAcl": (
        InUse(
            user="aws:cloudfront/distribution:Distribution",
            path="webAclId",
            code="WAFAssociatedItemException",
            source=f"{_WAF}DeleteWebACL.html",
        ),
    ),
    "aws:wafv2/ipSet:IpSet": (
        InUse(
            user="aws:wafv2/webAcl:WebAcl",
            path="rules",
            code="WAFAssociatedItemException",
            source=f"{_WAF}DeleteIPSet.html",
        ),
    ),
    "aws:wafv2/regexPatternSet:RegexPatternSet": (
        InUse(
            user="aws:wafv2/webAcl:WebAcl",
            path="rules",
            code="WAFAssociatedItemException",
            source=f"{_WAF}DeleteRegexPatternSet.html",
        ),
    ),
    "aws:iam/role:Role": (
        _conflict("aws:iam/rolePolicy:RolePolicy", "role", "DeleteRole"),
        _conflict("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", "DeleteRole"),
    ),
    "aws:iam/policy:Policy": (
        _conflict("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn", "DeletePolicy"),
    ),
    "aws:acm/certificate:Certificate": (
        InUse(
            user="aws:lb/listener:Listener",
            path="certificateArn",
            code="ResourceInUseException",
            source=f"{_DOCS}acm/latest/APIReference/API_DeleteCertificate.html",
        ),
        InUse(
            user="aws:cloudfront/distribution:Distribution",
            path="viewerCertificate.acmCertificateArn",
            code="ResourceInUseException",
            source=f"{_DOCS}acm/latest/APIReference/API_DeleteCertificate.html",
        ),
    ),
    "aws:backup/plan:Plan": (
        InUse(
            user="aws:backup/selection:Selection",
            path="planId",
            code="InvalidRequestException",
            source=f"{_BACKUP}DeleteBackupPlan.html",
        ),
    ),
    "aws:backup/restoreTestingPlan:RestoreTestingPlan": (
        InUse(
            user="aws:backup/restoreTestingSelection:RestoreTestingSelection",
            path="restoreTestingPlanName",
            code="InvalidRequestException",
            source=f"{_BACKUP}DeleteRestoreTestingPlan.html",
        ),
    ),
}
