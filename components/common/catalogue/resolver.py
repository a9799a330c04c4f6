"""Amazon Route 53 Resolver: DNS Firewall and query logs."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    LogConsent,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
)

ROUTE53RESOLVER: Final = Service(
    name="route53resolver",
    reference="Route53/latest/APIReference",
    in_page_names="route53resolver_",
    tags=TagRule(most=200, source="route53resolver CreateFirewallRuleGroup Tags.Key"),
)

_PATTERN: Final = r"(?!^[0-9]+$)([a-zA-Z0-9\-_' ']+)"
_NO_FIREWALL: Final = Moto(recorded_only="moto has Resolver, but not its DNS Firewall")
_TAG: Final = "route53resolver:TagResource"
_UNTAG: Final = "route53resolver:UntagResource"


def _name(operation: str) -> NameRule:
    return NameRule(longest=64, pattern=_PATTERN, source=f"route53resolver {operation} Name")


ENTRIES = (
    AwsEntry(
        type="aws:route53/resolverFirewallConfig:ResolverFirewallConfig",
        unnamed="its VPC",
        replacement=Replacement(properties="resourceId", source="route53resolver/firewall_config.go"),
        price="free",
        actions=Actions(
            read="route53resolver:GetFirewallConfig ec2:DescribeVpcs",
            create="route53resolver:UpdateFirewallConfig ec2:DescribeVpcs",
            update="route53resolver:UpdateFirewallConfig",
            delete="route53resolver:UpdateFirewallConfig",
        ),
        moto=_NO_FIREWALL,
    ),
    AwsEntry(
        type="aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList",
        names=(_name("CreateFirewallDomainList"),),
        tags=ROUTE53RESOLVER,
        replacement=Replacement(
            properties="name",
            source="route53resolver/firewall_domain_list.go",
            cloudformation="AWS::Route53Resolver::FirewallDomainList",
        ),
        price="rule",
        actions=Actions(
            read=(
                "route53resolver:GetFirewallDomainList route53resolver:ListFirewallDomains "
                "route53resolver:ListTagsForResource"
            ),
            create=f"route53resolver:CreateFirewallDomainList route53resolver:UpdateFirewallDomains {_TAG}",
            update=f"route53resolver:UpdateFirewallDomains {_TAG} {_UNTAG}",
            delete="route53resolver:DeleteFirewallDomainList",
        ),
        moto=_NO_FIREWALL,
    ),
    AwsEntry(
        type="aws:route53/resolverFirewallRule:ResolverFirewallRule",
        names=(_name("CreateFirewallRule"),),
        replacement=Replacement(
            properties="dnsThreatProtection firewallDomainListId firewallRuleGroupId",
            source="route53resolver/firewall_rule.go",
        ),
        price="free",
        actions=Actions(
            read="route53resolver:ListFirewallRules",
            create="route53resolver:CreateFirewallRule",
            update="route53resolver:UpdateFirewallRule",
            delete="route53resolver:DeleteFirewallRule",
        ),
        moto=_NO_FIREWALL,
    ),
    AwsEntry(
        type="aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
        names=(_name("CreateFirewallRuleGroup"),),
        tags=ROUTE53RESOLVER,
        replacement=Replacement(
            properties="name",
            source="route53resolver/firewall_rule_group.go",
            cloudformation="AWS::Route53Resolver::FirewallRuleGroup",
        ),
        price="free",
        actions=Actions(
            read="route53resolver:GetFirewallRuleGroup route53resolver:ListTagsForResource",
            create=f"route53resolver:CreateFirewallRuleGroup {_TAG}",
            update=f"{_TAG} {_UNTAG}",
            delete="route53resolver:DeleteFirewallRuleGroup",
        ),
        moto=_NO_FIREWALL,
        picture="network/route-53.png",
    ),
    AwsEntry(
        type="aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation",
        names=(_name("AssociateFirewallRuleGroup"),),
        tags=ROUTE53RESOLVER,
        replacement=Replacement(
            properties="firewallRuleGroupId vpcId",
            source="route53resolver/firewall_rule_group_association.go",
            cloudformation="AWS::Route53Resolver::FirewallRuleGroupAssociation",
        ),
        price="rule",
        actions=Actions(
            read="route53resolver:GetFirewallRuleGroupAssociation route53resolver:ListTagsForResource",
            create=f"route53resolver:AssociateFirewallRuleGroup ec2:DescribeVpcs {_TAG}",
            update=f"route53resolver:UpdateFirewallRuleGroupAssociation {_TAG} {_UNTAG}",
            delete="route53resolver:DisassociateFirewallRuleGroup",
        ),
        moto=_NO_FIREWALL,
    ),
    AwsEntry(
        type="aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
        names=(_name("CreateResolverQueryLogConfig"),),
        tags=ROUTE53RESOLVER,
        replacement=Replacement(
            properties="destinationArn name",
            source="route53resolver/query_log_config.go",
            cloudformation="AWS::Route53Resolver::ResolverQueryLoggingConfig",
            in_place={"Tags": "the provider changes them by `TagResource`"},
        ),
        log_consent=LogConsent(
            name="dns",
            service="delivery.logs.amazonaws.com",
            log_groups="flowise/*/dns:*",
            source='CloudWatch Logs user guide, "Enable logging from AWS services" (V1 permissions, as for WAF)',
        ),
        price="free",
        actions=Actions(
            read="route53resolver:GetResolverQueryLogConfig route53resolver:ListTagsForResource",
            create=(
                f"route53resolver:CreateResolverQueryLogConfig {_TAG} iam:CreateServiceLinkedRole "
                "logs:CreateLogDelivery logs:ListLogDeliveries logs:DescribeLogGroups logs:DescribeResourcePolicies"
            ),
            update=f"{_TAG} {_UNTAG}",
            delete=(
                "route53resolver:DeleteResolverQueryLogConfig logs:DeleteLogDelivery logs:GetLogDelivery "
                "logs:ListLogDeliveries"
            ),
        ),
        moto=Moto(apart="moto cannot delete it"),
    ),
    AwsEntry(
        type="aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
        unnamed="its configuration and its VPC",
        replacement=Replacement(
            properties="resolverQueryLogConfigId resourceId",
            source="route53resolver/query_log_config_association.go",
            cloudformation="AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
        ),
        price="free",
        actions=Actions(
            read="route53resolver:GetResolverQueryLogConfigAssociation",
            create="route53resolver:AssociateResolverQueryLogConfig ec2:DescribeVpcs",
            delete="route53resolver:DisassociateResolverQueryLogConfig",
        ),
        moto=Moto(apart="moto cannot delete it"),
    ),
)
