"""What the bootstrap program makes, and what it says to somebody who got the settings wrong."""

import importlib
import inspect
import json
import pkgutil
from dataclasses import fields, is_dataclass
from typing import Any, cast

import pulumi
import pytest

import bootstrap
from bootstrap.settings import BootstrapSettings, BootstrapSettingsError
from components.common.documented import descriptions
from components.common.model import Settings
from tests.bootstrap.account import ACCOUNT, document, recorded_account, with_actions, with_pulumi_deployments
from tests.test_contract import HOLDS_DATA, settings_models

KEEPS = HOLDS_DATA | {"aws:ecr/repository:Repository"}


def component_classes() -> list[type[pulumi.ComponentResource]]:
    """Every component of the program."""
    found: set[type[pulumi.ComponentResource]] = set()
    for module in pkgutil.iter_modules(bootstrap.__path__, "bootstrap."):
        if module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and issubclass(value, pulumi.ComponentResource):
                found.add(value)
    return sorted(found - {pulumi.ComponentResource}, key=lambda c: c.__name__)


@pytest.mark.parametrize("component", component_classes(), ids=str)
def test_a_component_is_final_documented_and_takes_frozen_keyword_arguments(
    component: type[pulumi.ComponentResource],
) -> None:
    assert getattr(component, "__final__", False)
    assert inspect.getdoc(component)
    args: Any = getattr(inspect.getmodule(component), f"{component.__name__}Args")
    assert is_dataclass(args)
    assert args.__doc__
    assert all(field.kw_only for field in fields(args))
    assert "frozen=True" in inspect.getsource(cast("type", args)).split("class ")[0]


@pytest.mark.parametrize("model", sorted(settings_models(BootstrapSettings), key=str), ids=str)
def test_every_setting_is_documented(model: type[Settings]) -> None:
    assert issubclass(model, Settings)
    assert [name for name in model.model_fields if not descriptions(model).get(name)] == []


def test_a_preview_of_an_empty_account_shows_every_resource() -> None:
    preview = recorded_account(preview=True)
    assert {(r.urn, r.protect) for r in preview.records} == {(r.urn, r.protect) for r in with_actions().records}


def test_what_holds_data_cannot_be_deleted() -> None:
    keeps = [r for r in with_actions().records if r.type in KEEPS]
    assert {r.type for r in keeps} == {"aws:kms/key:Key", "aws:s3/bucket:Bucket", "aws:ecr/repository:Repository"}
    assert [r.urn for r in keeps if not (r.protect and r.retain_on_delete)] == []
    released = recorded_account({"protected": False})
    assert [r.urn for r in released.records if r.protect or r.retain_on_delete] == []


def test_one_provider_makes_and_tags_everything() -> None:
    provider = with_actions().only("pulumi:providers:aws")
    tags = json.loads(provider.inputs["defaultTags"])["tags"]
    assert tags == {"project": "flowise-bootstrap", "stack": "account", "managed-by": "pulumi"}
    assert {r.provider for r in with_actions().records if r.type.startswith("aws:")} == {provider.urn}


def test_names_are_within_the_limits_of_iam() -> None:
    long = recorded_account({"stacks": {"s" * 20: {"approval": False}}})
    for type_, limit in (("aws:iam/role:Role", 64), ("aws:iam/policy:Policy", 128)):
        for record in long.of_type(type_):
            if record.name == "state-recovery":
                continue  # Pulumi names it, within the limit
            assert 0 < len(record.inputs["name"]) <= limit
            assert record.inputs["path"] == "/flowise-bootstrap/"


def test_without_pulumi_cloud_nothing_of_it_is_registered() -> None:
    assert not [r for r in with_actions().records if "pulumiservice" in r.type]
    assert [r.name for r in with_actions().of_type("aws:iam/openIdConnectProvider:OpenIdConnectProvider")] == ["github"]
    # An organisation that keeps its state in Pulumi Cloud and deploys with Actions.
    state_only = recorded_account({"pulumi_cloud.organization": "acme"})
    assert not [r for r in state_only.records if "pulumiservice" in r.type]


def test_deployment_settings_of_each_stack() -> None:
    recording = with_pulumi_deployments()
    assert recording.exports["delivery"] == "pulumi-deployments"
    for stack, pushes in (("dev", True), ("prod", False)):
        settings = recording.only("pulumiservice:index:DeploymentSettings", stack).inputs
        assert (settings["organization"], settings["project"], settings["stack"]) == ("acme", "flowise", stack)
        assert settings["sourceContext"]["git"] == {"branch": "refs/heads/main", "repoDir": "."}
        assert settings["github"]["repository"] == "acme/flowise-on-aws"
        assert settings["github"]["deployCommits"] is pushes, "a stack that needs approval waits for a person"
        assert settings["github"]["previewPullRequests"] is False
        assert f"Pulumi.{stack}.yaml" in settings["github"]["paths"]
        assert "Pulumi.dev.yaml" not in settings["github"]["paths"] or stack == "dev"
        operation = settings["operationContext"]
        assert operation["preRunCommands"] == ["make setup"]
        role = recording.only("aws:iam/role:Role", f"deploy-{stack}").outputs["arn"]
        assert operation["oidc"]["aws"]["roleARN"] == role
        drift = recording.only("pulumiservice:index:DriftSchedule", stack).inputs
        assert drift["scheduleCron"] == "0 3 * * *"
        assert drift["autoRemediate"] is False


def test_a_drift_schedule_can_be_left_out_and_previews_be_asked_for() -> None:
    recording = recorded_account(
        {
            "pulumi_cloud.organization": "acme",
            "delivery": "pulumi-deployments",
            "stacks": {"dev": {"approval": False, "drift_schedule": None, "preview_in_deployments": True}},
        }
    )
    assert recording.of_type("pulumiservice:index:DriftSchedule") == []
    settings = recording.only("pulumiservice:index:DeploymentSettings").inputs
    assert settings["github"]["previewPullRequests"] is True


MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no repository": ({"repository": None}, ["flowise-bootstrap:repository: is missing"]),
    "no repository name": (
        {"repository": {"owner_id": 1, "repository_id": 2}},
        ["flowise-bootstrap:repository.name: is missing"],
    ),
    "an address instead of a name": (
        {"repository.name": "https://github.com/acme/flowise"},
        ["flowise-bootstrap:repository.name:", "for example acme/flowise-on-aws"],
    ),
    "no organisation": ({"repository.name": "flowise-on-aws"}, ["repository.name:", "for example acme/"]),
    "a star": ({"repository.name": "acme/*"}, ["repository.name:"]),
    "a ref instead of a branch": (
        {"repository.branch": "refs/heads/main"},
        ["flowise-bootstrap:repository.branch:", "is a ref", "write main"],
    ),
    "one id of two": ({"repository.owner_id": None}, ["repository:", "go together", "gh api repos/acme"]),
    "no approval environment": (
        {"stacks.prod.environment": None},
        ["flowise-bootstrap:stacks.prod:", "needs an approval environment", "approval: false"],
    ),
    "no preview environment": (
        {"stacks.prod.preview_environment": None},
        ["flowise-bootstrap:stacks.prod:", "needs a preview environment", "preview_environment: prod-preview"],
    ),
    "one environment for both": (
        {"stacks.prod.preview_environment": "prod"},
        ["flowise-bootstrap:stacks.prod:", "are the same", "preview_environment: prod-preview"],
    ),
    "a stack whose name goes on from another's": (
        {"stacks.dev-eu": {"approval": False}},
        ["flowise-bootstrap:stacks.dev-eu:", "begins with 'dev-'", "deploys dev", "such as eu-dev"],
    ),
    "a separator in a name": ({"stacks": {"a--b": {"approval": False}}}, ["flowise-bootstrap:stacks.a--b:"]),
    "a name that ends in the separator": ({"stacks": {"a-": {"approval": False}}}, ["flowise-bootstrap:stacks.a-:"]),
    "a domain inside of another's": (
        {
            "stacks.dev.domain": {"name": "dev.flowise.example.com", "hosted_zone_id": "Z1"},
        },
        ["flowise-bootstrap:stacks.dev.domain.name:", "lies below the domain of prod", "beside each other"],
    ),
    "one domain for two": (
        {"stacks.dev.domain": {"name": "flowise.example.com", "hosted_zone_id": "Z1"}},
        ["flowise-bootstrap:stacks.prod.domain.name:", "is the domain of dev"],
    ),
    "a bucket with a star": ({"stacks.prod.buckets": ["files-*"]}, ["flowise-bootstrap:stacks.prod.buckets.0:"]),
    "an organisation in capitals": (
        {"pulumi_cloud.organization": "ACME"},
        ["flowise-bootstrap:pulumi_cloud.organization:", "for example acme"],
    ),
    "Pulumi Deployments without Pulumi Cloud": (
        {"delivery": "pulumi-deployments"},
        ["flowise-bootstrap:delivery:", "add a flowise-bootstrap:pulumi_cloud section"],
    ),
    "two who deploy": ({"delivery": "both"}, ["flowise-bootstrap:delivery:"]),
    "a misspelt service": (
        {"services": ["ec2", "elasticach"]},
        ["flowise-bootstrap:services.1:", 'no stack uses the service "elasticach"', "did you mean elasticache?"],
    ),
    "a service that no stack uses": (
        {"services": ["ec2", "robomaker"]},
        ["flowise-bootstrap:services.1:", "allowed: acm, backup, backup-storage"],
    ),
    "no stacks": ({"stacks": {}}, ["flowise-bootstrap:stacks:"]),
    "a misspelt key": ({"delivry": "actions"}, ["flowise-bootstrap:delivry:", "did you mean delivery?"]),
    "a misspelt inner key": ({"repository.bnch": "x"}, ["repository.bnch:", "did you mean branch?"]),
    "a plain http issuer": (
        {"pulumi_cloud": {"organization": "acme", "issuer": "http://x.example"}},
        ["pulumi_cloud.issuer:"],
    ),
}


@pytest.mark.parametrize("names", [("dev", "dev2"), ("eu", "prod-eu"), ("a-b", "a-c"), ("prod", "preprod")])
def test_names_that_only_look_alike_are_taken(names: tuple[str, str]) -> None:
    recorded = recorded_account({"stacks": {name: {"approval": False} for name in names}})
    assert {r.name for r in recorded.of_type("aws:iam/policy:Policy")} == {f"boundary-{name}" for name in names}


@pytest.mark.parametrize(("edits", "says"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_explained(edits: dict[str, Any], says: list[str]) -> None:
    with pytest.raises(BootstrapSettingsError) as raised:
        recorded_account(edits)
    message = str(raised.value)
    assert "Pulumi.account.yaml has 1 mistake; nothing has been made" in message
    for part in says:
        assert part in message


def test_all_mistakes_are_reported_at_once() -> None:
    with pytest.raises(BootstrapSettingsError, match="has 4 mistakes") as raised:
        recorded_account(
            {
                "repository.name": "flowise",
                "stacks.prod.environment": None,
                "delivery": "pulumi-deployments",
                "typo": 1,
            }
        )
    assert len(str(raised.value).splitlines()) == 5


def test_the_state_bucket_says_who_reads_it() -> None:
    account = with_actions()
    logging = account.only("aws:s3/bucketLogging:BucketLogging")
    buckets = {r.name: r.id for r in account.of_type("aws:s3/bucket:Bucket")}
    assert (logging.inputs["bucket"], logging.inputs["targetBucket"]) == (buckets["state"], buckets["state-logs"])
    policy = account.only("aws:s3/bucketPolicy:BucketPolicy", "state-logs").inputs["policy"]
    [allowed] = [s for s in document(policy) if s["Effect"] == "Allow"]
    assert allowed["Principal"] == {"Service": ["logging.s3.amazonaws.com"]}
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_an_account_with_a_scanning_configuration_of_its_own_keeps_it() -> None:
    """It is one for the whole registry; the repository's own setting, which AWS retires, is used in neither case."""
    kind = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
    assert len(with_actions().of_type(kind)) == 1
    left_alone = recorded_account({"registry": {"account_scanning": False}})
    assert left_alone.of_type(kind) == []
    for recording in (with_actions(), left_alone):
        (repository,) = recording.of_type("aws:ecr/repository:Repository")
        assert "imageScanningConfiguration" not in repository.inputs
