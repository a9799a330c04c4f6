"""Check refuses what the SDK's schema refuses, and names what the program does not."""

# Pulumi's generated messages carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import re
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from engine.provider.values import UNKNOWN, decode, plain, secret
from tests.engine.provider_client import BUCKET, Client

_INSTANCE = "aws:rds/instance:Instance"
_ROLE = "aws:iam/role:Role"
_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "says"),
    [
        (BUCKET, {"buckett": "x"}, "buckett", "has no property 'buckett'"),
        (BUCKET, {"force_destroy": True}, "force_destroy", "did you mean 'forceDestroy'?"),
        (BUCKET, {"forceDestroy": "yes"}, "forceDestroy", "must be true or false, not a string"),
        (BUCKET, {"tags": ["a"]}, "tags", "must be a mapping, not a list"),
        (_ROLE, {}, "assumeRolePolicy", "missing required property 'assumeRolePolicy'"),
        (_INSTANCE, {"instanceClass": "db.t4g.medium", "port": "5432"}, "port", "must be a number, not a string"),
        (
            "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
            {"securityGroupId": "sg-1", "ipProtocol": "tcp", "fromPort": True},
            "fromPort",
            "must be a number, not true or false",
        ),
        (
            "aws:s3/bucketVersioning:BucketVersioning",
            {"bucket": "b", "versioningConfiguration": {"state": "Enabled"}},
            "versioningConfiguration.state",
            "has no property 'state'",
        ),
        (
            "aws:rds/parameterGroup:ParameterGroup",
            {"family": "postgres17", "parameters": [{"name": "a", "value": "1"}, {"name": "b"}]},
            "parameters[1].value",
            "missing required property 'value'",
        ),
        (
            "aws:s3/bucketLogging:BucketLogging",
            {"bucket": "b", "targetBucket": "c"},
            "targetPrefix",
            "missing required",
        ),
    ],
)
def test_what_the_schema_refuses_is_refused(
    aws: Client, type_: str, inputs: dict[str, Any], property_: str, says: str
) -> None:
    failures = {failure.property: failure.reason for failure in aws.check(type_, inputs).failures}
    assert says in failures[property_], failures


def test_all_that_is_wrong_is_said_at_once_and_no_value_with_it(aws: Client) -> None:
    answer = aws.check(_VERSION, {"secretString": secret(12345678), "nope": 1})
    assert {failure.property for failure in answer.failures} == {"secretString", "nope", "secretId"}
    assert not any("12345678" in failure.reason for failure in answer.failures)


def test_a_type_that_the_sdk_does_not_have_is_refused(aws: Client) -> None:
    with pytest.raises(Exception, match="no resource type aws:s3/bucket:Buckett"):
        aws.check("aws:s3/bucket:Buckett", {})


def test_a_name_is_the_logical_name_with_seven_digits(aws: Client) -> None:
    assert re.fullmatch(r"files-[0-9a-f]{7}", aws.checked(BUCKET, {}, name="Files")["bucket"])
    assert re.fullmatch(r"a-role-[0-9a-f]{7}", aws.checked(_ROLE, {"assumeRolePolicy": "{}"}, name="a-role")["name"])


def test_a_name_of_the_program_stays(aws: Client) -> None:
    assert aws.checked(BUCKET, {"bucket": "mine"})["bucket"] == "mine"
    assert "bucket" not in aws.checked(BUCKET, {"bucketPrefix": "mine-"})


def test_a_name_stays_from_one_update_to_the_next_and_a_replacement_gets_another(aws: Client) -> None:
    first = aws.checked(BUCKET, {})
    kept = aws.checked(BUCKET, {"forceDestroy": True}, olds={**first, "bucket": "thing-of-before"})
    assert kept["bucket"] == "thing-of-before"
    assert aws.checked(BUCKET, {})["bucket"] != "thing-of-before"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("PROPOSE", "flowise-dev-thing-1234567"), ("ENFORCE", "flowise-dev-thing-1234567"), ("DISABLE", None)],
)
def test_the_autonaming_option_decides(aws: Client, mode: str, expected: str | None) -> None:
    option = provider_pb2.CheckRequest.AutonamingOptions
    autonaming = option(proposed_name="flowise-dev-thing-1234567", mode=option.Mode.Value(mode))
    answer = aws.check(_ROLE, {"assumeRolePolicy": "{}"}, autonaming=autonaming)
    assert decode(answer.inputs).get("name") == expected


def test_a_name_is_cut_to_what_the_service_takes(aws: Client) -> None:
    name = aws.checked("aws:lb/targetGroup:TargetGroup", {}, name="x" * 60)["name"]
    assert len(name) == 32


def test_default_tags_are_merged_under_the_resources_own(aws: Client) -> None:
    assert aws.checked(BUCKET, {"tags": {"a": "b"}})["tags"] == {"stack": "dev", "a": "b"}
    assert aws.checked(BUCKET, {"tags": {"stack": "mine"}})["tags"] == {"stack": "mine"}
    assert "tags" not in aws.checked("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "b", "policy": "{}"})


def test_secrets_stay_secret_and_unknowns_unknown(aws: Client) -> None:
    checked = aws.checked(_VERSION, {"secretId": UNKNOWN, "secretString": secret("hidden")})
    assert checked["secretId"] == UNKNOWN
    assert checked["secretString"] == secret("hidden")
    assert plain(checked)["secretString"] == "hidden"
