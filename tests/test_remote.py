"""What the remote components are said to make."""

import ipaddress

from analysis.recorder import Recording
from components.network.addresses import subnet_blocks


def subnets(recording: Recording) -> dict[str, list[ipaddress.IPv4Network]]:
    """Networks by tier."""
    found: dict[str, list[ipaddress.IPv4Network]] = {}
    for record in recording.of_type("aws:ec2/subnet:Subnet"):
        tier = record.inputs["tags"]["SubnetType"]
        found.setdefault(tier, []).append(ipaddress.IPv4Network(record.inputs["cidrBlock"]))
    return found


def test_every_zone_has_a_subnet_of_each_tier_and_none_overlap(recording: Recording) -> None:
    vpc = recording.only("awsx:ec2:Vpc")
    zones = vpc.inputs["availabilityZoneNames"]
    tiers = subnets(recording)
    assert {tier: len(networks) for tier, networks in tiers.items()} == dict.fromkeys(
        ("Public", "Private", "Isolated"), len(zones)
    )
    networks = [network for tier in tiers.values() for network in tier]
    whole = ipaddress.IPv4Network(vpc.inputs["cidrBlock"])
    assert all(network.subnet_of(whole) for network in networks)
    assert not any(a.overlaps(b) for a in networks for b in networks if a is not b)


def test_the_layout_is_what_awsx_would_choose_by_itself() -> None:
    """Strategy Auto with masks of 19 and 22 in zones of 18: a VPC that was made that way keeps its subnets."""
    blocks = subnet_blocks("10.20.0.0/16", 2)
    assert blocks.private == ["10.20.0.0/19", "10.20.64.0/19"]
    assert blocks.public == ["10.20.32.0/22", "10.20.96.0/22"]
    assert blocks.data == ["10.20.36.0/22", "10.20.100.0/22"]


def test_a_zone_added_later_moves_no_subnet(dev: Recording, prod: Recording) -> None:
    """Zones get the first, second, third quarter: dev has two, prod three, and the offsets of the first two agree."""

    def offsets(recording: Recording) -> set[int]:
        start = int(ipaddress.IPv4Network(recording.only("awsx:ec2:Vpc").inputs["cidrBlock"]).network_address)
        return {int(n.network_address) - start for tier in subnets(recording).values() for n in tier}

    assert offsets(dev) < offsets(prod)


def test_nat_gateways_follow_the_setting(dev: Recording, prod: Recording) -> None:
    assert len(dev.of_type("aws:ec2/natGateway:NatGateway")) == 0, "dev has an instance"
    assert len(prod.of_type("aws:ec2/natGateway:NatGateway")) == 3


def test_data_subnets_have_no_route_to_the_internet(recording: Recording) -> None:
    routed = {r.name for r in recording.of_type("aws:ec2/route:Route")}
    isolated = {
        r.name for r in recording.of_type("aws:ec2/subnet:Subnet") if r.inputs["tags"]["SubnetType"] == "Isolated"
    }
    assert isolated
    assert not routed & isolated


def test_the_cluster_has_the_roles_that_auto_mode_needs(recording: Recording) -> None:
    cluster = recording.only("aws:eks/cluster:Cluster")
    arns = {r.outputs["arn"] for r in recording.of_type("aws:iam/role:Role")}
    assert cluster.inputs["roleArn"] in arns
    assert cluster.inputs["computeConfig"]["nodeRoleArn"] in arns
    assert cluster.inputs["computeConfig"]["enabled"] is True
    assert cluster.inputs["storageConfig"]["blockStorage"]["enabled"] is True
    assert cluster.inputs["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"] is True
