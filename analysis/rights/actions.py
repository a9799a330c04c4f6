"""What each type of resource needs, as the catalogue says, and whether a role may do it on a resource of its stack."""

from collections.abc import Mapping
from functools import cache
from typing import cast

from analysis.recorder import Recording
from analysis.rights.account import limits, recorded_account
from analysis.rights.evaluator import may
from analysis.rights.stacks import CONNECTION_ARN
from analysis.synthetic import ACCOUNT_ID
from components.common.catalogue import AWS
from components.common.catalogue.entry import Actions

Needs = Mapping[str, list[str]]
"""`read` or `contents`, `create`, `update`, `delete`, each with its actions."""

CHANGES = ("create", "update", "delete")
_BY_SERVICE = {
    # service: a resource of a stack; all others are known by their tags
    "s3": "arn:aws:s3:::flowise-{stack}--files-1a2b3c4",
    "logs": "arn:aws:logs:us-east-1:{account}:log-group:flowise/{stack}/containers",
    "secretsmanager": "arn:aws:secretsmanager:us-east-1:{account}:secret:flowise/{stack}/keys-AbCdEf",
    "codebuild": "arn:aws:codebuild:us-east-1:{account}:project/flowise-{stack}-runner",
    "es": "arn:aws:es:us-east-1:{account}:domain/flowise-{stack}",
    "codeconnections": CONNECTION_ARN,
    "guardduty": "arn:aws:guardduty:us-east-1:{account}:malware-protection-plan/0123456789abcdef",
    "iam": "arn:aws:iam::{account}:role/flowise-{stack}-flowise-1a2b3c4",
    "cloudwatch": "arn:aws:cloudwatch::{account}:dashboard/flowise-{stack}",
    "route53": "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
}
_SERVICE_LINKED_ROLE = "arn:aws:iam::{account}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"


@cache
def needs() -> Mapping[str, Needs]:
    """Every type of AWS in the catalogue."""
    return {type_: _needs_of(entry.actions) for type_, entry in AWS.items()}


def _needs_of(actions: Actions) -> Needs:
    parts = {name: cast("str", getattr(actions, name)).split() for name in ("read", "contents", *CHANGES)}
    return {name: some for name, some in parts.items() if some}


@cache
def account() -> Recording:
    """The account file with what each stack may get: dev records too, and both a runner."""
    domain = {"name": "flowise.dev.example.com", "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}
    connections = {f"stacks.{stack}.connection_arn": CONNECTION_ARN for stack in ("dev", "prod")}
    return recorded_account({"stacks.dev.domain": domain, **connections})


def missing(role: str, stack: str, actions: list[str]) -> list[str]:
    """Actions that a role may not do on what belongs to its stack: its policies and its boundary both have to allow."""
    allowed, boundary = limits(account(), role)
    context = {
        "aws:ResourceTag/project": "flowise",
        "aws:ResourceTag/stack": stack,
        "iam:PermissionsBoundary": account().exports["permissions_boundary_arns"][stack],
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_x.flowise.dev.example.com"]
        if stack == "dev"
        else ["_x.flowise.example.com"],
    }
    return [
        action
        for action in actions
        if not may(allowed, action, _resource(action, stack), context)
        or (boundary is not None and not may(boundary, action, _resource(action, stack), context))
    ]


def _resource(action: str, stack: str) -> str:
    service = action.partition(":")[0]
    pattern = _SERVICE_LINKED_ROLE if action == "iam:CreateServiceLinkedRole" else _BY_SERVICE.get(service, "*")
    return pattern.format(account=ACCOUNT_ID, stack=stack)
