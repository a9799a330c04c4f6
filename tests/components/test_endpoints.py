"""Endpoints of AWS's services: all of the VPC gets their addresses from DNS, so all of it must reach them."""

from collections import Counter

from analysis.recorder import Recording
from tests.conftest import recorded_with

EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    "data_subnet_ids": ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
}
ENDPOINTS = {"network.interface_endpoints": ["logs"]}


def admitted(recording: Recording) -> Counter[str]:
    """Networks that the endpoints' security group admits."""
    group = recording.only("aws:ec2/securityGroup:SecurityGroup", "network-endpoints")
    rules = recording.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    return Counter(rule.inputs["cidrIpv4"] for rule in rules if rule.inputs["securityGroupId"] == group.id)


def test_a_vpc_of_the_stack_has_one_block() -> None:
    assert admitted(recorded_with("prod", ENDPOINTS)) == {"10.30.0.0/16": 1}


def test_every_block_of_a_vpc_that_exists_is_admitted() -> None:
    """10.250.0.0/16 is what the recorder finds in the account, beside the block that the stack file names."""
    found = admitted(recorded_with("prod", {**ENDPOINTS, "network.existing": EXISTING, "network.cidr": "10.61.0.0/22"}))
    assert found == {"10.61.0.0/22": 1, "10.250.0.0/16": 1}


def test_the_block_that_the_stack_file_names_is_admitted_once() -> None:
    whole = {**ENDPOINTS, "network.existing": EXISTING, "network.cidr": "10.250.0.0/16"}
    assert admitted(recorded_with("prod", whole)) == {"10.250.0.0/16": 1}
