"""A vault for recovery points: encrypted, locked, and closed to those who would delete from it."""

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.backup.settings import LockSettings
from components.common.iam import Statement, policy
from components.common.names import physical_name


def locked_vault(
    resource_name: str,
    *,
    parent: pulumi.Resource,
    protected: bool,
    lock: LockSettings,
    kms_key_arn: pulumi.Input[str],
    region: str | None = None,
) -> aws.backup.Vault:
    """Make a vault, in the stack's region or another.

    Deleting the stack never deletes a vault: its recovery points stay until they expire (docs/day-two.md says how to
    delete it). Its name therefore ends in random text, so that the stack can be created again beside it.
    """
    child = pulumi.ResourceOptions(parent=parent)
    suffix = random.RandomId(f"{resource_name}-vault", byte_length=4, opts=child).hex
    vault = aws.backup.Vault(
        resource_name,
        name=pulumi.Output.format("{0}-{1}", physical_name("backup-vault", "backup"), suffix),
        kms_key_arn=kms_key_arn,
        force_destroy=False,
        region=region,
        opts=pulumi.ResourceOptions(
            parent=parent,
            protect=protected,
            retain_on_delete=True,
            ignore_changes=["name"],  # a vault made by release 0.1.0 has no random text, and a new name replaces it
        ),
    )
    aws.backup.VaultLockConfiguration(
        resource_name,
        backup_vault_name=vault.name,
        min_retention_days=lock.min_retention_days,
        changeable_for_days=lock.changeable_for_days,
        region=region,
        opts=child,
    )
    if protected:
        aws.backup.VaultPolicy(
            resource_name,
            backup_vault_name=vault.name,
            policy=policy(
                Statement(
                    sid="NobodyDeletesRecoveryPoints",
                    effect="Deny",
                    principals="*",
                    actions=["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
                    resources=["*"],  # in a vault policy: the recovery points of this vault, whose ARNs AWS makes up
                ),
                Statement(
                    sid="NobodyDeletesTheVault",
                    effect="Deny",
                    principals="*",
                    actions=["backup:DeleteBackupVault"],
                    resources=[vault.arn],
                ),
            ),
            region=region,
            opts=child,
        )
    return vault
