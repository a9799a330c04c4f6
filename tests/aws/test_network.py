"""The network as AWS would show it."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from tests.aws.environment import REGION, LocalEnvironment


def test_vpc_resolves_names(local_env: LocalEnvironment) -> None:
    ec2 = local_env.aws("ec2")
    (vpc,) = ec2.describe_vpcs(VpcIds=[local_env.vpc_id])["Vpcs"]
    assert vpc["CidrBlock"] == local_env.promise.cidr
    for attribute, key in (("enableDnsSupport", "EnableDnsSupport"), ("enableDnsHostnames", "EnableDnsHostnames")):
        assert ec2.describe_vpc_attribute(VpcId=local_env.vpc_id, Attribute=attribute)[key]["Value"]


@pytest.mark.parametrize("tier", ["Public", "Private", "Isolated"])
def test_every_tier_has_a_subnet_in_each_zone(local_env: LocalEnvironment, tier: str) -> None:
    assert tuple(sorted(local_env.subnets(tier).values())) == local_env.promise.zones


def test_subnets_lie_in_the_vpc_and_apart(local_env: LocalEnvironment) -> None:
    filters = [{"Name": "vpc-id", "Values": [local_env.vpc_id]}]
    found = local_env.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    networks = [IPv4Network(subnet["CidrBlock"]) for subnet in found]
    assert all(network.subnet_of(IPv4Network(local_env.promise.cidr)) for network in networks)
    assert not [pair for pair in combinations(networks, 2) if pair[0].overlaps(pair[1])]


def test_only_public_subnets_give_public_addresses(local_env: LocalEnvironment) -> None:
    filters = [{"Name": "vpc-id", "Values": [local_env.vpc_id]}]
    found = local_env.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    public = {subnet["SubnetId"] for subnet in found if subnet["MapPublicIpOnLaunch"]}
    assert public == set(local_env.subnets("Public"))


def test_private_subnets_are_marked_for_internal_load_balancers(local_env: LocalEnvironment) -> None:
    filters = [{"Name": "tag:kubernetes.io/role/internal-elb", "Values": ["1"]}]
    found = local_env.aws("ec2").describe_subnets(Filters=filters)["Subnets"]
    assert {subnet["SubnetId"] for subnet in found} == set(local_env.subnets("Private"))


def test_private_subnets_reach_the_internet_through_nat(local_env: LocalEnvironment) -> None:
    filters = [{"Name": "vpc-id", "Values": [local_env.vpc_id]}]
    gateways = local_env.aws("ec2").describe_nat_gateways(Filters=filters)["NatGateways"]
    assert len(gateways) == local_env.promise.nat_gateways
    zones = {gateway["NatGatewayId"]: local_env.subnets("Public")[gateway["SubnetId"]] for gateway in gateways}
    if not gateways:
        interfaces = {
            route["NetworkInterfaceId"] for s in local_env.subnets("Private") for route in local_env.halves(s)
        }
        (interface,) = local_env.aws("ec2").describe_network_interfaces(NetworkInterfaceIds=[*interfaces])[
            "NetworkInterfaces"
        ]
        assert interface["SubnetId"] in local_env.subnets("Public")
        assert interface["SourceDestCheck"] is False
        return
    for subnet_id, zone in local_env.subnets("Private").items():
        route = local_env.default_route(subnet_id)
        assert route
        nat_zone = zones[route["NatGatewayId"]]
        assert local_env.promise.nat_gateways == 1 or nat_zone == zone, "a zone must not depend on another's gateway"


def test_only_public_subnets_face_the_internet(local_env: LocalEnvironment) -> None:
    for subnet_id in local_env.subnets("Public"):
        assert (local_env.default_route(subnet_id) or {})["GatewayId"].startswith("igw-")
    for subnet_id in local_env.subnets("Private"):
        assert "GatewayId" not in (local_env.default_route(subnet_id) or {})


def test_data_subnets_have_no_way_out(local_env: LocalEnvironment) -> None:
    for subnet_id in local_env.subnets("Isolated"):
        filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        (table,) = local_env.aws("ec2").describe_route_tables(Filters=filters)["RouteTables"]
        targets = [route["GatewayId"] for route in table["Routes"]]
        assert all(target == "local" or target.startswith("vpce-") for target in targets)
        assert local_env.default_route(subnet_id) is None


def test_s3_is_reached_without_nat(local_env: LocalEnvironment) -> None:
    (endpoint,) = local_env.aws("ec2").describe_vpc_endpoints(
        Filters=[{"Name": "vpc-id", "Values": [local_env.vpc_id]}]
    )["VpcEndpoints"]
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == f"com.amazonaws.{REGION}.s3"
    assert set(endpoint["RouteTableIds"]) == {record.id for record in local_env.all("ec2/routeTable:RouteTable")}


def test_default_security_group_admits_nothing(local_env: LocalEnvironment) -> None:
    filters = [{"Name": "vpc-id", "Values": [local_env.vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = local_env.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    assert group["IpPermissions"] == []
    assert group["IpPermissionsEgress"] == []


def test_no_security_group_admits_addresses_but_those_that_call_the_api(local_env: LocalEnvironment) -> None:
    admitted = {f"Kubernetes API from {cidr}": cidr for cidr in local_env.promise.api_client_cidrs}
    filters = [{"Name": "vpc-id", "Values": [local_env.vpc_id]}]
    for group in local_env.aws("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]:
        for permission in group["IpPermissions"]:
            assert permission["Ipv6Ranges"] == [], group["GroupName"]
            for source in permission["IpRanges"]:
                if group["GroupName"].startswith("network-nat-"):  # forwards whatever the private subnets send
                    assert IPv4Network(source["CidrIp"]).subnet_of(IPv4Network(local_env.promise.cidr))
                    continue
                assert admitted.get(source["Description"]) == source["CidrIp"], group["GroupName"]
                assert (permission["FromPort"], permission["ToPort"]) == (443, 443)


def test_connections_are_logged(local_env: LocalEnvironment) -> None:
    (log,) = local_env.aws("ec2").describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [local_env.vpc_id]}])[
        "FlowLogs"
    ]
    assert log["TrafficType"] == "ALL"
    assert log["LogDestinationType"] == "cloud-watch-logs"
    assert log["LogDestination"] == local_env.only("cloudwatch/logGroup:LogGroup", "network-flow").outputs["arn"]
    assert log["DeliverLogsPermissionArn"] == local_env.only("iam/role:Role", "network-flow").outputs["arn"]
