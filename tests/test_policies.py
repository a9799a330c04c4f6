"""Every policy that the stacks render, by AWS's own list of actions, what they name, and conditions."""

import json
from collections.abc import Iterator

import pytest

from analysis.recorder import Record, Recording
from tests.bootstrap.policy_linter import issues

ROLE_POLICIES = {"aws:iam/rolePolicy:RolePolicy": "policy"}
RESOURCE_POLICIES = {
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
}
_KEY = "aws:kms/key:Key"
EXPLAINED = {
    **{
        ("aws:iam/rolePolicy:RolePolicy", name, "RESOURCE_MISMATCH"): (
            "logs:DescribeLogGroups takes log groups by name; parliament's list is older"
        )
        for name in ("network-flow", "telemetry-logs")
    },
    **{(_KEY, name, "RESOURCE_STAR"): "it means the key itself" for name in ("key", "key-recovery", "backup")},
    # The condition of CloudWatch Logs' own documentation; parliament lists it as text, and not for DescribeKey.
    (_KEY, "key", "UNKNOWN_CONDITION_FOR_ACTION"): "no encryption context comes with DescribeKey",
    (_KEY, "key", "MISMATCHED_TYPE"): "the context of a log group is its ARN",
}
"""Findings that are none: type and name of the resource and issue, with the reason."""


def policies(recording: Recording, types: dict[str, str]) -> Iterator[tuple[Record, str]]:
    """Every policy of these types as text."""
    for type_, key in types.items():
        for record in recording.of_type(type_):
            yield record, record.inputs[key]


def evaluated(recording: Recording, types: dict[str, str]) -> dict[str, list[str]]:
    """What is wrong, by the name of the resource."""
    found = {
        record.name: [issue for issue in sorted(issues(text)) if (record.type, record.name, issue) not in EXPLAINED]
        for record, text in policies(recording, types)
    }
    assert found
    return {name: some for name, some in found.items() if some}


def test_rights_of_roles_are_least(recording: Recording) -> None:
    assert evaluated(recording, ROLE_POLICIES) == {}


def test_policies_of_resources_are_right(recording: Recording) -> None:
    assert evaluated(recording, RESOURCE_POLICIES) == {}


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("s3:ReplicateObjekt", "arn:aws:s3:::b/*", "UNKNOWN_ACTION"),
        ("s3:ReplicateObject", "arn:aws:s3:::b", "RESOURCE_MISMATCH"),
        ("kms:Decrypt", "*", "RESOURCE_STAR"),
    ],
)
def test_what_is_wrong_is_found(action: str, resource: str, issue: str) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert issue in issues(text)


@pytest.mark.parametrize(
    ("operator", "key", "found"),
    [
        ("StringEquals", "s3:prefix", {"UNKNOWN_CONDITION_FOR_ACTION"}),
        ("NumericLessThan", "s3:TlsVersion", set[str]()),
        ("StringEquals", "s3:TlsVersion", {"MISMATCHED_TYPE"}),
        ("StringEqualsIfExists", "aws:PrincipalTag/team", set[str]()),
    ],
)
def test_conditions_are_those_of_the_action(operator: str, key: str, found: set[str]) -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    assert issues(json.dumps({"Statement": statement | {"Condition": {operator: {key: "1"}}}})) == found


def test_nothing_is_explained_that_is_not_there(prod: Recording) -> None:
    every = ROLE_POLICIES | RESOURCE_POLICIES
    found = {(r.type, r.name, issue) for r, text in policies(prod, every) for issue in issues(text)}
    assert found >= EXPLAINED.keys(), found
