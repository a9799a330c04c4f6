"""Amazon VPC: gateways, addresses, endpoints and security groups."""

from components.common.catalogue.ec2 import EC2
from components.common.catalogue.entry import (
    ABSENT,
    Actions,
    AwsEntry,
    Call,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Unique,
)

ENTRIES = (
    AwsEntry(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(properties="vpcId", source="ec2/vpc_default_security_group.go"),
        price="free",
        actions=Actions(
            read="ec2:DescribeSecurityGroups",
            create=(
                "ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress "
                "ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress ec2:CreateTags"
            ),
            update="ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress ec2:CreateTags ec2:DeleteTags",
        ),
    ),
    AwsEntry(
        type="aws:ec2/eip:Eip",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="address customerOwnedIpv4Pool domain ipamPoolId networkBorderGroup publicIpv4Pool",
            source="ec2/ec2_eip.go",
            cloudformation="AWS::EC2::EIP",
            in_place={"TransferAddress": ABSENT},
        ),
        price="rule",
        actions=Actions(
            read="ec2:DescribeAddresses ec2:DescribeAddressesAttribute",
            create="ec2:AllocateAddress ec2:AssociateAddress ec2:CreateTags",
            update="ec2:AssociateAddress ec2:DisassociateAddress ec2:CreateTags ec2:DeleteTags",
            delete="ec2:ReleaseAddress ec2:DisassociateAddress",
        ),
        moto=Moto(delete=Call(service="ec2", operation="release_address", arguments={"AllocationId": "id"})),
        used_by=(
            InUse(
                user="aws:ec2/natGateway:NatGateway",
                path="allocationId",
                code="InvalidIPAddress.InUse",
                source=EC2.api("ReleaseAddress"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:ec2/natGateway:NatGateway",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="allocationId availabilityMode connectivityType privateIp subnetId vpcId",
            source="ec2/vpc_nat_gateway.go",
            cloudformation="AWS::EC2::NatGateway",
            in_place={"PrivateIpAddress": "privateIp here"},
        ),
        price="rule",
        actions=Actions(
            read="ec2:DescribeNatGateways",
            create="ec2:CreateNatGateway ec2:CreateTags",
            update="ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DeleteNatGateway",
        ),
        moto=Moto(delete=Call(service="ec2", operation="delete_nat_gateway", arguments={"NatGatewayId": "id"})),
        picture="network/nat-gateway.png",
    ),
    AwsEntry(
        type="aws:ec2/securityGroup:SecurityGroup",
        names=(
            NameRule(
                longest=255,
                pattern=r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]+",
                source="ec2 CreateSecurityGroup GroupName",
                says="Up to 255 characters in length. Can't start with sg-.",
            ),
        ),
        tags=EC2,
        replacement=Replacement(
            properties="description name namePrefix vpcId",
            source="ec2/vpc_security_group.go",
            cloudformation="AWS::EC2::SecurityGroup",
            in_place={
                "GroupDescription": "description here",
                "GroupName": "name here",
            },
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeSecurityGroups",
            create=(
                "ec2:CreateSecurityGroup ec2:RevokeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress "
                "ec2:AuthorizeSecurityGroupEgress ec2:CreateTags"
            ),
            update=(
                "ec2:AuthorizeSecurityGroupIngress ec2:AuthorizeSecurityGroupEgress "
                "ec2:RevokeSecurityGroupIngress ec2:RevokeSecurityGroupEgress ec2:CreateTags ec2:DeleteTags"
            ),
            delete="ec2:DeleteSecurityGroup ec2:DescribeNetworkInterfaces",
        ),
        moto=Moto(
            delete=Call(service="ec2", operation="delete_security_group", arguments={"GroupId": "id"}),
            read=Call(service="ec2", operation="describe_security_groups", arguments={"GroupIds[]": "id"}),
        ),
        unique=Unique(
            keys=(
                "name",
                "vpcId",
            ),
            code="InvalidGroup.Duplicate",
            source=EC2.api("CreateSecurityGroup"),
        ),
        used_by=(
            InUse(
                user="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                path="referencedSecurityGroupId",
                code="DependencyViolation",
                not_of_itself="securityGroupId",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
                path="referencedSecurityGroupId",
                code="DependencyViolation",
                not_of_itself="securityGroupId",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:rds/instance:Instance",
                path="vpcSecurityGroupIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:opensearch/domain:Domain",
                path="vpcOptions.securityGroupIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:ec2/networkInterface:NetworkInterface",
                path="securityGroups",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:elasticache/replicationGroup:ReplicationGroup",
                path="securityGroupIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:lb/loadBalancer:LoadBalancer",
                path="securityGroups",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
            InUse(
                user="aws:ec2/vpcEndpoint:VpcEndpoint",
                path="securityGroupIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSecurityGroup"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties=(
                "resourceConfigurationArn serviceName serviceNetworkArn serviceRegion vpcEndpointType "
                "vpcId dnsOptions.privateDnsPreference dnsOptions.privateDnsSpecifiedDomains"
            ),
            source="ec2/vpc_endpoint.go",
            cloudformation="AWS::EC2::VPCEndpoint",
        ),
        price="rule",
        actions=Actions(
            read="ec2:DescribeVpcEndpoints ec2:DescribePrefixLists",
            create="ec2:CreateVpcEndpoint ec2:CreateTags",
            update="ec2:ModifyVpcEndpoint ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DeleteVpcEndpoints",
        ),
        moto=Moto(delete="function"),
        picture="network/endpoint.png",
    ),
    AwsEntry(
        type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="securityGroupId cidrIpv4? cidrIpv6? prefixListId? referencedSecurityGroupId?",
            source="ec2/vpc_security_group_egress_rule.go",
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeSecurityGroupRules",
            create="ec2:AuthorizeSecurityGroupEgress ec2:CreateTags",
            update="ec2:ModifySecurityGroupRules ec2:CreateTags ec2:DeleteTags",
            delete="ec2:RevokeSecurityGroupEgress",
        ),
        moto=Moto(delete="function"),
    ),
    AwsEntry(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="securityGroupId cidrIpv4? cidrIpv6? prefixListId? referencedSecurityGroupId?",
            source="ec2/vpc_security_group_ingress_rule.go",
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeSecurityGroupRules",
            create="ec2:AuthorizeSecurityGroupIngress ec2:CreateTags",
            update="ec2:ModifySecurityGroupRules ec2:CreateTags ec2:DeleteTags",
            delete="ec2:RevokeSecurityGroupIngress",
        ),
        moto=Moto(
            lost={"description": "moto keeps it only where the other side is a security group"}, delete="function"
        ),
    ),
)
