"""Amazon CloudFront."""

from typing import Final

from components.common.catalogue.entry import (
    IGNORED,
    Actions,
    AwsEntry,
    Given,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

CLOUDFRONT: Final = Service(
    name="cloudfront",
    reference="cloudfront/latest/APIReference",
    tags=TagRule(source="cloudfront TagResource Tags.Items.Key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:cloudfront/cachePolicy:CachePolicy",
        names=(
            NameRule(
                longest=128, pattern="[A-Za-z0-9_-]+", source=CLOUDFRONT.api("CachePolicyConfig"), published=False
            ),
        ),
        replacement=Replacement(
            properties="", source="cloudfront/cache_policy.go", cloudformation="AWS::CloudFront::CachePolicy"
        ),
        price="free",
        actions=Actions(
            read="cloudfront:GetCachePolicy",
            create="cloudfront:CreateCachePolicy",
            update="cloudfront:UpdateCachePolicy",
            delete="cloudfront:DeleteCachePolicy",
        ),
        moto=Moto(recorded_only="moto has no cache policies"),
        unique=Unique(
            code="CachePolicyAlreadyExists", status=409, everywhere=True, source=CLOUDFRONT.api("CreateCachePolicy")
        ),
        used_by=(
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="defaultCacheBehavior.cachePolicyId",
                code="CachePolicyInUse",
                status=409,
                source=CLOUDFRONT.api("DeleteCachePolicy"),
            ),
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="orderedCacheBehaviors.cachePolicyId",
                code="CachePolicyInUse",
                status=409,
                source=CLOUDFRONT.api("DeleteCachePolicy"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:cloudfront/distribution:Distribution",
        unnamed="an id that AWS gives",
        tags=CLOUDFRONT,
        replacement=Replacement(
            properties="staging", source="cloudfront/distribution.go", cloudformation="AWS::CloudFront::Distribution"
        ),
        price="rule",
        actions=Actions(
            read="cloudfront:GetDistribution cloudfront:ListTagsForResource",
            create="cloudfront:CreateDistribution cloudfront:TagResource",
            update="cloudfront:UpdateDistribution cloudfront:TagResource cloudfront:UntagResource",
            delete="cloudfront:UpdateDistribution cloudfront:DeleteDistribution",
        ),
        moto=Moto(lost={"origins.vpcOriginConfig": IGNORED}, delete="function"),
        picture="network/cloudfront.png",
    ),
    AwsEntry(
        type="aws:cloudfront/monitoringSubscription:MonitoringSubscription",
        unnamed="its distribution",
        replacement=Replacement(
            properties="distributionId",
            source="cloudfront/monitoring_subscription.go",
            cloudformation="AWS::CloudFront::MonitoringSubscription",
        ),
        price="rule",
        actions=Actions(
            read="cloudfront:GetMonitoringSubscription",
            create="cloudfront:CreateMonitoringSubscription",
            delete="cloudfront:DeleteMonitoringSubscription",
        ),
        moto=Moto(recorded_only="moto has no additional metrics"),
    ),
    AwsEntry(
        type="aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        names=(
            NameRule(
                longest=128,
                pattern="[A-Za-z0-9_-]+",
                source=CLOUDFRONT.api("ResponseHeadersPolicyConfig"),
                published=False,
            ),
        ),
        replacement=Replacement(
            properties="",
            source="cloudfront/response_headers_policy.go",
            cloudformation="AWS::CloudFront::ResponseHeadersPolicy",
        ),
        price="free",
        actions=Actions(
            read="cloudfront:GetResponseHeadersPolicy",
            create="cloudfront:CreateResponseHeadersPolicy",
            update="cloudfront:UpdateResponseHeadersPolicy",
            delete="cloudfront:DeleteResponseHeadersPolicy",
        ),
        moto=Moto(recorded_only="moto has no response headers policies"),
        unique=Unique(
            code="ResponseHeadersPolicyAlreadyExists",
            status=409,
            everywhere=True,
            source=CLOUDFRONT.api("CreateResponseHeadersPolicy"),
        ),
        used_by=(
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="defaultCacheBehavior.responseHeadersPolicyId",
                code="ResponseHeadersPolicyInUse",
                status=409,
                source=CLOUDFRONT.api("DeleteResponseHeadersPolicy"),
            ),
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="orderedCacheBehaviors.responseHeadersPolicyId",
                code="ResponseHeadersPolicyInUse",
                status=409,
                source=CLOUDFRONT.api("DeleteResponseHeadersPolicy"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:cloudfront/vpcOrigin:VpcOrigin",
        names=(
            NameRule(
                property="vpcOriginEndpointConfig.name",
                longest=64,
                pattern="[A-Za-z0-9_-]+",
                source=CLOUDFRONT.api("VpcOriginEndpointConfig"),
                published=False,
            ),
        ),
        tags=CLOUDFRONT,
        given=Given(kind="vpc-origin", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(
            properties="", source="cloudfront/vpc_origin.go", cloudformation="AWS::CloudFront::VpcOrigin"
        ),
        price="free",
        actions=Actions(
            read="cloudfront:GetVpcOrigin cloudfront:ListTagsForResource",
            create=(
                "cloudfront:CreateVpcOrigin cloudfront:TagResource ec2:DescribeInternetGateways "
                "ec2:DescribeSubnets ec2:DescribeSecurityGroups elasticloadbalancing:DescribeLoadBalancers "
                "elasticloadbalancing:DescribeListeners iam:CreateServiceLinkedRole"
            ),
            update="cloudfront:UpdateVpcOrigin cloudfront:TagResource cloudfront:UntagResource",
            delete="cloudfront:DeleteVpcOrigin",
        ),
        moto=Moto(recorded_only="moto has no VPC origins"),
        used_by=(
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="origins.vpcOriginConfig.vpcOriginId",
                code="CannotDeleteEntityWhileInUse",
                status=409,
                source=CLOUDFRONT.api("DeleteVpcOrigin"),
            ),
        ),
    ),
)
