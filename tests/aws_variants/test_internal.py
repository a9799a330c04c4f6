"""An internal stack as AWS would show it."""

from typing import Any, cast

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from analysis.stackfiles import read_stack
from local.aws import MotoCloud

REGION = "eu-west-1"


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_the_listener_forwards_by_path_and_source_and_refuses_the_rest() -> None:
    cloud = MotoCloud(REGION)
    config = read_stack("internal")
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="internal",
        expansions=EXPANSIONS,
    )
    elb = cast("Any", cloud.client("elbv2"))
    arn = recording.only("aws:lb/listener:Listener").id
    (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    (default,) = listener["DefaultActions"]
    assert (default["Type"], default["FixedResponseConfig"]["StatusCode"]) == ("fixed-response", "403")
    assert listener["Certificates"]
    attributes = {
        each["Key"]: each["Value"] for each in elb.describe_listener_attributes(ListenerArn=arn)["Attributes"]
    }
    assert attributes["routing.http.response.server.enabled"] == "false"
    rules = [rule for rule in elb.describe_rules(ListenerArn=arn)["Rules"] if not rule["IsDefault"]]
    last = max(rules, key=lambda rule: int(rule["Priority"]))
    assert last["Conditions"][0]["SourceIpConfig"]["Values"] == ["10.8.4.0/24"]
    ec2 = cast("Any", cloud.client("ec2"))
    group = recording.only("aws:ec2/securityGroup:SecurityGroup", "load-balancer").id
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    let_in = {(rule["CidrIpv4"], rule["FromPort"]) for rule in found if not rule["IsEgress"]}
    assert let_in == {("10.64.0.0/16", 443), ("10.8.0.0/16", 443), ("10.9.0.0/16", 443)}
