"""Every policy that the stacks render, judged by parliament: its rules know each action and what it may name."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from parliament import (  # pyright: ignore[reportMissingTypeStubs]
    analyze_policy_string,  # pyright: ignore[reportUnknownVariableType]
)

from local.recorder import Record, Recording

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


def findings(text: str) -> list[tuple[str, Any]]:
    """What parliament says."""
    analyzed: Any = analyze_policy_string(text, ignore_private_auditors=True)
    return [(finding.issue, finding.detail) for finding in analyzed.findings]


def judged(recording: Recording, types: dict[str, str]) -> dict[str, list[tuple[str, Any]]]:
    """What is wrong, by the name of the resource."""
    found = {
        record.name: [f for f in findings(text) if (record.type, record.name, f[0]) not in EXPLAINED]
        for record, text in policies(recording, types)
    }
    assert found
    return {name: some for name, some in found.items() if some}


def test_rights_of_roles_are_least(recording: Recording) -> None:
    assert judged(recording, ROLE_POLICIES) == {}


def test_policies_of_resources_are_right(recording: Recording) -> None:
    assert judged(recording, RESOURCE_POLICIES) == {}


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("s3:ReplicateObjekt", "arn:aws:s3:::b/*", "UNKNOWN_ACTION"),
        ("s3:ReplicateObject", "arn:aws:s3:::b", "RESOURCE_MISMATCH"),
        ("kms:Decrypt", "*", "RESOURCE_STAR"),
    ],
)
def test_the_judge_sees_what_is_wrong(action: str, resource: str, issue: str) -> None:
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert issue in {name for name, _ in findings(text)}


def test_nothing_is_explained_that_is_not_there(prod: Recording) -> None:
    every = ROLE_POLICIES | RESOURCE_POLICIES
    found = {(r.type, r.name, issue) for r, text in policies(prod, every) for issue, _ in findings(text)}
    assert found >= EXPLAINED.keys()
