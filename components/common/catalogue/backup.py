"""AWS Backup."""

from typing import Final

from components.common.catalogue.entry import (
    AT_DELETION,
    TAG_EDITOR,
    Actions,
    AwsEntry,
    Call,
    Container,
    Given,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

BACKUP: Final = Service(name="backup", reference="aws-backup/latest/devguide", tags=TagRule(source=TAG_EDITOR))

ENTRIES = (
    AwsEntry(
        type="aws:backup/plan:Plan",
        names=(
            NameRule(
                longest=50,
                pattern=r"[a-zA-Z0-9\-\_\.]{1,50}",
                source="backup CreateBackupPlan BackupPlan.BackupPlanName",
                says="Must contain 1 to 50 alphanumeric or '-_.' characters.",
            ),
        ),
        tags=BACKUP,
        given=Given(kind="backup-plan", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(properties="name", source="backup/plan.go", cloudformation="AWS::Backup::BackupPlan"),
        price="rule",
        actions=Actions(
            read="backup:GetBackupPlan backup:ListTags",
            create="backup:CreateBackupPlan backup:TagResource",
            update="backup:UpdateBackupPlan backup:TagResource backup:UntagResource",
            delete="backup:DeleteBackupPlan",
        ),
        moto=Moto(delete=Call(service="backup", operation="delete_backup_plan", arguments={"BackupPlanId": "id"})),
        used_by=(
            InUse(
                user="aws:backup/selection:Selection",
                path="planId",
                code="InvalidRequestException",
                source=BACKUP.api("DeleteBackupPlan"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:backup/restoreTestingPlan:RestoreTestingPlan",
        names=(
            NameRule(
                longest=50,
                pattern="[A-Za-z0-9_]+",
                source="backup CreateRestoreTestingPlan RestoreTestingPlan.RestoreTestingPlanName",
                says="it must consist of only alphanumeric characters and underscores",
                published=False,
            ),
        ),
        tags=BACKUP,
        replacement=Replacement(
            properties="name",
            source="backup/restore_testing_plan.go",
            cloudformation="AWS::Backup::RestoreTestingPlan",
            in_place={"RestoreTestingPlanName": "name here"},
        ),
        price="left out",
        left_out="what a restore test makes, for its hours",
        actions=Actions(
            read="backup:GetRestoreTestingPlan backup:ListTags",
            create="backup:CreateRestoreTestingPlan backup:TagResource",
            update="backup:UpdateRestoreTestingPlan backup:TagResource backup:UntagResource",
            delete="backup:DeleteRestoreTestingPlan",
        ),
        moto=Moto(recorded_only="moto has no restore tests"),
        unique=Unique(code="AlreadyExistsException", source=BACKUP.api("CreateRestoreTestingPlan")),
        used_by=(
            InUse(
                user="aws:backup/restoreTestingSelection:RestoreTestingSelection",
                path="restoreTestingPlanName",
                code="InvalidRequestException",
                source=BACKUP.api("DeleteRestoreTestingPlan"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:backup/restoreTestingSelection:RestoreTestingSelection",
        names=(
            NameRule(
                longest=50,
                pattern="[A-Za-z0-9_]+",
                source="backup CreateRestoreTestingSelection RestoreTestingSelection.RestoreTestingSelectionName",
                says="The name consists of only alphanumeric characters and underscores. Maximum length is 50.",
            ),
        ),
        replacement=Replacement(
            properties="name protectedResourceType restoreTestingPlanName",
            source="backup/restore_testing_selection.go",
            cloudformation="AWS::Backup::RestoreTestingSelection",
            in_place={"RestoreTestingSelectionName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="backup:GetRestoreTestingSelection",
            create="backup:CreateRestoreTestingSelection iam:PassRole",
            update="backup:UpdateRestoreTestingSelection iam:PassRole",
            delete="backup:DeleteRestoreTestingSelection",
        ),
        moto=Moto(recorded_only="moto has no restore tests"),
    ),
    AwsEntry(
        type="aws:backup/selection:Selection",
        names=(
            NameRule(
                longest=50,
                pattern=r"[a-zA-Z0-9\-\_\.]{1,50}",
                source="backup CreateBackupSelection BackupSelection.SelectionName",
            ),
        ),
        replacement=Replacement(
            properties="conditions iamRoleArn name notResources planId resources selectionTags",
            source="backup/selection.go",
            cloudformation="AWS::Backup::BackupSelection",
            in_place={
                "BackupSelection": "its parts are arguments of their own here",
                "BackupPlanId": "planId here",
            },
        ),
        price="free",
        actions=Actions(
            read="backup:GetBackupSelection",
            create="backup:CreateBackupSelection iam:PassRole",
            delete="backup:DeleteBackupSelection",
        ),
        moto=Moto(recorded_only="moto has no selections of a backup plan"),
    ),
    AwsEntry(
        type="aws:backup/vault:Vault",
        data="protected",
        names=(
            NameRule(
                longest=50,
                shortest=2,
                pattern=r"[a-zA-Z0-9\-\_]{2,50}",
                source="backup CreateBackupVault BackupVaultName",
            ),
        ),
        tags=BACKUP,
        given=Given(kind="backup-vault", forbidden="[^A-Za-z0-9_-]", spare=len("-1a2b3c4d")),
        outlives=True,
        replacement=Replacement(
            properties="kmsKeyArn name",
            source="backup/vault.go",
            cloudformation="AWS::Backup::BackupVault",
            in_place={
                "BackupVaultName": "name here",
                "EncryptionKeyArn": "kmsKeyArn here",
            },
        ),
        price="rule",
        actions=Actions(
            read="backup:DescribeBackupVault backup:ListTags",
            create=(
                "backup:CreateBackupVault backup-storage:MountCapsule backup:TagResource kms:CreateGrant "
                "kms:GenerateDataKey kms:Decrypt kms:RetireGrant kms:DescribeKey"
            ),
            update="backup:TagResource backup:UntagResource",
            delete="backup:DeleteBackupVault backup:ListRecoveryPointsByBackupVault",
        ),
        moto=Moto(
            lost={"forceDestroy": AT_DELETION},
            delete=Call(service="backup", operation="delete_backup_vault", arguments={"BackupVaultName": "id"}),
            read=Call(service="backup", operation="describe_backup_vault", arguments={"BackupVaultName": "id"}),
        ),
        unique=Unique(code="AlreadyExistsException", source=BACKUP.api("CreateBackupVault")),
        container=Container(
            code="InvalidRequestException",
            says="Backup vault cannot be deleted because it contains recovery points",
            source=BACKUP.api("DeleteBackupVault"),
        ),
        picture="storage/backup.png",
    ),
    AwsEntry(
        type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        unnamed="its vault",
        replacement=Replacement(
            properties="backupVaultName changeableForDays maxRetentionDays minRetentionDays",
            source="backup/vault_lock_configuration.go",
        ),
        price="free",
        actions=Actions(
            read="backup:DescribeBackupVault",
            create="backup:PutBackupVaultLockConfiguration",
            delete="backup:DeleteBackupVaultLockConfiguration",
        ),
        moto=Moto(
            delete=Call(
                service="backup",
                operation="delete_backup_vault_lock_configuration",
                arguments={"BackupVaultName": "id"},
            ),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:backup/vaultNotifications:VaultNotifications",
        unnamed="its vault",
        replacement=Replacement(
            properties="backupVaultEvents backupVaultName snsTopicArn", source="backup/vault_notifications.go"
        ),
        price="free",
        actions=Actions(
            read="backup:GetBackupVaultNotifications",
            create="backup:PutBackupVaultNotifications",
            delete="backup:DeleteBackupVaultNotifications",
        ),
        moto=Moto(recorded_only="moto has no notifications of a vault"),
    ),
    AwsEntry(
        type="aws:backup/vaultPolicy:VaultPolicy",
        unnamed="its vault",
        protects=True,
        replacement=Replacement(properties="backupVaultName", source="backup/vault_policy.go"),
        price="free",
        actions=Actions(
            read="backup:GetBackupVaultAccessPolicy",
            create="backup:PutBackupVaultAccessPolicy",
            delete="backup:DeleteBackupVaultAccessPolicy",
        ),
        moto=Moto(recorded_only="moto has no policies of a vault"),
    ),
)
