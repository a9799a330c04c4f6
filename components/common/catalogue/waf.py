"""AWS WAF."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    Call,
    Given,
    InUse,
    LogConsent,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

WAFV2: Final = Service(
    name="wafv2", reference="waf/latest/APIReference", tags=TagRule(source="wafv2 CreateWebACL Tags.Key")
)

ENTRIES = (
    AwsEntry(
        type="aws:wafv2/ipSet:IpSet",
        names=(NameRule(longest=128, pattern=r"[\w\-]+", source="wafv2 CreateIPSet Name"),),
        tags=WAFV2,
        replacement=Replacement(
            properties="ipAddressVersion name namePrefix scope",
            source="wafv2/ip_set.go",
            cloudformation="AWS::WAFv2::IPSet",
        ),
        price="free",
        actions=Actions(
            read="wafv2:GetIPSet wafv2:ListTagsForResource",
            create="wafv2:CreateIPSet wafv2:TagResource",
            update="wafv2:UpdateIPSet wafv2:TagResource wafv2:UntagResource",
            delete="wafv2:DeleteIPSet",
        ),
        moto=Moto(delete="function"),
        unique=Unique(
            keys=(
                "name",
                "scope",
            ),
            code="WAFDuplicateItemException",
            source=WAFV2.api("CreateIPSet"),
        ),
        used_by=(
            InUse(
                user="aws:wafv2/webAcl:WebAcl",
                path="rules",
                code="WAFAssociatedItemException",
                source=WAFV2.api("DeleteIPSet"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:wafv2/regexPatternSet:RegexPatternSet",
        names=(NameRule(longest=128, pattern=r"[\w\-]+", source="wafv2 CreateRegexPatternSet Name"),),
        tags=WAFV2,
        replacement=Replacement(
            properties="name namePrefix scope",
            source="wafv2/regex_pattern_set.go",
            cloudformation="AWS::WAFv2::RegexPatternSet",
        ),
        price="free",
        actions=Actions(
            read="wafv2:GetRegexPatternSet wafv2:ListTagsForResource",
            create="wafv2:CreateRegexPatternSet wafv2:TagResource",
            update="wafv2:UpdateRegexPatternSet wafv2:TagResource wafv2:UntagResource",
            delete="wafv2:DeleteRegexPatternSet",
        ),
        moto=Moto(delete="function"),
        unique=Unique(
            keys=(
                "name",
                "scope",
            ),
            code="WAFDuplicateItemException",
            source=WAFV2.api("CreateRegexPatternSet"),
        ),
        used_by=(
            InUse(
                user="aws:wafv2/webAcl:WebAcl",
                path="rules",
                code="WAFAssociatedItemException",
                source=WAFV2.api("DeleteRegexPatternSet"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:wafv2/webAcl:WebAcl",
        names=(
            NameRule(longest=128, pattern=r"[\w\-]+", source="wafv2 CreateWebACL Name"),
            NameRule(
                property="visibilityConfig.metricName",
                longest=128,
                pattern="[A-Za-z0-9_-]+",
                source="wafv2 CreateWebACL VisibilityConfig.MetricName",
                says="The name can be from one to 128 characters long.",
            ),
        ),
        tags=WAFV2,
        given=Given(kind="waf", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(
            properties="name namePrefix scope", source="wafv2/web_acl.go", cloudformation="AWS::WAFv2::WebACL"
        ),
        price="rule",
        actions=Actions(
            read="wafv2:GetWebACL wafv2:ListTagsForResource",
            create="wafv2:CreateWebACL wafv2:TagResource",
            update="wafv2:UpdateWebACL wafv2:TagResource wafv2:UntagResource",
            delete="wafv2:DeleteWebACL",
        ),
        moto=Moto(delete="function"),
        unique=Unique(
            keys=(
                "name",
                "scope",
            ),
            code="WAFDuplicateItemException",
            source=WAFV2.api("CreateWebACL"),
        ),
        used_by=(
            InUse(
                user="aws:cloudfront/distribution:Distribution",
                path="webAclId",
                code="WAFAssociatedItemException",
                source=WAFV2.api("DeleteWebACL"),
            ),
        ),
        picture="security/waf.png",
    ),
    AwsEntry(
        type="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
        unnamed="its web ACL",
        replacement=Replacement(
            properties="resourceArn",
            source="wafv2/web_acl_logging_configuration.go",
            cloudformation="AWS::WAFv2::LoggingConfiguration",
        ),
        log_consent=LogConsent(
            name="firewall",
            service="delivery.logs.amazonaws.com",
            log_groups="aws-waf-logs-flowise-*",
            region="us-east-1",  # logs of a web ACL of CloudFront go there only
            source='WAF developer guide, "Logging destinations"',
        ),
        price="free",
        actions=Actions(
            read="wafv2:GetLoggingConfiguration",
            create=(
                "wafv2:PutLoggingConfiguration iam:CreateServiceLinkedRole logs:CreateLogDelivery "
                "logs:DescribeResourcePolicies logs:DescribeLogGroups"
            ),
            update="wafv2:PutLoggingConfiguration logs:CreateLogDelivery logs:UpdateLogDelivery",
            delete="wafv2:DeleteLoggingConfiguration logs:DeleteLogDelivery",
        ),
        moto=Moto(
            delete=Call(service="wafv2", operation="delete_logging_configuration", arguments={"ResourceArn": "id"}),
            put=True,
        ),
    ),
)
