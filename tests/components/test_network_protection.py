"""What keeps the VPC of a protected stack."""

import pytest

from analysis.differences import differences
from analysis.replacements import replaces
from tests.conftest import recorded, recorded_with

VPC = "aws:ec2/vpc:Vpc"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"


def test_other_addresses_replace_the_vpc_and_so_a_resource_that_is_protected() -> None:
    was = recorded("prod")
    will = recorded_with("prod", {"network.cidr": "10.40.0.0/16", "network.connected_cidrs": []})
    old, new = was.only(VPC), will.only(VPC)
    assert [d.path for d in differences(old.inputs, new.inputs) if replaces(VPC, d.path, d.kind)] == ["cidrBlock"]
    group = was.only(DEFAULT_GROUP)
    assert group.inputs["vpcId"] == old.id, "it hangs on the VPC, whose id another VPC changes"
    assert replaces(DEFAULT_GROUP, "vpcId")
    assert group.protect, "the engine refuses the preview of what replaces it"


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("prod", True)])
def test_the_vpc_is_kept_where_the_stack_is_protected(stack: str, protected: bool) -> None:
    assert recorded(stack).only(DEFAULT_GROUP).protect is protected


def test_nat_gateways_of_a_protected_stack_can_change() -> None:
    recording = recorded("prod")
    changeable = ("NatGateway", "Eip", "Route", "RouteTable")
    assert not any(r.protect for r in recording.records if r.type.rsplit(":", 1)[1] in changeable)
    assert not recording.only("awsx:ec2:Vpc").protect
