"""The NAT instance as AWS would show it."""

from typing import Any, cast

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_private_subnets_go_out_by_an_instance_that_keeps_its_address() -> None:
    cloud = MotoCloud(REGION)
    config = edited("dev", {"network.nat": "instance"})
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="run",
        expansions=EXPANSIONS,
    )
    ec2 = cast("Any", cloud.client)("ec2")
    machine = recording.only("aws:ec2/instance:Instance")
    (reservation,) = ec2.describe_instances(InstanceIds=[machine.id])["Reservations"]
    (instance,) = reservation["Instances"]
    assert instance["InstanceType"] == "t4g.nano"
    (attached,) = instance["NetworkInterfaces"]
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[attached["NetworkInterfaceId"]])[
        "NetworkInterfaces"
    ]
    assert interface["SourceDestCheck"] is False
    (address,) = ec2.describe_addresses(Filters=[{"Name": "tag:Name", "Values": ["network-nat"]}])["Addresses"]
    assert address["NetworkInterfaceId"] == interface["NetworkInterfaceId"]
    assert not ec2.describe_nat_gateways()["NatGateways"]
    private = ec2.describe_subnets(Filters=[{"Name": "tag:SubnetType", "Values": ["Private"]}])["Subnets"]
    assert len(private) == 2
    for subnet in private:
        filters = [{"Name": "association.subnet-id", "Values": [subnet["SubnetId"]]}]
        (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
        out = {
            r["DestinationCidrBlock"]
            for r in table["Routes"]
            if r.get("NetworkInterfaceId") == interface["NetworkInterfaceId"]
        }
        assert out == {"0.0.0.0/1", "128.0.0.0/1"}
