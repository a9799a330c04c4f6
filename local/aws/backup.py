"""AWS Backup: vaults with their locks, and plans; and the SNS topic that is notified of failures."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given


def _vault(request: ResourceRequest) -> Created:
    backup, name = request.client("backup", request.region), request.physical_name()
    answer = backup.create_backup_vault(
        BackupVaultName=name,
        BackupVaultTags=request.tags(),
        **request.inputs.pascal("kmsKeyArn", words={"kmsKeyArn": "EncryptionKeyArn"}),
    )
    return made(name, arn=answer["BackupVaultArn"], name=name)


def _vault_lock(request: ResourceRequest) -> Created:
    name = request.inputs["backupVaultName"]
    request.client("backup", request.region).put_backup_vault_lock_configuration(
        BackupVaultName=name,
        **request.inputs.pascal("minRetentionDays", "maxRetentionDays", "changeableForDays"),
    )
    return made(name)


def _plan(request: ResourceRequest) -> Created:
    backup, inputs = request.client("backup", request.region), request.inputs
    name = request.physical_name()
    words = {"targetVaultName": "TargetBackupVaultName", "schedule": "ScheduleExpression"}
    words |= {"deleteAfter": "DeleteAfterDays", "destinationVaultArn": "DestinationBackupVaultArn"}
    rules = inputs.pascal("rules", words=words)["Rules"]
    answer = backup.create_backup_plan(
        BackupPlan={"BackupPlanName": name, "Rules": rules}, BackupPlanTags=request.tags()
    )
    return made(answer["BackupPlanId"], arn=answer["BackupPlanArn"], name=name, version=answer["VersionId"])


def _topic(request: ResourceRequest) -> Created:
    sns, name = request.client("sns", request.region), request.physical_name()
    arn = sns.create_topic(
        Name=name, Attributes=given(KmsMasterKeyId=request.inputs.get("kmsMasterKeyId")), Tags=request.tag_list()
    )["TopicArn"]
    return made(arn, arn=arn, name=name)


def _topic_policy(request: ResourceRequest) -> Created:
    arn = request.inputs["arn"]
    request.client("sns", request.region).set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=request.inputs["policy"]
    )
    return made(arn, arn=arn)


def _subscription(request: ResourceRequest) -> Created:
    inputs = request.inputs
    attributes: dict[str, Any] = given(FilterPolicy=inputs.get("filterPolicy"))
    arn = request.client("sns", request.region).subscribe(
        TopicArn=inputs["topic"],
        Protocol=inputs["protocol"],
        Endpoint=inputs["endpoint"],
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return made(arn, arn=arn)


HANDLERS: Mapping[str, Handler] = {
    "aws:backup/vault:Vault": _vault,
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": _vault_lock,
    "aws:backup/plan:Plan": _plan,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
}
