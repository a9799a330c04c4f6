"""IAM and bucket policies as typed statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from components.common.partition import build_arn, is_commercial, service_host

ConditionValue = pulumi.Input[str] | Sequence[pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    sid: str
    """What the statement is for, letters and digits only."""
    actions: Sequence[str] = ()
    not_actions: Sequence[str] = ()
    """In place of `actions`, in a Deny: every action but these."""
    resources: Sequence[pulumi.Input[str]] = ()
    """ARNs; empty only in a trust policy, whose resource is the role itself."""
    not_resources: Sequence[pulumi.Input[str]] = ()
    """In place of `resources`, in a Deny: everything but these."""
    principals: Mapping[str, Sequence[pulumi.Input[str]]] | Literal["*"] | None = None
    """`{"Service": [...]}` or `{"AWS": [...]}`; for trust, key and bucket policies."""
    effect: Literal["Allow", "Deny"] = "Allow"
    conditions: Mapping[str, Mapping[str, ConditionValue]] = field(
        default_factory=dict[str, Mapping[str, ConditionValue]]
    )


def policy(*statements: Statement) -> pulumi.Output[str]:
    """Render statements as the JSON text of a policy document."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [_render(s) for s in statements]})


def own_account(account_id: pulumi.Input[str]) -> Mapping[str, Mapping[str, ConditionValue]]:
    """Condition of a service's trust: what it works for belongs to this account (confused deputy)."""
    return {"StringEquals": {"aws:SourceAccount": account_id}}


def service_trust(
    service: str, *, conditions: Mapping[str, Mapping[str, ConditionValue]] | None = None
) -> pulumi.Output[str]:
    """Trust policy for an AWS service such as `monitoring.rds.amazonaws.com`."""
    return policy(
        Statement(
            sid="Trust", actions=["sts:AssumeRole"], principals={"Service": [service]}, conditions=conditions or {}
        )
    )


def pod_identity_trust(*, cluster_arn: pulumi.Input[str], namespace: str, service_account: str) -> pulumi.Output[str]:
    """Trust policy for the pods of one service account in one cluster (EKS Pod Identity)."""
    return policy(
        Statement(
            sid="PodIdentity",
            actions=["sts:AssumeRole", "sts:TagSession"],
            principals={"Service": ["pods.eks.amazonaws.com"]},
            conditions={
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-arn": cluster_arn,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                }
            },
        )
    )


def topic_publishers(region: str) -> list[str]:
    """Services that publish to a topic for the account; AWS Budgets is in the commercial partition only."""
    budgets = ["budgets.amazonaws.com"] if is_commercial(region) else []
    return [*budgets, "cloudwatch.amazonaws.com", "events.rds.amazonaws.com"]


def topic_key_statement(region: str, account_id: pulumi.Input[str]) -> Statement:
    """Statement of a key's policy: AWS's services may publish to topics of this account that the key encrypts.

    Not `aws:SourceAccount`, which EventBridge does not bring (SNS developer guide, "Compatibility between event
    sources from AWS services and encrypted topics").
    """
    return Statement(
        sid="TopicsOfThisAccount",
        actions=["kms:Decrypt", "kms:GenerateDataKey*"],
        resources=["*"],
        principals={"Service": sorted([*topic_publishers(region), "events.amazonaws.com"])},
        conditions={
            "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": build_arn("sns", region, account_id, "*", place="*")}
        },
    )


def _render(statement: Statement) -> dict[str, object]:
    rendered: dict[str, object] = {
        "Sid": statement.sid,
        "Effect": statement.effect,
        "NotAction" if statement.not_actions else "Action": list(statement.not_actions or statement.actions),
    }
    if statement.principals is not None:
        rendered["Principal"] = statement.principals
    if statement.resources:
        rendered["Resource"] = list(statement.resources)
    if statement.not_resources:
        rendered["NotResource"] = list(statement.not_resources)
    if statement.conditions:
        rendered["Condition"] = statement.conditions
    return rendered


def log_groups_key_statement(region: str, account_id: pulumi.Input[str]) -> Statement:
    """Statement of a key's policy: CloudWatch Logs may use the key for log groups of this account in its region.

    The name of the service holds the region (CloudWatch Logs user guide, "Encrypt log data ... using AWS KMS").
    """
    return Statement(
        sid="LogGroupsOfThisAccount",
        actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        resources=["*"],  # in a key policy this means the key itself
        principals={"Service": [service_host("logs", region)]},
        conditions={
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": build_arn("logs", region, account_id, "log-group:*")}
        },
    )
