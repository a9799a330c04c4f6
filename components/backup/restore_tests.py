"""Restore tests: AWS restores the newest recovery points regularly, and deletes what came of it."""

from typing import Literal

import pulumi
import pulumi_aws as aws

from components.common.connections import BackupTarget
from components.common.names import physical_name

_SCHEDULES = {"weekly": "cron(0 11 ? * SUN *)", "monthly": "cron(0 11 ? * SUN#1 *)"}
_VALIDATION_HOURS = 4
"""Hours in which a person or a program can look at what was restored before AWS deletes it."""


def restore_tests(
    resource_name: str,
    *,
    parent: pulumi.Resource,
    often: Literal["weekly", "monthly"],
    role_arn: pulumi.Input[str],
    vault_arn: pulumi.Input[str],
    database: BackupTarget,
    bucket_arn: pulumi.Input[str],
) -> None:
    """Make the plan, and say how each of the two kinds is restored."""
    child = pulumi.ResourceOptions(parent=parent)
    plan = aws.backup.RestoreTestingPlan(
        resource_name,
        name=physical_name("backup-plan", "restore").replace("-", "_"),  # no other sign is allowed
        schedule_expression=_SCHEDULES[often],
        start_window_hours=8,
        recovery_point_selection={
            "algorithm": "LATEST_WITHIN_WINDOW",
            "include_vaults": [vault_arn],
            "recovery_point_types": ["CONTINUOUS", "SNAPSHOT"],
            "selection_window_days": 7,
        },
        opts=child,
    )
    aws.backup.RestoreTestingSelection(
        f"{resource_name}-database",
        name="database",
        restore_testing_plan_name=plan.name,
        iam_role_arn=role_arn,
        protected_resource_type="RDS",
        protected_resource_arns=[database.arn],
        # Without these AWS restores into a default VPC, which an account may not have; lists are JSON text here.
        restore_metadata_overrides={
            "dbSubnetGroupName": database.subnet_group_name,
            "vpcSecurityGroupIds": pulumi.Output.json_dumps([database.security_group_id]),
        },
        validation_window_hours=_VALIDATION_HOURS,
        opts=child,
    )
    aws.backup.RestoreTestingSelection(
        f"{resource_name}-files",
        name="files",
        restore_testing_plan_name=plan.name,
        iam_role_arn=role_arn,
        protected_resource_type="S3",
        protected_resource_arns=[bucket_arn],
        validation_window_hours=_VALIDATION_HOURS,
        opts=child,
    )
