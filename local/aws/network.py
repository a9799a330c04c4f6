"""VPC, subnets, routes, gateways, endpoints and flow logs."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from analysis.wire import Properties
from local.aws.clients import Clients
from local.aws.resource_request import Handler, ResourceRequest, made


def _vpc(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    answer = ec2.create_vpc(**inputs.pascal("cidrBlock"), TagSpecifications=request.tag_specifications("vpc"))
    vpc_id = answer["Vpc"].get("VpcId", "")
    # One attribute a call, and host names only once there is DNS.
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsSupport={"Value": inputs.get("enableDnsSupport", True)})
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": inputs.get("enableDnsHostnames", False)})
    return made(vpc_id)


def _internet_gateway(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.create_internet_gateway(TagSpecifications=request.tag_specifications("internet-gateway"))
    gateway_id = answer["InternetGateway"].get("InternetGatewayId", "")
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=request.inputs["vpcId"])
    return made(gateway_id)


def _subnet(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    answer = ec2.create_subnet(
        **inputs.pascal("vpcId", "cidrBlock", "availabilityZone"),
        TagSpecifications=request.tag_specifications("subnet"),
    )
    subnet = answer["Subnet"]
    subnet_id = subnet.get("SubnetId", "")
    public = bool(inputs.get("mapPublicIpOnLaunch", False))
    ec2.modify_subnet_attribute(SubnetId=subnet_id, MapPublicIpOnLaunch={"Value": public})
    return made(subnet_id, arn=subnet.get("SubnetArn"))


def _route_table(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.create_route_table(
        **request.inputs.pascal("vpcId"), TagSpecifications=request.tag_specifications("route-table")
    )
    return made(answer["RouteTable"].get("RouteTableId", ""))


def _association(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.associate_route_table(**request.inputs.pascal("subnetId", "routeTableId"))
    return made(answer["AssociationId"])


def _route(request: ResourceRequest) -> Created:
    inputs = request.inputs
    request.client("ec2", request.region).create_route(
        **inputs.pascal("routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId", "networkInterfaceId")
    )
    return made(f"r-{inputs['routeTableId']}-{inputs['destinationCidrBlock']}")


def _address(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.allocate_address(
        Domain=request.inputs.get("domain", "vpc"), TagSpecifications=request.tag_specifications("elastic-ip")
    )
    if interface := request.inputs.get("networkInterface"):
        ec2.associate_address(AllocationId=answer["AllocationId"], NetworkInterfaceId=interface)
    return made(answer["AllocationId"], allocationId=answer["AllocationId"], publicIp=answer["PublicIp"])


def _interface(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    answer = ec2.create_network_interface(
        **inputs.pascal("subnetId", "description"),
        Groups=inputs["securityGroups"],
        TagSpecifications=request.tag_specifications("network-interface"),
    )
    interface_id = answer["NetworkInterface"].get("NetworkInterfaceId", "")
    check = bool(inputs.get("sourceDestCheck", True))
    ec2.modify_network_interface_attribute(NetworkInterfaceId=interface_id, SourceDestCheck={"Value": check})
    return made(interface_id)


def _instance(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    disk = inputs["rootBlockDevice"]
    answer = ec2.run_instances(
        MinCount=1,
        MaxCount=1,
        ImageId=inputs["ami"],
        **inputs.pascal("instanceType", "userData", "metadataOptions", "maintenanceOptions"),
        NetworkInterfaces=[
            {"DeviceIndex": 0, "NetworkInterfaceId": inputs["primaryNetworkInterface"]["networkInterfaceId"]}
        ],
        BlockDeviceMappings=[
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {
                    "VolumeType": disk["volumeType"],
                    "VolumeSize": int(disk["volumeSize"]),
                    "Encrypted": disk["encrypted"],
                    "KmsKeyId": disk["kmsKeyId"],
                    "DeleteOnTermination": disk["deleteOnTermination"],
                },
            }
        ],
        TagSpecifications=request.tag_specifications("instance"),
    )
    return made(answer["Instances"][0].get("InstanceId", ""))


def _nat_gateway(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.create_nat_gateway(
        **request.inputs.pascal("subnetId", "allocationId", "connectivityType"),
        TagSpecifications=request.tag_specifications("natgateway"),
    )
    return made(answer["NatGateway"].get("NatGatewayId", ""))


def _endpoint(request: ResourceRequest) -> Created:
    ec2 = request.client("ec2", request.region)
    answer = ec2.create_vpc_endpoint(
        **request.inputs.pascal(
            "vpcId",
            "serviceName",
            "vpcEndpointType",
            "routeTableIds",
            "subnetIds",
            "securityGroupIds",
            "privateDnsEnabled",
        ),
        TagSpecifications=request.tag_specifications("vpc-endpoint"),
    )
    return made(answer["VpcEndpoint"].get("VpcEndpointId", ""))


def _flow_log(request: ResourceRequest) -> Created:
    ec2, inputs = request.client("ec2", request.region), request.inputs
    words = {"iamRoleArn": "DeliverLogsPermissionArn"}
    answer = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[inputs["vpcId"]],
        **inputs.pascal(
            "trafficType",
            "logDestinationType",
            "logDestination",
            "iamRoleArn",
            "maxAggregationInterval",
            words=words,
        ),
        TagSpecifications=request.tag_specifications("vpc-flow-log"),
    )
    return made(answer["FlowLogIds"][0])


def route_table_of(client: Clients, subnet_id: str) -> Properties:
    """The table of a subnet, as `aws.ec2.get_route_table` answers."""
    filters: Any = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    table = client("ec2").describe_route_tables(Filters=filters)["RouteTables"][0].get("RouteTableId")
    return {"id": table, "routeTableId": table, "subnetId": subnet_id}


HANDLERS: Mapping[str, Handler] = {
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/route:Route": _route,
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/networkInterface:NetworkInterface": _interface,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:ec2/flowLog:FlowLog": _flow_log,
}
