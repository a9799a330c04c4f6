"""Elastic Load Balancing."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    Call,
    DeletionProtection,
    Given,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

ELBV2: Final = Service(
    name="elbv2",
    reference="elasticloadbalancing/latest/APIReference",
    tags=TagRule(source="elbv2 CreateLoadBalancer Tags.Key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:lb/listener:Listener",
        unnamed="an ARN that AWS gives",
        tags=ELBV2,
        replacement=Replacement(
            properties="loadBalancerArn",
            source="elbv2/listener.go",
            cloudformation="AWS::ElasticLoadBalancingV2::Listener",
        ),
        price="free",
        actions=Actions(
            read=(
                "elasticloadbalancing:DescribeListeners elasticloadbalancing:DescribeListenerAttributes "
                "elasticloadbalancing:DescribeTags"
            ),
            create=(
                "elasticloadbalancing:CreateListener elasticloadbalancing:ModifyListenerAttributes "
                "elasticloadbalancing:AddTags"
            ),
            update=(
                "elasticloadbalancing:ModifyListener elasticloadbalancing:ModifyListenerAttributes "
                "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags"
            ),
            delete="elasticloadbalancing:DeleteListener",
        ),
        moto=Moto(delete=Call(service="elbv2", operation="delete_listener", arguments={"ListenerArn": "id"})),
    ),
    AwsEntry(
        type="aws:lb/listenerRule:ListenerRule",
        unnamed="an ARN that AWS gives",
        tags=ELBV2,
        replacement=Replacement(
            properties="listenerArn",
            source="elbv2/listener_rule.go",
            cloudformation="AWS::ElasticLoadBalancingV2::ListenerRule",
        ),
        price="free",
        actions=Actions(
            read="elasticloadbalancing:DescribeRules elasticloadbalancing:DescribeTags",
            create="elasticloadbalancing:CreateRule elasticloadbalancing:AddTags",
            update=(
                "elasticloadbalancing:ModifyRule elasticloadbalancing:SetRulePriorities "
                "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags"
            ),
            delete="elasticloadbalancing:DeleteRule",
        ),
        moto=Moto(delete=Call(service="elbv2", operation="delete_rule", arguments={"RuleArn": "id"})),
    ),
    AwsEntry(
        type="aws:lb/loadBalancer:LoadBalancer",
        names=(
            NameRule(
                longest=32,
                pattern="(?!-|internal-)[A-Za-z0-9-]*[A-Za-z0-9]",
                source="elbv2 CreateLoadBalancer Name",
                says=(
                    "can have a maximum of 32 characters, must contain only alphanumeric characters or "
                    'hyphens, must not begin or end with a hyphen, and must not begin with "internal-"'
                ),
            ),
        ),
        autoname="limited",
        tags=ELBV2,
        given=Given(kind="load-balancer", forbidden="[^A-Za-z0-9-]"),
        replacement=Replacement(
            properties="customerOwnedIpv4Pool internal loadBalancerType name namePrefix",
            source="elbv2/load_balancer.go",
            cloudformation="AWS::ElasticLoadBalancingV2::LoadBalancer",
            in_place={
                "Type": "loadBalancerType here",
                "Scheme": "internal here",
            },
        ),
        price="rule",
        actions=Actions(
            read=(
                "elasticloadbalancing:DescribeLoadBalancers "
                "elasticloadbalancing:DescribeLoadBalancerAttributes "
                "elasticloadbalancing:DescribeCapacityReservation elasticloadbalancing:DescribeTags"
            ),
            create=(
                "elasticloadbalancing:CreateLoadBalancer elasticloadbalancing:ModifyLoadBalancerAttributes "
                "elasticloadbalancing:AddTags iam:CreateServiceLinkedRole"
            ),
            update=(
                "elasticloadbalancing:ModifyLoadBalancerAttributes elasticloadbalancing:SetSecurityGroups "
                "elasticloadbalancing:SetSubnets elasticloadbalancing:SetIpAddressType "
                "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags"
            ),
            delete="elasticloadbalancing:DeleteLoadBalancer ec2:DescribeNetworkInterfaces",
        ),
        moto=Moto(
            delete="function",
            read=Call(service="elbv2", operation="describe_load_balancers", arguments={"LoadBalancerArns[]": "id"}),
        ),
        unique=Unique(code="DuplicateLoadBalancerName", source=ELBV2.api("CreateLoadBalancer")),
        protection=DeletionProtection(
            key="enableDeletionProtection",
            code="OperationNotPermitted",
            says="Load balancer cannot be deleted because deletion protection is enabled",
            source=ELBV2.api("DeleteLoadBalancer"),
        ),
        used_by=(
            InUse(
                user="aws:cloudfront/vpcOrigin:VpcOrigin",
                path="vpcOriginEndpointConfig.arn",
                code="ResourceInUse",
                source=ELBV2.api("DeleteLoadBalancer"),
            ),
        ),
        picture="network/elb-application-load-balancer.png",
    ),
    AwsEntry(
        type="aws:lb/targetGroup:TargetGroup",
        names=(
            NameRule(
                longest=32,
                pattern="(?!-)[A-Za-z0-9-]*[A-Za-z0-9]",
                source="elbv2 CreateTargetGroup Name",
                says=(
                    "can have a maximum of 32 characters, must contain only alphanumeric characters or "
                    "hyphens, and must not begin or end with a hyphen"
                ),
            ),
        ),
        autoname="limited",
        tags=ELBV2,
        given=Given(kind="target-group", forbidden="[^A-Za-z0-9-]"),
        replacement=Replacement(
            properties="ipAddressType name namePrefix port protocol protocolVersion targetType vpcId",
            source="elbv2/target_group.go",
            cloudformation="AWS::ElasticLoadBalancingV2::TargetGroup",
        ),
        price="free",
        actions=Actions(
            read=(
                "elasticloadbalancing:DescribeTargetGroups "
                "elasticloadbalancing:DescribeTargetGroupAttributes elasticloadbalancing:DescribeTags"
            ),
            create=(
                "elasticloadbalancing:CreateTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes "
                "elasticloadbalancing:AddTags"
            ),
            update=(
                "elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:ModifyTargetGroupAttributes "
                "elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags"
            ),
            delete="elasticloadbalancing:DeleteTargetGroup",
        ),
        moto=Moto(
            delete=Call(service="elbv2", operation="delete_target_group", arguments={"TargetGroupArn": "id"}),
            read=Call(service="elbv2", operation="describe_target_groups", arguments={"TargetGroupArns[]": "id"}),
        ),
        unique=Unique(code="DuplicateTargetGroupName", source=ELBV2.api("CreateTargetGroup")),
        used_by=(
            InUse(
                user="aws:lb/listener:Listener",
                path="defaultActions",
                code="ResourceInUse",
                source=ELBV2.api("DeleteTargetGroup"),
            ),
            InUse(
                user="aws:lb/listenerRule:ListenerRule",
                path="actions",
                code="ResourceInUse",
                source=ELBV2.api("DeleteTargetGroup"),
            ),
        ),
    ),
)
