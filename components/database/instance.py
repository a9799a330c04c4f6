"""One generation of the database: an instance and the groups of its logs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.names import physical_name
from components.database.settings import DatabaseSettings

PORT = 5432
_LOG_EXPORTS = ("postgresql", "upgrade", "iam-db-auth-error")
_RESTORE_TIMEOUT = "6h"
"""Restoring takes as long as there is data; the provider gives up after 40 minutes."""


@dataclass(frozen=True, kw_only=True)
class SharedInstanceConfig:
    """What every generation of a database has in common. AWS restores into none of it by itself."""

    subnet_group_name: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    parameter_group_name: pulumi.Output[str]
    monitoring_role_arn: pulumi.Output[str] | None
    final_snapshot_suffix: pulumi.Output[str]


def generation_name(base: str, generation: int) -> str:
    """`database` for the first generation, `database-g2` for the second."""
    return base if generation == 1 else f"{base}-g{generation}"


def database_instance(
    resource_name: str,
    generation: int,
    *,
    parent: pulumi.Resource,
    settings: DatabaseSettings,
    stack: StackContext,
    shared: SharedInstanceConfig,
    earlier: Sequence[pulumi.Resource],
) -> aws.rds.Instance:
    """Make one generation; all differ in their name and in what they were restored from, and in nothing else.

    `earlier` generations must be there before this one, which may be restored from them.
    """
    name = generation_name(resource_name, generation)
    identifier = generation_name(physical_name("database", resource_name), generation)
    restored = generation > 1
    logs = [
        aws.cloudwatch.LogGroup(
            f"{name}-{export}",
            name=f"/aws/rds/instance/{identifier}/{export}",
            retention_in_days=settings.log_retention_days,
            kms_key_id=stack.kms_key_arn,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for export in _LOG_EXPORTS
    ]
    return aws.rds.Instance(
        name,
        identifier=identifier,
        engine="postgres",
        engine_version=settings.postgres_version,
        auto_minor_version_upgrade=True,
        # Extended Support is on by default, and is paid by vCPU and hour once a version's standard support has ended
        # (RDS user guide, "Using Amazon RDS Extended Support").
        engine_lifecycle_support="open-source-rds-extended-support-disabled",
        allow_major_version_upgrade=True,
        instance_class=settings.instance_class,
        # A restored instance is as large as its source, which may have grown; RDS refuses a smaller one.
        allocated_storage=None if restored else settings.storage_gib,
        max_allocated_storage=settings.max_storage_gib,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=stack.kms_key_arn,
        multi_az=settings.multi_az,
        port=PORT,
        username="flowise_admin",
        manage_master_user_password=True,
        master_user_secret_kms_key_id=stack.kms_key_arn,
        db_subnet_group_name=shared.subnet_group_name,
        vpc_security_group_ids=[shared.security_group_id],
        publicly_accessible=False,
        ca_cert_identifier="rds-ca-rsa2048-g1",
        parameter_group_name=shared.parameter_group_name,
        backup_retention_period=settings.backup_retention_days,
        backup_window=settings.backup_window_utc,
        maintenance_window=settings.maintenance_window_utc,
        copy_tags_to_snapshot=True,
        delete_automated_backups=False,
        skip_final_snapshot=False,
        final_snapshot_identifier=pulumi.Output.format("{0}-final-{1}", identifier, shared.final_snapshot_suffix),
        deletion_protection=stack.protected,
        enabled_cloudwatch_logs_exports=list(_LOG_EXPORTS),
        database_insights_mode="standard",
        performance_insights_enabled=True,
        performance_insights_retention_period=7,
        performance_insights_kms_key_id=stack.kms_key_arn,
        monitoring_interval=settings.monitoring_interval_seconds,
        monitoring_role_arn=shared.monitoring_role_arn,
        **_origin(resource_name, generation, settings),
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=stack.protected,
            retain_on_delete=stack.protected,
            depends_on=[
                *logs,
                *earlier,
            ],  # RDS would make the groups itself, kept indefinitely and not encrypted with our key
            ignore_changes=_ignored(restored=restored, stack=stack),
            custom_timeouts=pulumi.CustomTimeouts(create=_RESTORE_TIMEOUT) if restored else None,
        ),
    )


def _origin(resource_name: str, generation: int, settings: DatabaseSettings) -> dict[str, Any]:
    """Say what an instance is restored from. The provider reads it when it makes the instance, and never again."""
    if generation == 1:
        return {}
    source = settings.restore_from if generation == settings.generation else None
    if source and source.snapshot_identifier:
        return {"snapshot_identifier": source.snapshot_identifier}
    if source and source.source_resource_id:
        return {
            "restore_to_point_in_time": {
                "source_dbi_resource_id": source.source_resource_id,
                "restore_time": source.point_in_time,
            }
        }
    earlier = [number for number in settings.kept_generations if number < generation] or [generation - 1]
    number = (source and source.source_generation) or earlier[-1]
    # A generation that is only kept has been made long ago. Should it be made after all, then never as an empty one.
    moment = {"restore_time": source.point_in_time} if source else {"use_latest_restorable_time": True}
    identifier = generation_name(physical_name("database", resource_name), number)
    return {"restore_to_point_in_time": {"source_db_instance_identifier": identifier, **moment}}


def _ignored(*, restored: bool, stack: StackContext) -> list[str]:
    # RDS takes it only when it creates or restores an instance (same guide): an existing one would always differ.
    ignored = ["engineLifecycleSupport"]
    if restored:
        # Each of them would replace the instance. A restored one keeps the key of its source.
        ignored += ["snapshotIdentifier", "restoreToPointInTime", "kmsKeyId"]
    if stack.aws_backup:
        # Continuous backups set both: AWS Backup and this program would undo each other's values.
        ignored += ["backupRetentionPeriod", "backupWindow"]
    return ignored
