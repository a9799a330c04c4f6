"""The runner as AWS would show it."""

from typing import Any, cast

from moto import mock_aws

from analysis.optional_sections import left_out_by_prod
from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from analysis.rights.stacks import CONNECTION_ARN
from local.aws import UNSUPPORTED_PROPERTIES, UNSUPPORTED_TYPES, MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited

RUNNER = left_out_by_prod()["runner"]

PROJECT, WEBHOOK = "aws:codebuild/project:Project", "aws:codebuild/webhook:Webhook"


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_the_machines_start_in_the_private_subnets_behind_a_closed_security_group() -> None:
    cloud = MotoCloud(REGION)
    config = edited("dev", {"runner": RUNNER})
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="run",
        expansions=EXPANSIONS,
    )
    found = {r.type: r for r in recording.records if r.type.startswith("aws:codebuild/")}
    assert {type_: r.backing for type_, r in found.items()} == {PROJECT: "moto", WEBHOOK: "recorded"}
    assert UNSUPPORTED_PROPERTIES[PROJECT].keys() <= found[PROJECT].inputs.keys()
    assert WEBHOOK in UNSUPPORTED_TYPES
    client = cast("Any", cloud.client)
    (made,) = client("codebuild").batch_get_projects(names=["flowise-run-runner"])["projects"]
    assert made["source"]["auth"] == {"type": "CODECONNECTIONS", "resource": CONNECTION_ARN}
    assert made["timeoutInMinutes"] == 120
    (group,) = client("ec2").describe_security_groups(GroupIds=made["vpcConfig"]["securityGroupIds"])["SecurityGroups"]
    assert group["IpPermissions"] == []
    ports = [(rule["FromPort"], rule["ToPort"]) for rule in group["IpPermissionsEgress"] if "FromPort" in rule]
    assert ports == [(443, 443)]
    subnets = client("ec2").describe_subnets(SubnetIds=made["vpcConfig"]["subnets"])["Subnets"]
    assert {subnet["MapPublicIpOnLaunch"] for subnet in subnets} == {False}
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    (log,) = client("logs").describe_log_groups(logGroupNamePrefix="flowise/run/runner")["logGroups"]
    assert made["logsConfig"]["cloudWatchLogs"]["groupName"] == log["logGroupName"]
    assert log["kmsKeyId"]
