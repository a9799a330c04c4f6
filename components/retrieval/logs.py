"""Where OpenSearch writes its errors, and who has done what."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.names import physical_name

LOG_TYPES: Final[Mapping[str, str]] = {"errors": "ES_APPLICATION_LOGS", "access": "AUDIT_LOGS"}
"""Names of log groups, and what OpenSearch calls what they hold. Access is written once a person has switched it on in
the domain as well (developer guide, "Monitoring audit logs")."""


def log_groups(
    resource_name: str,
    stack: StackContext,
    *,
    retention_days: int,
    parent: pulumi.Resource,
) -> Mapping[str, pulumi.Output[str]]:
    """Make a log group for each type of log; returns their ARNs by OpenSearch's name.

    The domain may write there by a resource policy of the account, which bootstrap makes (`log_consent` in its entry in
    the catalogue).
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
    return {type_: group.arn for type_, group in groups.items()}
