"""Amazon VPC: networks, subnets and routes."""

from components.common.catalogue.ec2 import EC2
from components.common.catalogue.entry import (
    ABSENT,
    MODIFIED,
    Actions,
    AwsEntry,
    Call,
    InUse,
    Moto,
    Replacement,
    Unique,
)

ENTRIES = (
    AwsEntry(
        type="aws:ec2/flowLog:FlowLog",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties=(
                "deliverCrossAccountRole destinationOptions eniId iamRoleArn logDestination "
                "logDestinationType logFormat maxAggregationInterval subnetId trafficType "
                "transitGatewayAttachmentId transitGatewayId vpcId"
            ),
            source="ec2/vpc_flow_log.go",
            cloudformation="AWS::EC2::FlowLog",
            in_place={
                "DeliverLogsPermissionArn": "iamRoleArn here",
                "LogGroupName": "logDestination here",
                "ResourceId": "vpcId, subnetId and their like here",
                "ResourceType": "vpcId, subnetId and their like here",
                "TagFieldSpecifications": ABSENT,
            },
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeFlowLogs",
            create="ec2:CreateFlowLogs ec2:CreateTags iam:PassRole",
            update="ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DeleteFlowLogs",
        ),
        moto=Moto(delete="function"),
    ),
    AwsEntry(
        type="aws:ec2/internetGateway:InternetGateway",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="",
            source="ec2/vpc_internet_gateway.go",
            cloudformation="AWS::EC2::VPCGatewayAttachment",
            in_place={"VpcId": MODIFIED},
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeInternetGateways",
            create="ec2:CreateInternetGateway ec2:AttachInternetGateway ec2:CreateTags",
            update="ec2:AttachInternetGateway ec2:DetachInternetGateway ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DetachInternetGateway ec2:DeleteInternetGateway",
        ),
        moto=Moto(delete="function"),
        picture="network/internet-gateway.png",
    ),
    AwsEntry(
        type="aws:ec2/route:Route",
        unnamed="its route table",
        replacement=Replacement(
            properties="destinationCidrBlock destinationIpv6CidrBlock destinationPrefixListId routeTableId",
            source="ec2/vpc_route.go",
            cloudformation="AWS::EC2::Route",
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeRouteTables",
            create="ec2:CreateRoute",
            update="ec2:ReplaceRoute",
            delete="ec2:DeleteRoute",
        ),
        moto=Moto(
            delete=Call(
                service="ec2",
                operation="delete_route",
                arguments={
                    "RouteTableId": "routeTableId",
                    "DestinationCidrBlock": "destinationCidrBlock",
                },
            )
        ),
    ),
    AwsEntry(
        type="aws:ec2/routeTable:RouteTable",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="vpcId", source="ec2/vpc_route_table.go", cloudformation="AWS::EC2::RouteTable"
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeRouteTables",
            create="ec2:CreateRouteTable ec2:CreateTags",
            update="ec2:CreateRoute ec2:ReplaceRoute ec2:DeleteRoute ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DisassociateRouteTable ec2:DeleteRouteTable",
        ),
        moto=Moto(delete=Call(service="ec2", operation="delete_route_table", arguments={"RouteTableId": "id"})),
        used_by=(
            InUse(
                user="aws:ec2/routeTableAssociation:RouteTableAssociation",
                path="routeTableId",
                code="DependencyViolation",
                source=EC2.api("DeleteRouteTable"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        unnamed="its route table",
        replacement=Replacement(
            properties="gatewayId subnetId",
            source="ec2/vpc_route_table_association.go",
            cloudformation="AWS::EC2::SubnetRouteTableAssociation",
            in_place={"RouteTableId": "ReplaceRouteTableAssociation"},
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeRouteTables",
            create="ec2:AssociateRouteTable",
            update="ec2:ReplaceRouteTableAssociation",
            delete="ec2:DisassociateRouteTable",
        ),
        moto=Moto(delete=Call(service="ec2", operation="disassociate_route_table", arguments={"AssociationId": "id"})),
    ),
    AwsEntry(
        type="aws:ec2/subnet:Subnet",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties=(
                "availabilityZone availabilityZoneId cidrBlock ipv4IpamPoolId ipv4NetmaskLength "
                "ipv6IpamPoolId ipv6Native ipv6NetmaskLength outpostArn vpcId"
            ),
            source="ec2/vpc_subnet.go",
            cloudformation="AWS::EC2::Subnet",
            in_place={"Ipv6CidrBlock": MODIFIED},
        ),
        price="free",
        actions=Actions(
            read="ec2:DescribeSubnets",
            create="ec2:CreateSubnet ec2:ModifySubnetAttribute ec2:CreateTags",
            update="ec2:ModifySubnetAttribute ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DeleteSubnet ec2:DescribeNetworkInterfaces",
        ),
        moto=Moto(
            delete=Call(service="ec2", operation="delete_subnet", arguments={"SubnetId": "id"}),
            read=Call(service="ec2", operation="describe_subnets", arguments={"SubnetIds[]": "id"}),
        ),
        unique=Unique(
            keys=(
                "vpcId",
                "cidrBlock",
            ),
            code="InvalidSubnet.Conflict",
            source=EC2.api("CreateSubnet"),
        ),
        used_by=(
            InUse(
                user="aws:opensearch/domain:Domain",
                path="vpcOptions.subnetIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
            InUse(
                user="aws:ec2/networkInterface:NetworkInterface",
                path="subnetId",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
            InUse(
                user="aws:ec2/natGateway:NatGateway",
                path="subnetId",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
            InUse(
                user="aws:lb/loadBalancer:LoadBalancer",
                path="subnets",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
            InUse(
                user="aws:ec2/vpcEndpoint:VpcEndpoint",
                path="subnetIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
            InUse(
                user="aws:eks/cluster:Cluster",
                path="vpcConfig.subnetIds",
                code="DependencyViolation",
                source=EC2.api("DeleteSubnet"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:ec2/vpc:Vpc",
        unnamed="an id that AWS gives",
        tags=EC2,
        replacement=Replacement(
            properties="cidrBlock instanceTenancy ipv4IpamPoolId ipv4NetmaskLength",
            source="ec2/vpc_.go",
            cloudformation="AWS::EC2::VPC",
            in_place={"VpcEncryptionControl": ABSENT},
        ),
        price="rule",
        actions=Actions(
            read=(
                "ec2:DescribeVpcs ec2:DescribeVpcAttribute ec2:DescribeNetworkAcls ec2:DescribeRouteTables "
                "ec2:DescribeSecurityGroups"
            ),
            create="ec2:CreateVpc ec2:ModifyVpcAttribute ec2:CreateTags",
            update="ec2:ModifyVpcAttribute ec2:CreateTags ec2:DeleteTags",
            delete="ec2:DeleteVpc",
        ),
        moto=Moto(
            delete=Call(service="ec2", operation="delete_vpc", arguments={"VpcId": "id"}),
            read=Call(service="ec2", operation="describe_vpcs", arguments={"VpcIds[]": "id"}),
        ),
        used_by=(
            InUse(user="aws:ec2/subnet:Subnet", path="vpcId", code="DependencyViolation", source=EC2.api("DeleteVpc")),
            InUse(
                user="aws:ec2/internetGateway:InternetGateway",
                path="vpcId",
                code="DependencyViolation",
                source=EC2.api("DeleteVpc"),
            ),
            InUse(
                user="aws:ec2/securityGroup:SecurityGroup",
                path="vpcId",
                code="DependencyViolation",
                source=EC2.api("DeleteVpc"),
            ),
            InUse(
                user="aws:ec2/vpcEndpoint:VpcEndpoint",
                path="vpcId",
                code="DependencyViolation",
                source=EC2.api("DeleteVpc"),
            ),
            InUse(
                user="aws:ec2/routeTable:RouteTable",
                path="vpcId",
                code="DependencyViolation",
                source=EC2.api("DeleteVpc"),
            ),
        ),
    ),
)
