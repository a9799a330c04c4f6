"""What replaces a resource: every type that the program registers, each entry with its source."""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from analysis.replacements import REPLACING, UnknownReplacementError, replaces
from engine.provider.schema import Property, properties_of, schema
from engine.provider.values import UNKNOWN
from tests.bootstrap.account import with_actions, with_pulumi_deployments
from tests.cfn_lint import SCHEMAS
from tests.components.test_sign_in import signed
from tests.conftest import recorded, recorded_with
from tests.engine.provider_client import BUCKET, Client

RUNNER = left_out_by_prod()["runner"]

FORMS: Mapping[str, Any] = {
    "dev": lambda: recorded("dev"),
    "prod": lambda: recorded("prod"),
    "bootstrap": with_actions,
    "bootstrap with Pulumi Cloud": with_pulumi_deployments,
    "log archive": lambda: recorded_with("prod", {"telemetry.logs.archive": {"retention_days": 400}}),
    "compliance lock": lambda: recorded_with("prod", {"backup.lock": {"mode": "compliance", "changeable_for_days": 7}}),
    "runner": lambda: recorded_with("prod", {"runner": RUNNER}),
    "sign in": signed,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_type_of_the_program_has_an_entry(form: str) -> None:
    recording: Recording = FORMS[form]()
    registered = {record.type for record in recording.records if record.type.startswith(("aws:", "random:"))}
    assert registered <= REPLACING.keys()


@pytest.mark.parametrize("type_", REPLACING)
def test_every_entry_names_its_source_and_properties_of_the_type(type_: str) -> None:
    entry = REPLACING[type_]
    assert re.search(r"\w+\.go$", entry.source), entry.source
    for path in entry.properties.split():
        inputs: Mapping[str, Property] = schema(type_).inputs
        for name in path.rstrip("-?").split("."):
            assert name in inputs, path
            shape = inputs[name].shape
            inner = shape.item if shape.kind == "array" and shape.item else shape
            inputs = properties_of(inner.cls) if inner.cls else {}


@cache
def _schema_files() -> Mapping[str, str]:
    return json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text("utf-8"))


def _at_creation_only(type_: str) -> set[str]:
    """What AWS says of its type: properties that can be set at creation only."""
    file = SCHEMAS / "resources" / f"{_schema_files()[type_]}.json"
    only = cast("list[str]", json.loads(file.read_text("utf-8")).get("createOnlyProperties", []))
    return {path.removeprefix("/properties/") for path in only}


@pytest.mark.parametrize("type_", [type_ for type_ in REPLACING if REPLACING[type_].cloudformation])
def test_what_aws_sets_at_creation_only_replaces_or_says_why_not(type_: str) -> None:
    entry = REPLACING[type_]
    flat = {re.sub(r"[^a-z]", "", path.lower()) for path in entry.properties.split()}
    only = _at_creation_only(entry.cloudformation)
    missing = {
        path
        for path in only
        if re.sub(r"[^a-z]", "", path.lower()) not in flat and path not in entry.in_place
        if path.partition("/")[0] not in entry.in_place
    }
    assert not missing


def test_a_type_without_an_entry_is_no_surprise() -> None:
    with pytest.raises(UnknownReplacementError, match="aws:sqs/queue:Queue: add it"):
        replaces("aws:sqs/queue:Queue", "name")
    assert not replaces("pulumiservice:index:DriftSchedule", "organization")


@pytest.mark.parametrize(
    ("type_", "path", "kind", "expected"),
    [
        ("aws:ec2/vpc:Vpc", "cidrBlock", "UPDATE", True),
        ("aws:ec2/vpc:Vpc", 'tags["Name"]', "UPDATE", False),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig.serviceIpv4Cidr", "UPDATE", True),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig.elasticLoadBalancing.enabled", "UPDATE", False),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig", "UPDATE", False),
        ("aws:eks/cluster:Cluster", "kubernetesNetworkConfig", "DELETE", True),
        ("aws:eks/cluster:Cluster", "encryptionConfig", "DELETE", True),
        ("aws:eks/cluster:Cluster", "encryptionConfig", "ADD", False),
        ("aws:rds/instance:Instance", "restoreToPointInTime.restoreTime", "UPDATE", True),
        ("aws:rds/instance:Instance", "identifier", "UPDATE", False),
        ("aws:s3/bucket:Bucket", "region", "UPDATE", True),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4", "UPDATE", False),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4", "DELETE", True),
        ("aws:backup/selection:Selection", "resources[0]", "ADD", True),
    ],
)
def test_nested_properties_replace_where_the_provider_says_so(type_: str, path: str, kind: Any, expected: bool) -> None:
    assert replaces(type_, path, kind) is expected


def test_the_engine_hears_what_replaces_with_its_path(aws: Client) -> None:
    role = {"clusterName": "c", "addonName": "a"}
    old = {**role, "configurationValues": '{"a": 1}'}
    answer = aws.diff("aws:eks/addon:Addon", old, {**old, "configurationValues": '{"a":1}'})
    assert answer.changes == answer.DIFF_NONE
    answer = aws.diff("aws:eks/addon:Addon", old, {**old, "clusterName": UNKNOWN, "preserve": True})
    assert list(answer.replaces) == ["clusterName"]
    assert {path: detail.kind for path, detail in answer.detailedDiff.items()} == {"clusterName": 5, "preserve": 0}


def test_a_fixed_name_is_freed_before_it_is_used_again(aws: Client) -> None:
    given = aws.checked(BUCKET, {"bucket": "mine"})
    assert aws.diff(BUCKET, given, {**given, "objectLockEnabled": True}).deleteBeforeReplace
    made = aws.checked(BUCKET, {})
    assert not aws.diff(BUCKET, made, {**made, "objectLockEnabled": True}).deleteBeforeReplace
