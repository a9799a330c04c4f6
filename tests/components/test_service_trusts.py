"""Which services take the roles of a stack, and that each trust says for whose account."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.recorder import Recording
from analysis.rights.account import recorded_account
from analysis.rights.stacks import STACKS, recordings
from analysis.stackfiles import ROOT

WITHOUT_ACCOUNT = {
    "s3.amazonaws.com",
    "eks.amazonaws.com",
    "ec2.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
}
"""docs/decisions/0042-trust-of-replication.md."""
SAYS_WHOSE = {"aws:SourceAccount", "aws:SourceArn", "sts:ExternalId", "aws:RequestTag/eks-cluster-arn"}


def trusts(recording: Recording) -> Iterator[tuple[str, str, dict[str, dict[str, Any]]]]:
    """Role, service and conditions of every trust of a service."""
    for role in recording.of_type("aws:iam/role:Role"):
        for statement in json.loads(role.inputs["assumeRolePolicy"])["Statement"]:
            for service in statement["Principal"].get("Service", []):
                yield role.name, service, statement.get("Condition", {})


@pytest.mark.parametrize("name", [*(f"{stack}, everything on" for stack in STACKS), "bootstrap"])
def test_a_trust_of_a_service_says_for_whose_account(name: str) -> None:
    recording = recorded_account() if name == "bootstrap" else recordings()[name]
    account = "123456789012"
    for role, service, conditions in trusts(recording):
        keys = {key: value for test in conditions.values() for key, value in test.items()}
        if service in WITHOUT_ACCOUNT:
            assert not keys, f"{role}: a condition that nobody has tried would stop {service}"
        else:
            assert any(account in str(keys[key]) for key in SAYS_WHOSE & keys.keys()), role


def test_the_roles_without_are_those_of_the_decision() -> None:
    known = {
        role
        for name in (f"{s}, everything on" for s in STACKS)
        for role, service, _ in trusts(recordings()[name])
        if service in WITHOUT_ACCOUNT
    }
    assert known == {"files-recovery", "cluster-eksRole-role", "cluster-nodeRole-role", "malware-scan"}
    page = (ROOT / "docs" / "decisions" / "0042-trust-of-replication.md").read_text(encoding="utf-8")
    assert "iam:PassRole" in page
