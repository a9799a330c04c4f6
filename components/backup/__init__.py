"""BackupPlan: recovery points of the database and the files, kept where nobody can delete them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.backup.restore_tests import restore_tests
from components.backup.settings import BackupSettings, LockSettings
from components.backup.vault import locked_vault
from components.common.connections import BackupTarget
from components.common.context import StackContext
from components.common.customer_key import customer_key
from components.common.iam import Statement, own_account, policy, service_trust
from components.common.names import physical_name
from components.common.partition import account_root, managed_policy

__all__ = ["BackupPlan", "BackupPlanArgs", "BackupSettings", "LockSettings"]

_SERVICE = "backup.amazonaws.com"
_EVENTS = [
    "BACKUP_JOB_COMPLETED",
    "CONTINUOUS_BACKUP_INTERRUPTED",
    "COPY_JOB_FAILED",
    "RESTORE_JOB_COMPLETED",
    "S3_BACKUP_OBJECT_FAILED",
    "S3_RESTORE_OBJECT_FAILED",
]
"""AWS Backup API reference, PutBackupVaultNotifications. A job that failed is COMPLETED too, with another state; the
event BACKUP_JOB_FAILED is no longer sent."""
_FAILED = json.dumps(
    {
        "$or": [
            {"State": [{"anything-but": "COMPLETED"}]},
            {"State": [{"exists": False}]},  # objects that were skipped, continuous backups that were interrupted
            {"EventType": [{"anything-but": ["BACKUP_JOB", "RESTORE_JOB"]}]},
        ]
    }
)
"""Message attributes: AWS Backup developer guide, "Notification options with AWS Backup"."""


@dataclass(frozen=True, kw_only=True)
class BackupPlanArgs:
    """What a stack decides about its backups, and what they are of."""

    settings: BackupSettings
    stack: StackContext
    database: BackupTarget
    bucket_arn: pulumi.Output[str]
    """Bucket of the files; it must keep versions."""


@final
class BackupPlan(pulumi.ComponentResource):
    """AWS Backup: continuous recovery points every day, one a month for long, copies in the recovery region.

    The opt-in of the account (`RegionSettings`) is not needed: resources named by ARN are backed up without it.
    """

    vault_arn: pulumi.Output[str]
    """Vault of the stack's own region."""
    recovery_vault_arn: pulumi.Output[str] | None
    """Vault of the recovery region; None without one."""
    topic_arn: pulumi.Output[str]
    """SNS topic that is notified of every job."""

    def __init__(self, resource_name: str, args: BackupPlanArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:backup:BackupPlan", resource_name, None, opts)
        settings, stack = args.settings, args.stack
        key = self._key(resource_name, args)
        vault = locked_vault(
            resource_name, parent=self, protected=stack.protected, lock=settings.lock, kms_key_arn=key.arn
        )
        away = stack.recovery and locked_vault(
            f"{resource_name}-recovery",
            parent=self,
            protected=stack.protected,
            lock=settings.lock,
            kms_key_arn=stack.recovery.kms_key_arn,
            region=stack.recovery.region,
        )
        plan = aws.backup.Plan(
            resource_name,
            name=physical_name("backup-plan"),
            rules=self._rules(settings, vault, away),
            opts=pulumi.ResourceOptions(parent=self),
        )
        role = self._role(
            resource_name,
            args.stack.region,
            ["service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"],
        )
        aws.backup.Selection(
            resource_name,
            plan_id=plan.id,
            iam_role_arn=role,
            resources=[args.database.arn, args.bucket_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )
        if settings.restore_tests != "off":
            restore_tests(
                f"{resource_name}-restore",
                parent=self,
                often=settings.restore_tests,
                role_arn=self._restore_role(f"{resource_name}-restore", args),
                vault_arn=vault.arn,
                database=args.database,
                bucket_arn=args.bucket_arn,
            )
        self.vault_arn = vault.arn
        self.recovery_vault_arn = away.arn if away else None
        self.topic_arn = self._notifications(resource_name, vault, key, settings.notify)
        self.register_outputs({"vault_arn": self.vault_arn, "topic_arn": self.topic_arn})

    def _key(self, resource_name: str, args: BackupPlanArgs) -> aws.kms.Key:
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        return customer_key(
            resource_name,
            Statement(
                sid="NotificationsOfBackup",
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],  # in a key policy this means the key itself
                principals={"Service": [_SERVICE]},
            ),
            parent=self,
            protected=args.stack.protected,
            retained=True,
            account_root=account_root(args.stack.region, account_id),
            description=f"Backups of {pulumi.get_project()} {pulumi.get_stack()}",
            alias=("backup",),
        )

    def _rules(
        self, settings: BackupSettings, vault: aws.backup.Vault, away: aws.backup.Vault | None
    ) -> list[aws.backup.PlanRuleArgsDict]:
        def copies(days: int) -> list[aws.backup.PlanRuleCopyActionArgsDict]:
            # What is copied is a snapshot of that day, also of a continuous recovery point.
            return [{"destination_vault_arn": away.arn, "lifecycle": {"delete_after": days}}] if away else []

        hour = settings.start_hour_utc
        return [
            {
                "rule_name": "daily",
                "target_vault_name": vault.name,
                "schedule": f"cron(0 {hour} ? * * *)",
                "enable_continuous_backup": True,
                "lifecycle": {"delete_after": settings.continuous_days},
                "copy_actions": copies(settings.copy_retention_days),
            },
            {
                "rule_name": "monthly",
                "target_vault_name": vault.name,
                "schedule": f"cron(30 {hour} 1 * ? *)",
                "lifecycle": {"delete_after": settings.monthly_retention_days},
                "copy_actions": copies(settings.monthly_retention_days),
            },
        ]

    def _role(self, name: str, region: str, managed: Sequence[str], *statements: Statement) -> pulumi.Output[str]:
        """Make a role for AWS Backup; its ARN is known only when it has all of its rights."""
        child = pulumi.ResourceOptions(parent=self)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        trust = service_trust(_SERVICE, conditions=own_account(account_id))
        role = aws.iam.Role(name, assume_role_policy=trust, opts=child)
        rights: list[pulumi.Output[str]] = [
            aws.iam.RolePolicyAttachment(
                f"{name}-{path.rsplit('ServiceRolePolicyFor', 1)[1].lower()}",
                role=role.name,
                policy_arn=managed_policy(region, path),
                opts=child,
            ).id
            for path in managed
        ]
        if statements:
            rights.append(aws.iam.RolePolicy(name, role=role.name, policy=policy(*statements), opts=child).id)
        return pulumi.Output.all(role.arn, *rights).apply(lambda values: str(values[0]))

    def _restore_role(self, name: str, args: BackupPlanArgs) -> pulumi.Output[str]:
        """Make the role of the restore tests: AWS's own policies, less everything that would touch the originals."""
        return self._role(
            name,
            args.stack.region,
            ["service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"],
            Statement(
                sid="NeverTheDatabaseItself",
                effect="Deny",
                actions=["rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:RebootDBInstance"],
                resources=[args.database.arn],
            ),
            Statement(
                sid="NeverTheFilesThemselves",
                effect="Deny",
                actions=["s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject", "s3:DeleteObjectVersion"],
                resources=[pulumi.Output.format("{0}/*", args.bucket_arn)],
            ),
            Statement(
                sid="NeverTheBucketItself",
                effect="Deny",
                actions=["s3:PutBucketVersioning", "s3:PutBucketNotification", "s3:DeleteBucket"],
                resources=[args.bucket_arn],
            ),
        )

    def _notifications(
        self, resource_name: str, vault: aws.backup.Vault, key: aws.kms.Key, addresses: Sequence[str]
    ) -> pulumi.Output[str]:
        child = pulumi.ResourceOptions(parent=self)
        topic = aws.sns.Topic(resource_name, kms_master_key_id=key.arn, opts=child)
        allowed = aws.sns.TopicPolicy(
            resource_name,
            arn=topic.arn,
            policy=policy(
                Statement(
                    sid="BackupPublishes",
                    actions=["sns:Publish"],
                    resources=[topic.arn],
                    principals={"Service": [_SERVICE]},
                )
            ),
            opts=child,
        )
        for address in addresses:
            aws.sns.TopicSubscription(
                f"{resource_name}-{address}",
                topic=topic.arn,
                protocol="email",
                endpoint=address,
                filter_policy=_FAILED,
                opts=child,
            )
        aws.backup.VaultNotifications(
            resource_name,
            backup_vault_name=vault.name,
            sns_topic_arn=allowed.arn,  # through the policy: AWS Backup tests whether it may publish
            backup_vault_events=_EVENTS,
            opts=child,
        )
        return topic.arn
