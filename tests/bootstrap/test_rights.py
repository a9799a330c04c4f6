"""What the roles may do, judged by AWS's own list of actions as parliament carries it."""

import json
import warnings
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # parliament reads its files with a deprecated module
    import parliament  # pyright: ignore[reportMissingTypeStubs]

from local.recorder import Recording
from tests.bootstrap.account import ACCOUNT, ROLE, document, may, recorded_account, rights, with_actions

parliament_: Any = parliament  # it carries no types
LEVELS: dict[str, str] = {
    f"{service['prefix']}:{privilege['privilege']}": privilege["access_level"]
    for service in parliament_.iam_definition
    for privilege in service["privileges"]
}
READERS = ("preview", "drift")
ALLOWED_FINDINGS = {
    # (policy, finding): why it stays
    ("preview", "RESOURCE_STAR"): "shapes of everything in the account; no contents",
    ("drift", "RESOURCE_STAR"): "the same",
    ("boundary-dev", "RESOURCE_STAR"): "a deployment makes things whose names AWS gives",
    ("boundary-prod", "RESOURCE_STAR"): "the same",
    ("boundary-dev", "MISMATCHED_TYPE_BUT_USABLE"): "AWS's own example compares iam:PermissionsBoundary as a text",
    ("boundary-prod", "MISMATCHED_TYPE_BUT_USABLE"): "the same",
}
DATA = [
    "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "dynamodb:GetItem", "logs:GetLogEvents",
    "logs:FilterLogEvents", "logs:StartQuery", "sqs:ReceiveMessage", "rds-data:ExecuteStatement", "ec2:GetPasswordData",
    "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot", "lambda:GetFunction", "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken", "rds:DownloadDBLogFilePortion", "acm:ExportCertificate",
    "eks:AccessKubernetesApi", "kms:Decrypt", "wafv2:GetSampledRequests", "cloudwatch:GetMetricData",
    "iam:GetLoginProfile", "iam:GenerateCredentialReport", "sts:AssumeRole", "rds-db:connect", "elasticache:Connect",
]  # fmt: skip
WRITES = {"Write", "Permissions management", "Tagging"}


def expand(pattern: str) -> set[str]:
    """Every action that a pattern stands for."""
    found = parliament_.expand_action(pattern)
    return {f"{action['service']}:{action['action']}" for action in found}


def actions_of(statement: dict[str, Any]) -> set[str]:
    return set[str]().union(*(expand(pattern) for pattern in statement["Action"]))


@pytest.mark.parametrize("role", READERS)
def test_readers_write_nothing(role: str) -> None:
    for statement in rights(with_actions())[role]:
        assert statement["Effect"] == "Allow"
        writes = {action for action in actions_of(statement) if LEVELS[action] in WRITES}
        # AWS lists Decrypt among writes; it opens the secrets in the state, and only with the state's key.
        assert writes <= {"kms:Decrypt"}
        if writes:
            assert len(statement["Resource"]) == 1
            assert statement["Resource"] != ["*"]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("action", DATA)
def test_readers_see_shapes_not_contents(role: str, action: str) -> None:
    assert not may(rights(with_actions())[role], action, f"arn:aws:anything:us-east-1:{ACCOUNT}:x/y")


@pytest.mark.parametrize("role", READERS)
def test_readers_open_the_state(role: str) -> None:
    recording = with_actions()
    statements = rights(recording)[role]
    bucket = recording.only("aws:s3/bucket:Bucket").outputs["arn"]
    key = recording.only("aws:kms/key:Key").outputs["arn"]
    assert may(statements, "s3:GetObject", f"{bucket}/.pulumi/stacks/flowise/dev.json")
    assert may(statements, "kms:Decrypt", key)
    assert not may(statements, "s3:PutObject", f"{bucket}/.pulumi/stacks/flowise/dev.json")


def test_image_role_reaches_the_registry_only() -> None:
    recording = with_actions()
    statements = rights(recording)["image"]
    registry = recording.only("aws:ecr/repository:Repository").outputs["arn"]
    assert {action.split(":")[0] for s in statements for action in actions_of(s)} == {"ecr"}
    assert may(statements, "ecr:PutImage", registry)
    assert not may(statements, "ecr:PutImage", registry + "-2")
    assert not may(statements, "ecr:BatchDeleteImage", registry)
    assert not may(statements, "ecr:PutImageTagMutability", registry)


def test_a_deployment_makes_roles_only_inside_its_boundary() -> None:
    recording = with_actions()
    statements = rights(recording)["boundary-dev"]
    boundary = recording.only("aws:iam/policy:Policy", "boundary-dev").outputs["arn"]
    own, others = f"arn:aws:iam::{ACCOUNT}:role/flowise-dev-x", f"arn:aws:iam::{ACCOUNT}:role/flowise-prod-x"
    bounded = {"iam:PermissionsBoundary": boundary}
    for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary"):
        assert may(statements, action, own, **bounded)
        assert not may(statements, action, own)
        assert not may(statements, action, own, **{"iam:PermissionsBoundary": boundary + "-other"})
        assert not may(statements, action, others, **bounded)
    assert may(statements, "iam:PassRole", own)
    assert not may(statements, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin")
    assert not may(statements, "iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/flowise-bootstrap/x")
    for action in (
        "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:CreateAccessKey",
        "iam:CreateOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint", "sts:AssumeRole",
        "organizations:LeaveOrganization", "account:CloseAccount",
    ):  # fmt: skip
        for resource in (own, boundary, "*"):
            assert not may(statements, action, resource, **bounded)


def test_a_deployment_leaves_state_key_images_and_other_stacks_alone() -> None:
    recording = with_actions()
    statements = rights(recording)["boundary-dev"]
    bucket = recording.only("aws:s3/bucket:Bucket").outputs["arn"]
    key = recording.only("aws:kms/key:Key").outputs["arn"]
    registry = recording.only("aws:ecr/repository:Repository").outputs["arn"]
    state = f"{bucket}/.pulumi"
    assert may(statements, "s3:PutObject", f"{state}/stacks/flowise/dev.json")
    assert may(statements, "s3:DeleteObject", f"{state}/locks/organization/flowise/dev/1.json")
    for name in ("stacks/flowise/prod.json", "stacks/flowise/prod.json.bak", "history/flowise/prod/1.json"):
        for action in ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"):
            assert not may(statements, action, f"{state}/{name}")
    assert not may(statements, "s3:DeleteObjectVersion", f"{state}/stacks/flowise/dev.json")
    assert not may(statements, "s3:DeleteBucketPolicy", bucket)
    assert not may(statements, "s3:PutBucketVersioning", bucket)
    assert may(statements, "kms:Decrypt", key)
    assert not may(statements, "kms:ScheduleKeyDeletion", key)
    assert not may(statements, "ecr:BatchDeleteImage", registry)
    database = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:x"
    tags = {"aws:ResourceTag/project": "flowise"}
    assert may(statements, "rds:DeleteDBInstance", database, **tags, **{"aws:ResourceTag/stack": "dev"})
    assert not may(statements, "rds:DeleteDBInstance", database, **tags, **{"aws:ResourceTag/stack": "prod"})


def test_deploying_roles_have_their_boundary_and_nothing_else() -> None:
    recording = with_actions()
    for stack in ("dev", "prod"):
        boundary = recording.only("aws:iam/policy:Policy", f"boundary-{stack}").outputs["arn"]
        assert recording.only(ROLE, f"deploy-{stack}").inputs["permissionsBoundary"] == boundary
        attachment = recording.only("aws:iam/rolePolicyAttachment:RolePolicyAttachment", f"deploy-{stack}")
        assert attachment.inputs["policyArn"] == boundary


def _findings(recording: Recording) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name, statements in rights(recording).items():
        analyzed = parliament_.analyze_policy_string(json.dumps({"Version": "2012-10-17", "Statement": statements}))
        found |= {(name, finding.issue) for finding in analyzed.findings}
    return found


def test_policies_are_clean_in_the_eyes_of_a_linter() -> None:
    assert _findings(with_actions()) == ALLOWED_FINDINGS.keys()


def test_every_action_exists() -> None:
    for statements in rights(with_actions()).values():
        for statement in statements:
            for pattern in statement["Action"]:
                assert expand(pattern), pattern


def test_policies_are_within_their_limits() -> None:
    """6,144 characters for a managed policy, 10,240 for a role's own, without white space (IAM quotas)."""
    many = recorded_account({"stacks": {f"stack-number-{n}": {"approval": False} for n in range(10)}})
    for record in many.of_type("aws:iam/policy:Policy"):
        assert len(json.dumps(document(record.inputs["policy"]), separators=(",", ":"))) < 6000
    for record in many.of_type("aws:iam/rolePolicy:RolePolicy"):
        assert len(json.dumps(document(record.inputs["policy"]), separators=(",", ":"))) < 10_000
