"""AWS Backup: vaults with their locks, and plans; and the SNS topic that hears of failures."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.making import Maker, Making, made
from local.aws.translate import given

_LONGEST_NAME = 50


def _vault(making: Making) -> Created:
    backup, name = making.client("backup", making.region), making.physical_name(limit=_LONGEST_NAME)
    answer = backup.create_backup_vault(
        BackupVaultName=name,
        BackupVaultTags=making.tags(),
        **making.inputs.pascal("kmsKeyArn", words={"kmsKeyArn": "EncryptionKeyArn"}),
    )
    return made(name, arn=answer["BackupVaultArn"], name=name)


def _vault_lock(making: Making) -> Created:
    name = making.inputs["backupVaultName"]
    making.client("backup", making.region).put_backup_vault_lock_configuration(
        BackupVaultName=name,
        **making.inputs.pascal("minRetentionDays", "maxRetentionDays", "changeableForDays"),
    )
    return made(name)


def _plan(making: Making) -> Created:
    backup, inputs = making.client("backup", making.region), making.inputs
    name = making.physical_name(limit=_LONGEST_NAME)
    words = {"targetVaultName": "TargetBackupVaultName", "schedule": "ScheduleExpression"}
    words |= {"deleteAfter": "DeleteAfterDays", "destinationVaultArn": "DestinationBackupVaultArn"}
    rules = inputs.pascal("rules", words=words)["Rules"]
    answer = backup.create_backup_plan(
        BackupPlan={"BackupPlanName": name, "Rules": rules}, BackupPlanTags=making.tags()
    )
    return made(answer["BackupPlanId"], arn=answer["BackupPlanArn"], name=name, version=answer["VersionId"])


def _topic(making: Making) -> Created:
    sns, name = making.client("sns", making.region), making.physical_name(limit=256)
    arn = sns.create_topic(
        Name=name, Attributes=given(KmsMasterKeyId=making.inputs.get("kmsMasterKeyId")), Tags=making.tag_list()
    )["TopicArn"]
    return made(arn, arn=arn, name=name)


def _topic_policy(making: Making) -> Created:
    arn = making.inputs["arn"]
    making.client("sns", making.region).set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=making.inputs["policy"]
    )
    return made(arn, arn=arn)


def _subscription(making: Making) -> Created:
    inputs = making.inputs
    attributes: dict[str, Any] = given(FilterPolicy=inputs.get("filterPolicy"))
    arn = making.client("sns", making.region).subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return made(arn, arn=arn)


MAKERS: Mapping[str, Maker] = {
    "aws:backup/vault:Vault": _vault,
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _vault_lock,
    "aws:backup/plan:Plan": _plan,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
