"""The NAT instance: what stands in for a gateway, and what keeps it closed and in place."""

import subprocess
from ipaddress import IPv4Network

import pytest

from analysis.recorder import Record, Recording
from tests.conftest import recorded, recorded_with

INSTANCE = "aws:ec2/instance:Instance"
INTERFACE = "aws:ec2/networkInterface:NetworkInterface"
ROUTE = "aws:ec2/route:Route"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


@pytest.fixture(scope="module")
def stack() -> Recording:
    return recorded_with("dev", {"network.nat": "instance"})


@pytest.fixture(scope="module")
def machine(stack: Recording) -> Record:
    return stack.only(INSTANCE)


def test_no_gateway_is_left(stack: Recording) -> None:
    assert not stack.of_type("aws:ec2/natGateway:NatGateway")
    assert [address.name for address in stack.of_type("aws:ec2/eip:Eip")] == ["network-nat"]


@pytest.mark.parametrize("nat", ["single", "per-zone"])
def test_no_instance_is_made_beside_a_gateway(nat: str) -> None:
    other = recorded_with("prod", {"network.nat": nat}) if nat == "single" else recorded("prod")
    assert not other.of_type(INSTANCE)
    assert not [alarm for alarm in other.records if alarm.name.endswith("-nat-failed")]


def test_every_private_subnet_goes_out_by_its_interface(stack: Recording) -> None:
    interface = stack.only(INTERFACE)
    assert interface.inputs["sourceDestCheck"] is False, "EC2 drops what is not for the instance itself otherwise"
    tables = {
        association.inputs["routeTableId"]
        for association in stack.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation")
        if "private" in association.name
    }
    found: dict[str, set[IPv4Network]] = {}
    for route in stack.of_type(ROUTE):
        if route.inputs.get("networkInterfaceId") == interface.id:
            destinations = found.setdefault(route.inputs["routeTableId"], set())
            destinations.add(IPv4Network(route.inputs["destinationCidrBlock"]))
    assert found.keys() == tables
    for destinations in found.values():
        assert sum(network.num_addresses for network in destinations) == 2**32
        assert all(network.prefixlen > 0 for network in destinations), "a gateway's own route would be in the way"


def test_the_address_stays_when_the_machine_is_replaced(stack: Recording, machine: Record) -> None:
    interface, address = stack.only(INTERFACE), stack.only("aws:ec2/eip:Eip")
    assert address.inputs["networkInterface"] == interface.id
    assert machine.inputs["primaryNetworkInterface"] == {"networkInterfaceId": interface.id}
    assert machine.delete_before_replace, "an interface belongs to one machine at a time"


def test_a_newer_image_replaces_nothing(machine: Record) -> None:
    assert machine.inputs["ami"].startswith("ami-")
    assert "ami" in machine.ignore_changes


def test_the_machine_is_closed(stack: Recording, machine: Record) -> None:
    assert machine.inputs["metadataOptions"]["httpTokens"] == "required"
    assert machine.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert not {"keyName", "iamInstanceProfile"} & machine.inputs.keys()
    disk = machine.inputs["rootBlockDevice"]
    assert disk["encrypted"]
    assert disk["kmsKeyId"] == stack.only("aws:kms/key:Key").outputs["arn"]
    group = stack.only("aws:ec2/securityGroup:SecurityGroup", "network-nat")
    admitted = {
        rule.inputs["cidrIpv4"] for rule in stack.of_type(INGRESS) if rule.inputs["securityGroupId"] == group.id
    }
    private = {s.inputs["cidrBlock"] for s in stack.of_type("aws:ec2/subnet:Subnet") if "private" in s.name}
    assert admitted == private


def test_it_recovers_by_itself_and_somebody_hears_when_it_does_not(stack: Recording, machine: Record) -> None:
    assert machine.inputs["maintenanceOptions"] == {"autoRecovery": "default"}
    alarm = stack.only("aws:cloudwatch/metricAlarm:MetricAlarm", "observability-nat-failed").inputs
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/EC2", "StatusCheckFailed")
    assert alarm["dimensions"] == {"InstanceId": machine.id}
    assert alarm["treatMissingData"] == "breaching", "a stopped instance sends nothing"
    assert alarm["alarmActions"]


def test_its_first_start_is_a_script_that_a_shell_reads(machine: Record) -> None:
    script = str(machine.inputs["userData"])
    assert script.startswith("#!/bin/bash\n"), "cloud-init runs nothing else"
    subprocess.run(["bash", "-n"], input=script, text=True, check=True, timeout=60)
    lines = script.splitlines()
    assert "-A POSTROUTING -s 10.20.0.0/16 ! -d 10.20.0.0/16 -j MASQUERADE" in lines
    assert ":INPUT DROP [0:0]" in lines
    assert not [line for line in lines if "--dport" in line], "it listens to nobody"
    assert script.index("dnf install -y iptables-services") < script.index("dnf upgrade"), "the way out comes first"


def test_the_size_is_a_setting() -> None:
    larger = recorded_with("dev", {"network.nat": "instance", "network.nat_instance_type": "t4g.small"})
    assert larger.only(INSTANCE).inputs["instanceType"] == "t4g.small"
