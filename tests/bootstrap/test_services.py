"""What the boundary admits, and what stacks and their pods ask AWS for: a service that is left out fails at `up`."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from bootstrap.settings import BootstrapSettings
from tests.conftest import recorded, recorded_with

RUNNER = left_out_by_prod()["runner"]

SERVICES = set(BootstrapSettings.model_fields["services"].get_default(call_default_factory=True))
PREFIXES = {
    # Modules of the provider that are not called like the service in IAM; the longest beginning counts.
    "cloudwatch/event": "events",
    "cloudwatch/log": "logs",
    "kinesis/firehose": "firehose",
    "lb": "elasticloadbalancing",
    "vpc": "ec2",
}
BY_NAME = {"iam", "sts"}
"""The boundary has statements of its own for these."""


def prefix(type_: str) -> str:
    """Service in IAM of a type such as `aws:lb/listener:Listener`."""
    path = type_.split(":")[1]
    longest = max((start for start in PREFIXES if path.startswith(start)), key=len, default="")
    return PREFIXES.get(longest, path.split("/")[0])


def asked(recording: Recording) -> set[str]:
    """Services of all resources of AWS, and of the rights that the stack's roles are given."""
    made = {prefix(r.type) for r in recording.records if r.type.startswith("aws:") and r.custom}
    documents = [json.loads(r.inputs["policy"]) for r in recording.of_type("aws:iam/rolePolicy:RolePolicy")]
    rights = {a.split(":")[0] for d in documents for s in d["Statement"] if s["Effect"] == "Allow" for a in s["Action"]}
    return (made | rights) - BY_NAME


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_boundary_admits_what_the_stacks_are_made_of(stack: str) -> None:
    assert asked(recorded(stack)) <= SERVICES


@pytest.mark.parametrize(
    ("edits", "service"),
    [
        ({"telemetry.logs.archive": {"retention_days": 400}}, "firehose"),
        ({"observability.canary": {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}}, "cloudwatch"),
        ({"runner": RUNNER}, "codeconnections"),
        ({"app.bedrock": {"model_ids": ["amazon.nova-lite-v1:0"]}}, "bedrock"),
    ],
)
def test_the_boundary_admits_what_a_stack_may_ask_for_besides(edits: Mapping[str, Any], service: str) -> None:
    found = asked(recorded_with("prod", edits))
    assert service in found
    assert found <= SERVICES
