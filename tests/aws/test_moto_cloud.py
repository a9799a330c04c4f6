"""The cloud itself: what it refuses, and what it cannot keep."""

import json
from typing import Any

import pytest
from moto import mock_aws

from analysis.recorder import Created, Request
from analysis.rights.stacks import recordings, types
from analysis.synthetic import UnknownFunctionError
from components.common.catalogue import AWS
from local.aws import UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES, MotoCloud
from local.aws.cloud import CannotMakeError
from tests.aws.environment import ACCOUNT, REGION, LocalEnvironment


def _make(cloud: MotoCloud, type_: str, name: str = "it", **inputs: Any) -> Created:
    return cloud.create(Request(type=type_, name=name, inputs=inputs))


def _provider(cloud: MotoCloud, tags: dict[str, str], *, as_text: bool) -> None:
    declared = {"tags": tags}
    _make(cloud, "pulumi:providers:aws", defaultTags=json.dumps(declared) if as_text else declared)


def test_unknown_type_says_where_a_maker_belongs() -> None:
    with pytest.raises(CannotMakeError, match=r"aws:sqs/queue:Queue \(it\).*local/aws"):
        _make(MotoCloud(REGION), "aws:sqs/queue:Queue")


@mock_aws
def test_input_that_is_not_translated_is_refused() -> None:
    with pytest.raises(CannotMakeError, match=r"never reach moto: ipv6CidrBlock"):
        _make(MotoCloud(REGION), "aws:ec2/vpc:Vpc", cidrBlock="10.9.0.0/16", ipv6CidrBlock="2001:db8::/56")


def test_unknown_function_is_refused() -> None:
    with pytest.raises(UnknownFunctionError):
        MotoCloud(REGION).call("aws:index/getPartition:getPartition", {})


def test_other_providers_are_invented() -> None:
    made = _make(MotoCloud(REGION), "random:index/randomId:RandomId", byteLength=4)
    assert made.backing == "recorded"
    assert len(made.outputs["hex"]) == 8


@mock_aws
def test_functions_are_answered_by_moto() -> None:
    cloud = MotoCloud(REGION)
    caller = cloud.call("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert caller["accountId"] == caller["id"] == ACCOUNT
    name = "com.amazonaws.global.cloudfront.origin-facing"
    found = cloud.call("aws:ec2/getManagedPrefixList:getManagedPrefixList", {"name": name})
    assert found["id"].startswith("pl-")
    assert found["name"] == name


@mock_aws
def test_resource_may_lie_in_another_region() -> None:
    cloud = MotoCloud(REGION)
    made = _make(cloud, "aws:cloudwatch/logGroup:LogGroup", name="elsewhere", region="eu-west-1")
    assert made.outputs["region"] == "eu-west-1"
    groups = cloud.client("logs", "eu-west-1").describe_log_groups()["logGroups"]
    assert [group.get("arn", "").removesuffix(":*") for group in groups] == [made.outputs["arn"]]


@pytest.mark.parametrize("as_text", [True, False])
@mock_aws
def test_names_are_the_same_in_every_run_and_differ_between_stacks(as_text: bool) -> None:
    names: list[str] = []
    for stack in ("one", "two"):
        cloud = MotoCloud(REGION)
        _provider(cloud, {"stack": stack}, as_text=as_text)
        for _ in range(2):
            bucket = _make(cloud, "aws:s3/bucket:Bucket", name=f"{'Very' * 20}Long")
            names.append(bucket.id)
            cloud.client("s3").delete_bucket(Bucket=bucket.id)
    assert names[0] == names[1] != names[2] == names[3]
    assert all(len(name) <= 63 and name == name.lower() for name in names)


@mock_aws
def test_own_tags_come_before_the_providers() -> None:
    cloud = MotoCloud(REGION)
    _provider(cloud, {"stack": "one", "owner": "provider"}, as_text=True)
    vpc = _make(cloud, "aws:ec2/vpc:Vpc", cidrBlock="10.9.0.0/16", tags={"owner": "resource"})
    found = cloud.client("ec2").describe_vpcs(VpcIds=[vpc.id])["Vpcs"][0]
    assert {tag.get("Key"): tag.get("Value") for tag in found.get("Tags", [])} == {"stack": "one", "owner": "resource"}


def of_prod() -> set[str]:
    """Types that prod has, or no stack has; those of stacks with other sections are in tests/aws_variants."""
    return types(recordings()["prod"]) | (AWS.keys() - set[str]().union(*map(types, recordings().values())))


def test_what_is_only_recorded_is_listed(local_env: LocalEnvironment) -> None:
    recorded = {r.type for r in local_env.recording.records if r.type.startswith("aws:") and r.backing == "recorded"}
    assert recorded <= UNSUPPORTED_TYPES.keys()
    if local_env.stack == "prod":
        assert recorded == UNSUPPORTED_TYPES.keys() & of_prod(), "the catalogue lists what the program does not use"


def test_what_moto_does_not_keep_is_asked_for(local_env: LocalEnvironment) -> None:
    if local_env.stack != "prod":
        return
    for type_, properties in ((type_, kept) for type_, kept in UNSUPPORTED_PROPERTIES.items() if type_ in of_prod()):
        records = local_env.recording.of_type(type_)
        assert records, f"the catalogue lists {type_}, which the program does not use"
        for path in properties:
            head, _, rest = path.partition(".")
            values = [record.inputs[head] for record in records if head in record.inputs]
            assert values, f"the catalogue lists {path} of {type_}, which the program does not set"
            assert not rest or rest in values[0][0]


@mock_aws
def test_rules_may_look_for_the_network_of_the_viewer() -> None:
    cloud = MotoCloud(REGION)
    _provider(cloud, {"project": "flowise"}, as_text=False)
    offices = _make(
        cloud, "aws:wafv2/ipSet:IpSet", scope="CLOUDFRONT", ipAddressVersion="IPV4", addresses=["192.0.2.0/24"]
    )
    visible = {"metricName": "x", "cloudwatchMetricsEnabled": True, "sampledRequestsEnabled": True}
    statement: dict[str, Any] = {
        "notStatement": {"statement": {"ipSetReferenceStatement": {"arn": offices.outputs["arn"]}}}
    }
    action = {"block": {"customResponse": {"responseCode": 403}}}
    rule = {"name": "Else", "priority": 0, "action": action, "statement": statement, "visibilityConfig": visible}
    acl = _make(
        cloud,
        "aws:wafv2/webAcl:WebAcl",
        scope="CLOUDFRONT",
        defaultAction={"allow": {}},
        rules=[rule],
        visibilityConfig=visible,
    )
    assert acl.outputs["arn"]
