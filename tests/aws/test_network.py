"""The network as AWS would show it."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from tests.aws.estate import REGION, Estate


def test_vpc_resolves_names(estate: Estate) -> None:
    ec2 = estate.aws("ec2")
    (vpc,) = ec2.describe_vpcs(VpcIds=[estate.vpc_id])["Vpcs"]
    assert vpc["CidrBlock"] == estate.promise.cidr
    for attribute, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        assert ec2.describe_vpc_attribute(VpcId=estate.vpc_id, Attribute=attribute)[key]["Value"]


@pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
def test_every_tier_has_a_subnet_in_each_zone(estate: Estate, tier: str) -> None:
    assert tuple(sorted(estate.subnets(tier).values())) == estate.promise.zones


def test_subnets_lie_in_the_vpc_and_apart(estate: Estate) -> None:
    filters = [{"Name": "vpc-id", "Values": [estate.vpc_id]}]
    found = estate.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    networks = [IPv4Network(subnet["CidrBlock"]) for subnet in found]
    assert all(network.subnet_of(IPv4Network(estate.promise.cidr)) for network in networks)
    assert not [pair for pair in combinations(networks, 2) if pair[0].overlaps(pair[1])]


def test_only_public_subnets_give_public_addresses(estate: Estate) -> None:
    filters = [{"Name": "vpc-id", "Values": [estate.vpc_id]}]
    found = estate.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    public = {subnet["SubnetId"] for subnet in found if subnet["MapPublicIpOnLaunch"]}
    assert public == set(estate.subnets("Public"))


def test_private_subnets_are_marked_for_internal_load_balancers(estate: Estate) -> None:
    filters = [{"Name": "tag:kubernetes.io/role/internal-elb", "Values": ["1"]}]
    found = estate.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    assert {subnet["SubnetId"] for subnet in found} == set(estate.subnets("Private"))


def test_private_subnets_reach_the_internet_through_nat(estate: Estate) -> None:
    filters = [{"Name": "vpc-id", "Values": [estate.vpc_id]}]
    gateways = estate.aws("ec2").describe_nat_gateways(Filters=filters)["NatGateways"]
    assert len(gateways) == estate.promise.nat_gateways
    zones = {gateway["NatGatewayId"]: estate.subnets("Public")[gateway["SubnetId"]] for gateway in gateways}
    for subnet_id, zone in estate.subnets("Private").items():
        route = estate.default_route(subnet_id)
        assert route
        nat_zone = zones[route["NatGatewayId"]]
        assert estate.promise.nat_gateways == 1 or nat_zone == zone, "a zone must not depend on another's gateway"


def test_only_public_subnets_face_the_internet(estate: Estate) -> None:
    for subnet_id in estate.subnets("Public"):
        assert (estate.default_route(subnet_id) or {})["GatewayId"].startswith("igw-")
    for subnet_id in estate.subnets("Private"):
        assert "GatewayId" not in (estate.default_route(subnet_id) or {})


def test_data_subnets_have_no_way_out(estate: Estate) -> None:
    for subnet_id in estate.subnets("Isolated"):
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (table,) = estate.aws("ec2").describe_route_tables(Filters=filters)["RouteTables"]
        targets = [route["GatewayId"] for route in table["Routes"]]
        assert all(target == "local" or target.startswith("vpce-") for target in targets)
        assert estate.default_route(subnet_id) is None


def test_s3_is_reached_without_nat(estate: Estate) -> None:
    (endpoint,) = estate.aws("ec2").describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [estate.vpc_id]}])[
        "VpcEndpoints"
    ]
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == f"com.amazonaws.{REGION}.s3"
    assert set(endpoint["RouteTableIds"]) == {record.id for record in estate.all("ec2/routeTable:RouteTable")}


def test_default_security_group_admits_nothing(estate: Estate) -> None:
    filters = [{"Name": "vpc-id", "Values": [estate.vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = estate.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == []


def test_no_security_group_admits_addresses_but_those_that_call_the_api(estate: Estate) -> None:
    admitted = {f"Kubernetes API from {cidr}": cidr for cidr in estate.promise.api_client_cidrs}
    filters = [{"Name": "vpc-id", "Values": [estate.vpc_id]}]
    for group in estate.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]:
        for permission in group["IpPermissions"]:
            assert permission["Ipv6Ranges"] == [], group["GroupName"]
            for source in permission["IpRanges"]:
                assert admitted.get(source["Description"]) == source["CidrIp"], group["GroupName"]
                assert (permission["FromPort"], permission["ToPort"]) == (443, 443)


def test_connections_are_logged(estate: Estate) -> None:
    (log,) = estate.aws("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [estate.vpc_id]}])[
        "FlowLogs"
    ]
    assert log["TrafficType"] == "ALL"
    assert log["LogDestinationType"] == "cloud-watch-logs"
    assert log["LogDestination"] == estate.only("cloudwatch/logGroup:LogGroup", "network-flow").outputs["arn"]
    assert log["DeliverLogsPermissionArn"] == estate.only("iam/role:Role", "network-flow").outputs["arn"]
