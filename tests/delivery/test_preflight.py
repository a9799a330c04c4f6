"""`make preflight`: against moto where it answers as AWS does, against stubs of AWS's documented answers elsewhere."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, cast

import boto3
import pytest
import typer
from botocore.stub import Stubber
from moto import mock_aws
from typer.testing import CliRunner

from analysis.stackfiles import StackConfig, override, read_stack
from components.common.model import DomainSettings
from delivery.preflight import account, domain, stack
from delivery.preflight.__main__ import ACCOUNT, STACK, main, show
from delivery.preflight.model import Answer, Check, Subject, run
from settings import StackSettings, parse_settings

REGION = "us-east-1"
OWN = "123456789012"
DIGEST = "sha256:" + "ab12" * 16
Stub = tuple[str, dict[str, Any] | str]
"""An operation with its answer, or with the service's error."""


def settings(name: str = "prod", *changes: str) -> StackSettings:
    config = override(read_stack(name), changes)
    return parse_settings(config.values, config.secret_keys, name)


def new_client(service: str) -> Any:
    return cast("Any", boto3).client(service, region_name=REGION)


client = cache(new_client)
"""Of moto, for all tests: it asks moto's account of the test."""


def subject(name: str = "prod", *changes: str, vcpus: int = 8, **stubs: list[Stub]) -> Subject:
    """A stack whose services answer with these stubs in their order; all others are moto's."""
    made: dict[str, Any] = {}
    for service, answers in stubs.items():
        made[service.replace("_", "-")] = stubbed = new_client(service.replace("_", "-"))
        stubber = Stubber(stubbed)
        for operation, answer in answers:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer)
            else:
                stubber.add_response(operation, answer)
        stubber.activate()
    return Subject(
        stack=name,
        settings=settings(name, *changes),
        vcpus=vcpus,
        client=lambda service, _: made.get(service) or client(service),
    )


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for key, value in {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(key, value)
    with mock_aws():
        yield


NO_CLUSTER: Stub = ("describe_cluster", "ResourceNotFoundException")


def quota(value: float) -> Stub:
    return "get_service_quota", {"Quota": {"Value": value}}


def bad(answers: Iterator[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.good is not True]


def test_another_account_than_the_stack_files_is_refused() -> None:
    assert bad(account.identity(subject())) == []
    (found,) = bad(account.identity(subject("prod", 'cluster.admin_role_arns=["arn:aws:iam::999999999999:role/x"]')))
    assert "flowise:cluster.admin_role_arns.0 names 999999999999" in found.text


def test_the_quotas_of_a_new_account_do_not_hold_prod() -> None:
    """5 vCPU, VPCs and addresses: the defaults of a new account."""
    asked = subject(eks=[NO_CLUSTER], service_quotas=[quota(5), quota(5), quota(2)])
    found = bad(account.quotas(asked))
    assert [answer.text for answer in found] == [
        "vCPU of running on-demand instances: 0 used and 8 needed of 5",
        "Elastic IP addresses: 0 used and 3 needed of 2",
    ]
    assert "--service-code ec2 --quota-code L-1216C47A --desired-value 16" in found[0].todo


def test_what_the_account_runs_already_counts() -> None:
    ec2 = client("ec2")
    ec2.allocate_address(Domain="vpc")
    for _ in range(3):
        ec2.create_vpc(CidrBlock="10.99.0.0/16")
    used = len(ec2.describe_vpcs()["Vpcs"])
    asked = subject("dev", eks=[NO_CLUSTER], service_quotas=[quota(64), quota(used), quota(1)])
    assert [answer.text for answer in bad(account.quotas(asked))] == [
        f"VPCs: {used} used and 1 needed of {used}",
        "Elastic IP addresses: 1 used and 1 needed of 1",
    ]


def test_zones_are_known_by_their_id() -> None:
    listed = [
        {"ZoneName": f"us-east-1{letter}", "ZoneId": f"use1-az{number}"}
        for letter, number in {"a": 6, "b": 3, "c": 1, "d": 2}.items()
    ]
    found = bad(account.zones(subject(ec2=[("describe_availability_zones", {"AvailabilityZones": listed})])))
    assert [answer.text for answer in found] == ["us-east-1b is use1-az3 in this account, which EKS does not serve"]
    assert found[0].todo == "put one of us-east-1d in its place in flowise:network.zones"
    (gone,) = bad(
        account.zones(subject(ec2=[("describe_availability_zones", {"AvailabilityZones": listed[:2] + listed[3:]})]))
    )[1:]
    assert gone.text == "us-east-1c is not in this account"


@pytest.mark.parametrize("status", ["opted-in", "opt-in-not-required"])
def test_a_region_of_recovery_that_is_on_is_good(status: str) -> None:
    on = ("describe_regions", {"Regions": [{"RegionName": "us-west-2", "OptInStatus": status}]})
    assert bad(account.regions(subject("prod", ec2=[on]))) == []


@pytest.mark.parametrize("listed", [[{"RegionName": "ap-east-1", "OptInStatus": "not-opted-in"}], []])
def test_a_region_of_recovery_that_is_off_is_refused(listed: list[dict[str, str]]) -> None:
    asked = subject("prod", "recovery.region=ap-east-1", ec2=[("describe_regions", {"Regions": listed})])
    (found,) = bad(account.regions(asked))
    assert found.good is False
    assert found.text.startswith("ap-east-1, the region of recovery, is not")
    assert "aws account enable-region --region-name ap-east-1" in found.todo


def test_without_recovery_no_region_is_asked_for() -> None:
    assert list(account.regions(subject("dev", ec2=[]))) == []


def offered(version: str, *zones: str) -> Stub:
    option = {"EngineVersion": version, "StorageType": "gp3", "AvailabilityZones": [{"Name": zone} for zone in zones]}
    return "describe_orderable_db_instance_options", {"OrderableDBInstanceOptions": [option]}


def kubernetes(**status: str) -> Stub:
    listed = [{"clusterVersion": v.replace("v", "").replace("_", "."), "versionStatus": s} for v, s in status.items()]
    return "describe_cluster_versions", {"clusterVersions": listed}


@pytest.mark.parametrize(
    ("eks", "rds", "says"),
    [
        (kubernetes(v1_36="STANDARD_SUPPORT"), offered("17.7", "us-east-1a", "us-east-1b", "us-east-1c"), []),
        (kubernetes(v1_36="EXTENDED_SUPPORT", v1_37="STANDARD_SUPPORT"), offered("17.7", "us-east-1a", "us-east-1b"),
         ["Kubernetes 1.36; EKS supports 1.37 without extra charge"]),
        (kubernetes(v1_36="STANDARD_SUPPORT"), offered("16.11", "us-east-1a", "us-east-1b", "us-east-1c"),
         ["PostgreSQL 17 on db.t4g.medium is not offered in us-east-1a, us-east-1b, us-east-1c"]),
        (kubernetes(v1_36="STANDARD_SUPPORT"), offered("17.7", "us-east-1a"),
         ["PostgreSQL 17 on db.t4g.medium is not offered in us-east-1b, us-east-1c"]),
    ],
    ids=["all", "kubernetes", "postgres", "one zone for two instances"],
)  # fmt: skip
def test_versions_that_the_region_does_not_offer_are_refused(eks: Stub, rds: Stub, says: list[str]) -> None:
    assert [answer.text for answer in bad(account.versions(subject(eks=[eks], rds=[rds])))] == says


def distributions(quantity: int) -> Stub:
    listed = {"Marker": "", "MaxItems": 1, "IsTruncated": False, "Quantity": quantity}
    return "list_distributions", {"DistributionList": listed}


def test_an_account_without_distributions_may_have_to_be_verified() -> None:
    assert bad(account.cloudfront(subject(cloudfront=[distributions(1)]))) == []
    (found,) = bad(account.cloudfront(subject(cloudfront=[distributions(0)])))
    assert found.good is None
    assert "Please verify this account for CloudFront" in found.todo


def test_a_secret_that_waits_for_its_deletion_keeps_its_name() -> None:
    secrets = client("secretsmanager")
    secrets.create_secret(Name="flowise/prod/keys", SecretString="{}")  # no secret
    secrets.delete_secret(SecretId="flowise/prod/keys", RecoveryWindowInDays=7)
    client("logs").create_log_group(logGroupName="flowise/prod/containers")
    found = bad(stack.names(subject(eks=[NO_CLUSTER])))
    assert [answer.text for answer in found] == [
        "secret flowise/prod/keys is taken",
        "log group flowise/prod/containers is taken",
    ]
    assert found[0].todo.startswith("wait, or `aws secretsmanager restore-secret`")
    assert bad(stack.names(subject("dev", eks=[NO_CLUSTER]))) == []


def test_what_retrieval_left_behind_keeps_its_names() -> None:
    """A protected stack keeps the domain and the secret when the section is removed, or the stack."""
    section = json.dumps({"instance_type": "r7g.large.search", "volume_gib": 100, "zones": 2, "nodes": 2})
    client("secretsmanager").create_secret(Name="flowise/prod/retrieval", SecretString="{}")  # no secret
    client("opensearch").create_domain(DomainName="flowise-prod")
    found = bad(stack.names(subject("prod", f"retrieval={section}", eks=[NO_CLUSTER])))
    assert [answer.text for answer in found] == [
        "secret flowise/prod/retrieval is taken",
        "OpenSearch domain flowise-prod is taken",
    ]
    assert bad(stack.names(subject("prod", eks=[NO_CLUSTER]))) == []


def test_a_stack_that_is_there_has_its_own_names() -> None:
    client("secretsmanager").create_secret(Name="flowise/prod/keys", SecretString="{}")  # no secret
    assert bad(stack.names(subject(eks=[("describe_cluster", {"cluster": {"name": "flowise-prod"}})]))) == []


def image(digest: str = DIGEST) -> str:
    return f'app.image="{OWN}.dkr.ecr.us-east-1.amazonaws.com/flowise@{digest}"'


def held(*architectures: str) -> Stub:
    index = {"manifests": [{"digest": each, "platform": {"architecture": each}} for each in architectures]}
    return "batch_get_image", {"images": [{"imageManifest": json.dumps(index)}]}


def test_an_image_that_is_not_there_or_not_for_the_nodes_is_refused() -> None:
    (example,) = bad(stack.image(subject()))
    assert example.text == "the digest is the example's, there is no such image"
    assert "`make image-digest STACK=prod`" in example.todo
    (missing,) = bad(stack.image(subject("prod", image(), ecr=[("batch_get_image", {"images": []})])))
    assert missing.text == f"flowise holds no image {DIGEST}"
    assert bad(stack.image(subject("prod", image(), ecr=[held("amd64", "arm64")]))) == []
    (wrong,) = bad(stack.image(subject("prod", image(), ecr=[held("amd64")])))
    assert wrong.text.endswith("but not for arm64")


def test_a_name_is_looked_up_in_its_zone() -> None:
    (unknown,) = bad(domain.domain(subject(eks=[NO_CLUSTER])))
    assert unknown.text == "there is no hosted zone Z0123456789ABCDEFGHIJ here"
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"].rpartition("/")[2]

    def asked(name: str) -> Subject:
        section = DomainSettings.model_construct(name=name, hosted_zone_id=zone)  # moto's ids begin with any letter
        found = subject(eks=[NO_CLUSTER])
        return replace(found, settings=found.settings.model_copy(update={"domain": section}))

    assert bad(domain.domain(asked("flowise.example.com"))) == []
    record = {
        "Name": "flowise.example.com",
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": "old.example.com"}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    (taken,) = bad(domain.domain(asked("flowise.example.com")))
    assert taken.text == "flowise.example.com has records already: CNAME"
    (outside,) = bad(domain.domain(asked("flowise.example.org")))
    assert outside.text == "flowise.example.org in public zone example.com"


OWNERS = f"arn:aws:acm:{REGION}:{OWN}:certificate/11111111-1111-1111-1111-111111111111"
BROUGHT = json.dumps({"name": "ai.example.com", "edge_certificate_arn": OWNERS})


def certificate(**changes: Any) -> Stub:
    """What ACM says of a certificate."""
    found = {"Status": "ISSUED", "DomainName": "*.example.com", "KeyAlgorithm": "RSA-2048", "Type": "IMPORTED"}
    return "describe_certificate", {"Certificate": {**found, **changes}}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (certificate(), []),
        ("ResourceNotFoundException", [f"there is no certificate {OWNERS} here"]),
        (certificate(Status="PENDING_VALIDATION"), ["is PENDING_VALIDATION, not ISSUED"]),
        (certificate(DomainName="example.com"), ["covers example.com, not ai.example.com"]),
        (certificate(KeyAlgorithm="EC_secp384r1"), ["a key of EC_secp384r1, which CloudFront does not take"]),
        (certificate(Type="PRIVATE"), ["CloudFront takes public ones only"]),
    ],
)
def test_a_certificate_that_somebody_brings_is_looked_at(answer: Stub | str, said: list[str]) -> None:
    stub: Stub = ("describe_certificate", answer) if isinstance(answer, str) else answer
    found = bad(domain.domain(subject("prod", f"domain={BROUGHT}", acm=[stub, stub])))
    assert [words for words in said if words in found[0].text] == said
    assert len(found) == len(said)


def test_roles_that_are_not_there_and_rights_that_are_missing_are_told() -> None:
    role = {"Path": "/", "RoleName": "deploy", "RoleId": "A" * 16, "Arn": f"arn:aws:iam::{OWN}:role/deploy"}
    me: Stub = ("get_caller_identity", {"Account": OWN, "Arn": f"arn:aws:sts::{OWN}:assumed-role/deploy/session"})
    there: Stub = ("get_role", {"Role": {**role, "CreateDate": "2026-11-27T00:00:00Z"}})
    decisions = [{"EvalActionName": action, "EvalDecision": "allowed"} for action in stack.ACTIONS]
    decisions[0] = {"EvalActionName": stack.ACTIONS[0], "EvalDecision": "implicitDeny"}
    simulated: Stub = ("simulate_principal_policy", {"EvaluationResults": decisions})
    asked = subject(sts=[me], iam=[("get_role", "NoSuchEntity"), there, simulated])
    assert [answer.text for answer in bad(stack.roles(asked))] == [
        f"there is no role arn:aws:iam::{OWN}:role/platform-admin",
        f"arn:aws:iam::{OWN}:role/deploy may not: {stack.ACTIONS[0]}",
    ]


def test_what_may_not_be_asked_is_said_and_stops_no_other() -> None:
    def denied(asked: Subject) -> Iterator[Answer]:
        asked.ask("eks").describe_cluster_versions()
        yield from ()

    checks: dict[str, Check] = {"versions": denied, "account": account.identity}
    answers = run(checks, subject(eks=[("describe_cluster_versions", "AccessDeniedException")]))
    assert [answer.good for answer in answers] == [None, True]
    assert "this role may not ask: DescribeClusterVersions" in show(answers)


def test_every_promised_question_is_asked() -> None:
    assert {*ACCOUNT, *STACK} == {
        "account", "quotas", "zones", "regions", "versions", "cloudfront", "firewall", "names", "image",
        "domain", "roles",
    }  # fmt: skip


def test_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole command against moto, which knows no simulation of policies and no rule groups: it only reads."""
    asked: list[str] = []
    make: Callable[..., Any] = cast("Any", boto3).client

    def note(model: Any, **_: Any) -> None:
        asked.append(model.name)

    def watched(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        made.meta.events.register("before-call", note)
        return made

    monkeypatch.setattr(boto3, "client", watched)
    monkeypatch.delitem(STACK, "roles")
    monkeypatch.delitem(ACCOUNT, "firewall")
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, ["dev"])
    assert done.exit_code == 1
    assert "NO  image: the digest is the example's" in done.output
    assert asked
    assert {name for name in asked if not name.startswith(("Describe", "Get", "List", "BatchGet"))} == set()


@pytest.mark.parametrize(("capacity", "needed"), [("on-demand", 4), ("spot", 2)])
def test_burstable_nodes_and_the_nat_instance_are_counted(
    monkeypatch: pytest.MonkeyPatch, capacity: str, needed: int
) -> None:
    """The one node of small is a t4g.medium; the NAT instance is always on demand."""
    seen: list[int] = []
    edits = [f"nodes.{purpose}_capacity={capacity}" for purpose in ("server", "worker")]

    def read_edited(name: str) -> StackConfig:
        return override(read_stack(name), edits)

    def note(_: object, asked: Subject) -> list[Answer]:
        seen.append(asked.vcpus)
        return []

    monkeypatch.setattr("delivery.preflight.__main__.read_stack", read_edited)
    monkeypatch.setattr("delivery.preflight.__main__.run", note)
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, ["small"])
    assert done.exception is None
    assert seen == [needed]
