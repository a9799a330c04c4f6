"""What the roles may do, evaluated with AWS's own list of actions; test_isolation.py has other stacks."""

import json
from typing import Any

import pytest

from analysis.recorder import Recording
from analysis.rights.evaluator import may
from analysis.rights.stacks import CONNECTION_ARN
from tests.bootstrap.account import ACCOUNT, ROLE, document, recorded_account, rights, with_actions
from tests.bootstrap.authorization import WRITES, expand, level
from tests.bootstrap.policy_linter import issues

READERS = ("preview-dev", "preview-prod", "drift")
ALLOWED_FINDINGS = {
    # (policy, finding): why it stays
    ("preview-dev", "RESOURCE_STAR"): "shapes of everything in the account; no contents",
    ("preview-prod", "RESOURCE_STAR"): "the same",
    ("drift", "RESOURCE_STAR"): "the same",
    ("boundary-dev", "RESOURCE_STAR"): "a deployment makes things whose names AWS gives",
    ("boundary-prod", "RESOURCE_STAR"): "the same",
    **{
        (f"boundary-{stack}", issue): why
        for stack in ("dev", "prod")
        for issue, why in {
            "RESOURCE_MISMATCH": "s3:*, logs:*, secretsmanager:* on what is the stack's own",
            "UNKNOWN_CONDITION_FOR_ACTION": "kms:* is denied for one key, unless S3 asks",
        }.items()
    },
    ("boundary-dev", "MISMATCHED_TYPE"): "AWS's own example compares iam:PermissionsBoundary as a text",
    ("boundary-prod", "MISMATCHED_TYPE"): "the same",
}
DATA = [
    "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "dynamodb:GetItem", "logs:GetLogEvents",
    "logs:FilterLogEvents", "logs:StartQuery", "sqs:ReceiveMessage", "rds-data:ExecuteStatement", "ec2:GetPasswordData",
    "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot", "lambda:GetFunction", "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken", "rds:DownloadDBLogFilePortion", "acm:ExportCertificate",
    "eks:AccessKubernetesApi", "kms:Decrypt", "wafv2:GetSampledRequests", "cloudwatch:GetMetricData",
    "iam:GetLoginProfile", "iam:GenerateCredentialReport", "sts:AssumeRole", "rds-db:connect", "elasticache:Connect",
]  # fmt: skip


def actions_of(statement: dict[str, Any]) -> set[str]:
    return set[str]().union(*(expand(pattern) for pattern in statement["Action"]))


@pytest.mark.parametrize("role", READERS)
def test_readers_write_nothing(role: str) -> None:
    for statement in rights(with_actions())[role]:
        assert statement["Effect"] == "Allow"
        writes = {action for action in actions_of(statement) if level(action) in WRITES}
        # AWS lists Decrypt among writes; it opens the secrets in the state, and only with the state's key.
        assert writes <= {"kms:Decrypt"}
        if writes:
            assert all(":key/" in resource for resource in statement["Resource"])


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("action", DATA)
def test_readers_see_shapes_not_contents(role: str, action: str) -> None:
    assert not may(rights(with_actions())[role], action, f"arn:aws:anything:us-east-1:{ACCOUNT}:x/y")


@pytest.mark.parametrize(("role", "stacks"), [("preview-dev", "dev"), ("preview-prod", "prod"), ("drift", "dev prod")])
def test_readers_open_the_state_of_their_stacks_alone(role: str, stacks: str) -> None:
    recording = with_actions()
    statements = rights(recording)[role]
    bucket = recording.only("aws:s3/bucket:Bucket", "state").outputs["arn"]
    keys = {r.name: r.outputs["arn"] for r in recording.of_type("aws:kms/key:Key")}
    for stack in ("dev", "prod"):
        own = stack in stacks.split()
        for name in (f"stacks/flowise/{stack}.json", f"history/flowise/{stack}/1.json"):
            assert may(statements, "s3:GetObject", f"{bucket}/.pulumi/{name}") is own
            assert not may(statements, "s3:PutObject", f"{bucket}/.pulumi/{name}")
        assert may(statements, "kms:Decrypt", keys[f"state-{stack}"]) is own
    assert not may(statements, "s3:GetObject", f"{bucket}/.pulumi/stacks/flowise-bootstrap/account.json")
    assert not may(statements, "kms:Decrypt", keys["key"])
    assert may(statements, "kms:Decrypt", keys["key"], {"kms:ViaService": "s3.us-east-1.amazonaws.com"})
    assert may(statements, "s3:GetObject", f"{bucket}/.pulumi/meta.yaml")


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
        assert may(statements, action, own, bounded)
        assert not may(statements, action, own)
        assert not may(statements, action, own, {"iam:PermissionsBoundary": boundary + "-other"})
        assert not may(statements, action, others, bounded)
    assert may(statements, "iam:PassRole", own)
    assert not may(statements, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/admin")
    assert not may(statements, "iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/flowise-bootstrap/x")
    for action in (
        "iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:CreateAccessKey",
        "iam:CreateOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint", "sts:AssumeRole",
        "organizations:LeaveOrganization", "account:CloseAccount",
    ):  # fmt: skip
        for resource in (own, boundary, "*"):
            assert not may(statements, action, resource, bounded)


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
        found |= {(name, issue) for issue in issues(json.dumps({"Statement": statements}))}
    return found


def test_policies_are_clean_in_the_eyes_of_a_linter() -> None:
    assert _findings(with_actions()) == ALLOWED_FINDINGS.keys()


def test_every_action_exists() -> None:
    for statements in rights(with_actions()).values():
        for statement in statements:
            for pattern in statement.get("Action") or statement["NotAction"]:
                assert pattern == "*" or expand(pattern), pattern


def test_policies_are_within_their_limits() -> None:
    """6,144 characters for a managed policy, 10,240 for a role's own, without white space (IAM quotas)."""
    longest = {
        f"s{n}{'s' * 18}": {
            "environment": "e",
            "preview_environment": "p",
            "buckets": [f"telemetry-archive-{b}23456a" for b in range(5)],
            "connection_arn": CONNECTION_ARN,
            "domain": {"name": f"{n}.{'d' * 46}.example.com", "hosted_zone_id": "Z" + "0" * 20},
        }
        for n in range(10)
    }
    many = recorded_account({"stacks": longest})
    for record in many.of_type("aws:iam/policy:Policy"):
        assert len(json.dumps(json.loads(record.inputs["policy"]), separators=(",", ":"))) <= 6144
    for record in many.of_type("aws:iam/rolePolicy:RolePolicy"):
        assert len(json.dumps(document(record.inputs["policy"]), separators=(",", ":"))) < 10_000
