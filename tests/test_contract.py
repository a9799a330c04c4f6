"""What holds for every component and every resource of both stacks."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, cast, get_args

import pulumi
import pytest
from pydantic import BaseModel

from analysis.recorder import Record, Recording
from analysis.rights.stacks import recordings
from analysis.sections import component_classes
from components.common.catalogue import IRREPLACEABLE
from components.common.documented import descriptions
from components.common.model import Settings
from settings import StackSettings
from tests.conftest import recorded

HOLDS_DATA = IRREPLACEABLE
"""Losing one of these loses what people made."""

WITHOUT_RESOURCES = {"xray:PutTraceSegments"}
"""Actions for which AWS has no resources to name (service authorization reference)."""


def settings_models(model: type[BaseModel] = StackSettings) -> set[type[BaseModel]]:
    """Every model that a stack file can reach."""
    found = {model}
    for field in model.model_fields.values():
        for hint in (field.annotation, *get_args(field.annotation)):
            if inspect.isclass(hint) and issubclass(hint, BaseModel):
                found |= settings_models(hint)
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a resource's inputs with its path."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from leaves(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from leaves(item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


def made(recording: Recording, prefix: str) -> list[Record]:
    """Resources that the program itself registers with a provider."""
    return [r for r in recording.records if r.type.startswith(prefix) and r.custom and not r.expanded]


@pytest.mark.parametrize("component", component_classes().values(), ids=str)
def test_a_component_is_final_documented_and_takes_frozen_keyword_arguments(
    component: type[pulumi.ComponentResource],
) -> None:
    assert getattr(component, "__final__", False), "mark it @final"
    assert inspect.getdoc(component)
    args: Any = getattr(inspect.getmodule(component), f"{component.__name__}Args")
    assert inspect.isclass(args)
    assert is_dataclass(args)
    assert inspect.getdoc(args)
    assert all(field.kw_only for field in fields(args))
    assert "frozen=True" in inspect.getsource(args).split("class ")[0]


def test_every_component_is_used_and_has_a_token_of_its_own() -> None:
    both = [recordings()["prod, everything on"], recorded("internal")]  # with CloudFront and without
    used = {r.type for recording in both for r in recording.records if r.type.startswith("flowise:")}
    assert all(re.fullmatch(r"flowise:[a-z]+:[A-Z]\w+", token) for token in used)
    assert {token.rsplit(":", 1)[1] for token in used} == component_classes().keys()


@pytest.mark.parametrize("model", sorted(settings_models(), key=str), ids=str)
def test_every_setting_is_documented(model: type[BaseModel]) -> None:
    assert issubclass(model, Settings), "settings are strict, frozen and closed"
    undocumented = [name for name in model.model_fields if not descriptions(model).get(name)]
    assert undocumented == []


def test_components_register_their_outputs(recording: Recording) -> None:
    silent = [r.type for r in recording.records if r.type.startswith("flowise:") and not r.outputs]
    assert silent == []


def test_a_preview_of_an_empty_account_shows_every_resource(recording: Recording, preview: Recording) -> None:
    assert {(r.urn, r.protect) for r in preview.records} == {(r.urn, r.protect) for r in recording.records}


def test_everything_is_made_by_the_stacks_own_providers(recording: Recording) -> None:
    aws_provider = recording.only("pulumi:providers:aws")
    clusters = {r.name: r.urn for r in recording.of_type("pulumi:providers:kubernetes")}
    assert clusters.keys() == {"cluster", "cluster-private"}  # the second for what a preview may not read
    assert {r.provider for r in made(recording, "aws:")} == {aws_provider.urn}
    assert {r.provider for r in made(recording, "kubernetes:")} == {*clusters.values()}


def test_the_provider_tags_everything(recording: Recording, stack: str) -> None:
    tags = json.loads(recording.only("pulumi:providers:aws").inputs["defaultTags"])["tags"]
    assert tags.items() >= {"project": "flowise", "stack": stack, "managed-by": "pulumi"}.items()


def test_what_holds_data_cannot_be_deleted_in_prod(prod: Recording) -> None:
    unsafe = [r.urn for r in prod.records if r.type in HOLDS_DATA and not (r.protect and r.retain_on_delete)]
    assert unsafe == []
    assert {r.type for r in prod.records} >= HOLDS_DATA


def test_dev_can_be_destroyed(dev: Recording) -> None:
    assert [r.urn for r in dev.records if r.protect or r.retain_on_delete] == []


def test_no_security_group_admits_the_internet(recording: Recording) -> None:
    for rule in recording.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        assert rule.inputs.get("cidrIpv4") != "0.0.0.0/0"
        assert "cidrIpv6" not in rule.inputs
    for group in recording.of_type("aws:ec2/securityGroup:SecurityGroup"):
        assert "ingress" not in group.inputs, "rules are resources of their own"


def test_log_groups_expire_and_are_encrypted(recording: Recording) -> None:
    for group in recording.of_type("aws:cloudwatch/logGroup:LogGroup"):
        assert group.inputs["retentionInDays"] >= 1
        # The stack's key lives in the stack's region; logs of the edge are in us-east-1.
        assert group.inputs.get("kmsKeyId") or group.inputs.get("region") == "us-east-1"


def test_policies_name_their_resources(recording: Recording) -> None:
    for policy in recording.of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            assert statement["Resource"] != ["*"] or set(statement["Action"]) <= WITHOUT_RESOURCES
        assert not re.search(r'"Action": \[[^]]*"(\*|\w+:\*)"', policy.inputs["policy"])


def test_generated_secrets_appear_only_where_they_are_marked_secret(recording: Recording) -> None:
    secrets = {
        value
        for r in recording.records
        if r.type in {"random:index/randomBytes:RandomBytes", "random:index/randomPassword:RandomPassword"}
        for key, value in r.outputs.items()
        if key in {"hex", "result"}
    }
    assert len(secrets) >= 7
    for record in recording.records:
        for path, text in leaves(record.inputs):
            if any(secret in text for secret in secrets):
                covered = any(path == s or path.startswith((f"{s}.", f"{s}[")) for s in record.secrets)
                assert covered, f"{record.urn} holds a secret in plain text at {path}"
    exported = " ".join(text for _, text in leaves(recording.exports))
    assert not any(secret in exported for secret in secrets)


def test_no_static_aws_key_is_rendered(recording: Recording) -> None:
    for record in recording.records:
        for path, text in leaves(record.inputs):
            assert "ACCESS_KEY" not in path.upper()
            assert not re.search(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b", text), record.urn


def test_the_edge_opens_only_when_the_owner_exists(recording: Recording) -> None:
    """Otherwise the first outsider to register would own the instance."""
    owner = recording.only("kubernetes:batch/v1:Job", "flowise-owner")
    assert owner.urn in recording.only("aws:cloudfront/distribution:Distribution").depends_on


def test_pods_start_after_migration_identity_and_target_group(recording: Recording) -> None:
    before = {
        recording.only("kubernetes:batch/v1:Job", "flowise-migration").urn,
        recording.only("aws:eks/podIdentityAssociation:PodIdentityAssociation", "flowise").urn,
        recording.only("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding").urn,
    }
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        if deployment.name.startswith("flowise"):
            assert deployment.depends_on >= before
