"""No action of one stack's role succeeds on another's resources, whatever they hold; nor on the account's switches."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from analysis.rights.evaluator import may
from analysis.stackfiles import read_stack
from analysis.synthetic import ACCOUNT_ID
from tests.bootstrap.account import document, recorded_account, rights, with_actions
from tests.bootstrap.authorization import WRITES, compares_tags, expand, level, naming, privileges, services
from tests.bootstrap.holdings import REGION, Held, connection_arn, of_stack

READS_SHAPES = {
    # resource: actions that show what it is like, not what is in it (allowed to previews too)
    "database's password": {"secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy",
                            "secretsmanager:ListSecretVersionIds", "secretsmanager:ListSecrets"},
    "automated backup": {"rds:DescribeDBInstanceAutomatedBackups", "rds:ListTagsForResource",
                         "rds:AddTagsToResource", "rds:RemoveTagsFromResource"},
    "dashboard": {"cloudwatch:GetDashboard", "cloudwatch:ListDashboards"},
    "keys of Flowise": set[str](),
}  # fmt: skip
ALLOWED = {
    # A new instance out of a backup: it needs the key of the backup as well, which is refused.
    "automated backup": {"rds:RestoreDBInstanceToPointInTime"},
}
LOGS_SHAPES = expand("logs:Describe*") | expand("logs:List*")
NAMES = sorted(of_stack("prod"))


@cache
def boundary(stack: str) -> list[dict[str, Any]]:
    """The boundary of a stack, with one more stack in the account and one whose name begins alike."""
    others = {"stacks.eu": {"approval": False, "restore_tests": False}, "stacks.dev2": {"approval": False}}
    runners = {f"stacks.{name}.connection_arn": connection_arn(name) for name in ("dev", "dev2", "eu", "prod")}
    account = recorded_account({**others, **runners})
    return rights(account)[f"boundary-{stack}"]


def context(stack: str, held: Held) -> dict[str, str]:
    """What AWS knows about a resource when it is asked for."""
    tags = {"aws:ResourceTag/project": "flowise", "aws:ResourceTag/stack": stack}
    return {**held.context, **(tags if held.tagged and compares_tags(held.service, held.type) else {})}


def succeeding(actor: str, owner: str, name: str) -> set[str]:
    """Actions that the role of one stack may do on a resource of another."""
    held = of_stack(owner)[name]
    statements, known = boundary(actor), context(owner, held)
    actions = naming(held.service, held.type).keys()
    assert actions, f"{held.service} knows no {held.type}"
    return {action for action in actions if may(statements, action, held.arn, known)}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("actor", ["dev", "eu"])
@pytest.mark.parametrize("owner", ["prod", "dev2"])
def test_nothing_succeeds_on_the_resources_of_another_stack(actor: str, owner: str, name: str) -> None:
    explained = READS_SHAPES.get(name, set()) | ALLOWED.get(name, set())
    if of_stack(owner)[name].service == "logs":
        explained |= LOGS_SHAPES
    if name == "role":
        explained |= expand("iam:Get*") | expand("iam:List*")
    assert succeeding(actor, owner, name) - explained == set()


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"node", "role", "automated backup", "connection"}))
def test_a_stack_reaches_its_own(name: str) -> None:
    """Otherwise the test above would hold for a role that may do nothing."""
    assert {level(action) for action in succeeding("prod", "prod", name)} & WRITES


def test_a_stack_uses_its_own_connection() -> None:
    """A connection's token acts at GitHub with the rights of the connection's app."""
    actions = {"GetConnection", "GetConnectionToken", "PassConnection", "UseConnection"}
    assert succeeding("prod", "prod", "connection") == {f"codeconnections:{action}" for action in actions}
    without = rights(with_actions())["boundary-prod"]
    assert not any(may(without, f"codeconnections:{action}", connection_arn("prod"), {}) for action in actions), (
        "a stack without a runner reaches GitHub by no connection"
    )


def test_a_backup_of_another_stack_cannot_be_restored_without_its_key() -> None:
    for action in ("kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom"):
        assert action not in succeeding("dev", "prod", "key")
        assert action in succeeding("prod", "prod", "key")


def test_records_of_the_own_domain_alone_can_be_changed() -> None:
    change, names = "route53:ChangeResourceRecordSets", "route53:ChangeResourceRecordSetsNormalizedRecordNames"
    zone = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    for own in (["flowise.example.com"], ["_abc.flowise.example.com", "flowise.example.com"]):
        assert may(boundary("prod"), change, zone, {names: own})
        assert not may(boundary("dev"), change, zone, {names: own})
        assert not may(boundary("prod"), change, zone + "X", {names: own})
    for others in (
        ["example.com"],
        ["www.example.com"],
        ["flowise.example.com", "example.com"],
        ["xflowise.example.com"],
    ):
        assert not may(boundary("prod"), change, zone, {names: others})
    writes = {a for a in expand("route53:*") if level(a) in WRITES} - {change}
    assert [a for a in writes if may(boundary("prod"), a, zone, {names: ["flowise.example.com"]})] == []


def test_the_domain_of_the_account_file_is_that_of_the_stack_file() -> None:
    shown = read_stack("prod").values["flowise:domain"]
    for part in ("flowise.example.com", "Z0123456789ABCDEFGHIJ"):
        assert part in shown


NAMES_NO_RESOURCE = {"s3:ListAllMyBuckets"}


def test_a_stack_reads_and_writes_its_own_state_alone() -> None:
    recording = with_actions()
    bucket = recording.only("aws:s3/bucket:Bucket", "state").outputs["arn"]
    statements = rights(recording)["boundary-dev"]
    own = ("stacks/flowise/dev.json", "stacks/flowise/dev.json.bak", "history/flowise/dev/dev-1.history.json",
           "backups/flowise/dev/dev.1.json", "locks/organization/flowise/dev/1.json")  # fmt: skip
    for name in own:
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert may(statements, action, f"{bucket}/.pulumi/{name}"), name
        assert not may(statements, "s3:DeleteObjectVersion", f"{bucket}/.pulumi/{name}")
    others = ("stacks/flowise/prod.json", "stacks/flowise/dev2.json", "stacks/flowise-bootstrap/account.json",
              "history/flowise-bootstrap/account/1.json", "locks/organization/flowise-bootstrap/account/1.json",
              "backups/flowise/prod/1.json", "stacks/site/dev.json")  # fmt: skip
    for name in others:
        done = {a for a in expand("s3:*") if may(statements, a, f"{bucket}/.pulumi/{name}")}
        assert done <= NAMES_NO_RESOURCE, name
    writes = {a for a in expand("s3:*") if level(a) in WRITES}
    assert [a for a in writes if may(statements, a, bucket)] == []
    assert may(statements, "s3:ListBucket", bucket)
    assert may(statements, "s3:GetObject", f"{bucket}/.pulumi/meta.yaml")
    assert not may(statements, "s3:PutObject", f"{bucket}/.pulumi/meta.yaml")


def test_keys_of_bootstrap_are_used_and_nothing_else() -> None:
    recording = with_actions()
    statements = rights(recording)["boundary-dev"]
    keys = {r.name: r.outputs["arn"] for r in recording.of_type("aws:kms/key:Key")}
    tags = {r.name: r.inputs.get("tags") for r in recording.of_type("aws:kms/key:Key")}
    own = {"aws:ResourceTag/project": "flowise", "aws:ResourceTag/stack": "dev"}
    assert tags["state-dev"] == {"project": "flowise", "stack": "dev"}
    assert {a for a in expand("kms:*") if may(statements, a, keys["state-dev"], own)} == {
        "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt",
    }  # fmt: skip
    others = {"aws:ResourceTag/project": "flowise", "aws:ResourceTag/stack": "prod"}
    assert [a for a in expand("kms:*") if may(statements, a, keys["state-prod"], others)] == []
    through_s3 = {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}
    assert [a for a in expand("kms:*") if may(statements, a, keys["key"])] == []
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert may(statements, action, keys["key"], through_s3)


def test_images_are_pulled_and_nothing_else() -> None:
    recording = with_actions()
    registry = recording.only("aws:ecr/repository:Repository").outputs["arn"]
    for stack in ("dev", "prod"):
        statements = rights(recording)[f"boundary-{stack}"]
        for resource in (registry, "*"):
            assert {level(a) for a in expand("ecr:*") if may(statements, a, resource)} <= {"Read", "List"}
        assert may(statements, "ecr:BatchGetImage", registry)


def test_profiles_of_nodes_are_neither_made_nor_emptied() -> None:
    profile = f"arn:aws:iam::{ACCOUNT_ID}:instance-profile/eks-of-another-cluster"
    writes = {a for a in naming("iam", "instance-profile") if level(a) in WRITES}
    assert {a for a in writes if may(boundary("dev"), a, profile)} == {"iam:AddRoleToInstanceProfile"}


WHOLE_ACCOUNT = {
    # Writes for which AWS names no resource, and which a stack or its pods may do: they make something of their own, or
    # add to what nobody owns. What changes a setting of the account is denied (bootstrap/boundary.py).
    "acm": {"RequestCertificate"},
    "backup-storage": {"MountCapsule"},
    "backup": {
        "DeleteBackupAccessPoint",
        "ListIndexedRecoveryPointsForSearch",
        "PutRestoreValidationResult",
        "StopBackupJob",
    },
    "cloudwatch": {
        "CreateServiceLevelObjective",
        "DeleteAnomalyDetector",
        "EnableTopologyDiscovery",
        "Link",
        "PutAnomalyDetector",
        "PutManagedInsightRules",
        "PutMetricData",
    },
    "elasticloadbalancing": {"AllowVendedLogDeliveryForResource", "SetWebAcl"},
    "eks": {"CreateCluster", "CreateEksAnywhereSubscription", "RegisterCluster"},
    "events": {"PutPartnerEvents"},
    "guardduty": {"CreateMalwareProtectionPlan"},
    "kms": {"CreateKey", "GenerateRandom"},
    "logs": {"CreateLogDelivery", "DeleteLogDelivery", "UpdateLogDelivery"},
    "rds": {
        "CancelExportTask",
        "CreateDBProxy",
        "CrossRegionCommunication",
        "ModifyDBRecommendation",
        "ModifyRecommendation",
    },
    "sns": {"DeleteEndpoint", "OptInPhoneNumber", "SetEndpointAttributes", "SetSubscriptionAttributes", "Unsubscribe"},
    "wafv2": {"CreateAPIKey", "DeleteAPIKey"},
    "xray": {"PutSpans", "PutTelemetryRecords", "PutTraceSegments"},
}
MANY = {"cloudfront", "ec2"}
"""Services with many such actions for things that a stack makes; their switches are named in the test below."""


def _without_resource(service: str) -> Iterator[str]:
    for privilege in privileges(service).values():
        if privilege["access_level"] in WRITES - {"Tagging"} and not any(privilege["resource_types"]):
            yield str(privilege["privilege"])


def test_no_setting_of_the_whole_account_can_be_changed() -> None:
    found = {
        service: {name for name in _without_resource(service) if may(boundary("prod"), f"{service}:{name}", "*")}
        for service in services()
        if service not in MANY
    }
    assert {service: names for service, names in found.items() if names} == WHOLE_ACCOUNT


@pytest.mark.parametrize(
    "action",
    [
        "s3:PutAccountPublicAccessBlock", "ec2:EnableEbsEncryptionByDefault", "ec2:DisableEbsEncryptionByDefault",
        "ec2:ModifyEbsDefaultKmsKeyId", "ec2:DisableSnapshotBlockPublicAccess", "ec2:DisableImageBlockPublicAccess",
        "ec2:EnableSerialConsoleAccess", "ec2:ModifyInstanceMetadataDefaults", "ec2:ModifyVpcBlockPublicAccessOptions",
        "ec2:ModifyDefaultCreditSpecification", "ec2:PurchaseReservedInstancesOffering", "ec2:ModifyIdFormat",
        "ecr:PutRegistryScanningConfiguration", "ecr:PutReplicationConfiguration", "ecr:PutRegistryPolicy",
        "logs:PutResourcePolicy", "logs:DeleteResourcePolicy", "logs:PutAccountPolicy", "xray:PutEncryptionConfig",
        "xray:PutResourcePolicy", "backup:UpdateRegionSettings", "cloudfront:CreateSavingsPlan",
        "bedrock:PutModelInvocationLoggingConfiguration", "events:PutPermission", "sns:SetSMSAttributes",
    ],
)  # fmt: skip
@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_switches_of_the_account_stay(stack: str, action: str) -> None:
    assert not may(boundary(stack), action, "*")


def test_buckets_of_an_older_version_are_reached_by_the_stack_that_names_them() -> None:
    adopted = recorded_account({"stacks.prod.buckets": ["files-1a2b3c4"]})
    bucket = "arn:aws:s3:::files-1a2b3c4"
    for resource, action in ((bucket, "s3:PutLifecycleConfiguration"), (f"{bucket}/x", "s3:PutObject")):
        assert may(rights(adopted)["boundary-prod"], action, resource)
        assert not may(rights(adopted)["boundary-dev"], action, resource)
        assert not may(rights(adopted)["boundary-prod"], action, resource.replace("1a2b3c4", "1a2b3c4d"))


def test_copies_of_restore_tests_are_reached_where_there_are_such_tests() -> None:
    copy = "arn:aws:s3:::awsbackup-restore-test-1234"
    assert may(boundary("prod"), "s3:CreateBucket", copy)
    assert {a for a in expand("s3:*") if may(boundary("dev"), a, copy)} == NAMES_NO_RESOURCE


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_a_domain_is_reached_by_its_own_stack(stack: str) -> None:
    own, other = (f"arn:aws:es:{REGION}:{ACCOUNT_ID}:domain/flowise-{name}" for name in (stack, "another"))
    writes = {a for a in naming("es", "domain") if level(a) in WRITES}
    assert {"es:CreateDomain", "es:UpdateDomainConfig", "es:DeleteDomain"} <= writes
    assert {a for a in writes if may(boundary(stack), a, own)} == writes
    assert {a for a in writes if may(boundary(stack), a, other)} == set()


def test_the_firewalls_logs_get_in_without_a_right_of_the_stack() -> None:
    policy = with_actions().only("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "log-delivery").inputs
    (statement,) = document(policy["policyDocument"])
    assert statement["Principal"] == {"Service": ["delivery.logs.amazonaws.com"]}
    for stack in ("dev", "prod"):
        assert may(
            [{**statement, "Condition": {}}],
            "logs:PutLogEvents",
            f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:aws-waf-logs-flowise-{stack}:log-stream:1",
        )
