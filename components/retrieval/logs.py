"""Where OpenSearch writes its errors, and who has done what."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.iam import Statement, policy
from components.common.names import physical_name

LOG_TYPES: Final[Mapping[str, str]] = {"errors": "ES_APPLICATION_LOGS", "access": "AUDIT_LOGS"}
"""Names of log groups, and what OpenSearch calls what they hold. Access is written once a person has switched it on in
the domain as well (developer guide, "Monitoring audit logs")."""


def log_groups(
    resource_name: str,
    stack: StackContext,
    *,
    domain_arn: pulumi.Output[str],
    account_id: pulumi.Output[str],
    retention_days: int,
    parent: pulumi.Resource,
) -> Mapping[str, pulumi.Output[str]]:
    """Make a log group for each type of log, and let the domain write there; returns their ARNs by OpenSearch's name.

    An account can have ten such policies in a region (CloudWatch Logs API reference, PutResourcePolicy): one for a
    stack.
    """
    child = pulumi.ResourceOptions(parent=parent)
    groups = {
        type_: aws.cloudwatch.LogGroup(
            f"{resource_name}-{name}",
            name=physical_name("log-group", resource_name, name, separator="/"),
            retention_in_days=retention_days,
            kms_key_id=stack.kms_key_arn,
            opts=child,
        )
        for name, type_ in LOG_TYPES.items()
    }
    allowed = aws.cloudwatch.LogResourcePolicy(
        resource_name,
        policy_name=physical_name("log-group", resource_name),
        policy_document=policy(
            Statement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[pulumi.Output.concat(group.arn, ":*") for group in groups.values()],
                principals={"Service": ["es.amazonaws.com"]},
                conditions={
                    "StringEquals": {"aws:SourceAccount": account_id},
                    "ArnLike": {"aws:SourceArn": domain_arn},
                },
            )
        ),
        opts=child,
    )
    # OpenSearch tests the right to write when it is given a group, so the policy comes first.
    return {
        type_: pulumi.Output.all(group.arn, allowed.urn).apply(lambda values: str(values[0]))
        for type_, group in groups.items()
    }
