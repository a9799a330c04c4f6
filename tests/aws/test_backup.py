"""The backups as AWS would show them; only prod has them."""

import json

import pytest

from tests.aws.environment import REGION, LocalEnvironment

pytestmark = pytest.mark.parametrize("local_env", ["prod"], indirect=True)


@pytest.mark.parametrize(
    ("name", "region", "key"), [("backup", REGION, "backup"), ("backup-recovery", "us-west-2", "key-recovery")]
)
def test_vaults_are_locked_and_encrypted(local_env: LocalEnvironment, name: str, region: str, key: str) -> None:
    record = local_env.only("backup/vault:Vault", name)
    vault = local_env.aws("backup", region).describe_backup_vault(BackupVaultName=record.outputs["name"])
    assert vault["EncryptionKeyArn"] == local_env.only("kms/key:Key", key).outputs["arn"]
    assert vault["Locked"] is True
    assert vault["MinRetentionDays"] == 7
    assert "LockDate" not in vault, "governance: a compliance lock can never be taken back"
    assert record.protect
    assert record.retain_on_delete
    assert record.inputs["forceDestroy"] is False


def test_nobody_deletes_recovery_points(local_env: LocalEnvironment) -> None:
    for record in local_env.all("backup/vaultPolicy:VaultPolicy"):
        points, vault = json.loads(record.inputs["policy"])["Statement"]
        assert points["Effect"] == vault["Effect"] == "Deny"
        assert points["Principal"] == vault["Principal"] == "*"
        assert set(points["Action"]) == {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}
        assert vault["Resource"] == [local_env.only("backup/vault:Vault", record.name).outputs["arn"]]


def test_plan_takes_daily_and_monthly_recovery_points_and_copies_them(local_env: LocalEnvironment) -> None:
    record = local_env.only("backup/plan:Plan")
    plan = local_env.aws("backup").get_backup_plan(BackupPlanId=record.id)["BackupPlan"]
    away = local_env.only("backup/vault:Vault", "backup-recovery").outputs["arn"]
    assert ":us-west-2:" in away
    daily, monthly = plan["Rules"]
    assert daily["EnableContinuousBackup"] is True
    assert daily["Lifecycle"] == {"DeleteAfterDays": 35}
    assert daily["ScheduleExpression"] == "cron(0 7 ? * * *)"
    assert monthly["ScheduleExpression"] == "cron(30 7 1 * ? *)"
    assert monthly["Lifecycle"] == {"DeleteAfterDays": 365}
    copies = [copy for rule in plan["Rules"] for copy in rule["CopyActions"]]
    assert copies == [{"DestinationBackupVaultArn": away, "Lifecycle": {"DeleteAfterDays": days}} for days in (35, 365)]


def test_database_and_files_are_selected_by_name(local_env: LocalEnvironment) -> None:
    selection = local_env.only("backup/selection:Selection").inputs
    assert selection["resources"] == [
        local_env.only("rds/instance:Instance").outputs["arn"],
        local_env.only("s3/bucket:Bucket", "files").outputs["arn"],
    ]
    assert selection["iamRoleArn"] == local_env.only("iam/role:Role", "backup").outputs["arn"]


def test_both_are_restored_every_month(local_env: LocalEnvironment) -> None:
    plan = local_env.only("backup/restoreTestingPlan:RestoreTestingPlan").inputs
    assert plan["name"] == "flowise_prod_restore", "no other sign is allowed"
    assert plan["recoveryPointSelection"]["includeVaults"] == [
        local_env.only("backup/vault:Vault", "backup").outputs["arn"]
    ]
    selections = {
        record.inputs["protectedResourceType"]: record.inputs
        for record in local_env.all("backup/restoreTestingSelection:RestoreTestingSelection")
    }
    assert selections.keys() == {"RDS", "S3"}
    group = local_env.only("ec2/securityGroup:SecurityGroup", "database").id
    assert selections["RDS"]["restoreMetadataOverrides"] == {
        "dbSubnetGroupName": local_env.only("rds/subnetGroup:SubnetGroup").id,
        "vpcSecurityGroupIds": json.dumps([group]),
    }


def test_failures_are_heard(local_env: LocalEnvironment) -> None:
    sns, topic = local_env.aws("sns"), local_env.only("sns/topic:Topic", "backup").id
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert attributes["KmsMasterKeyId"] == local_env.only("kms/key:Key", "backup").outputs["arn"]
    (statement,) = json.loads(attributes["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": ["backup.amazonaws.com"]}
    assert (statement["Action"], statement["Resource"]) == (["sns:Publish"], [topic])
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")
    found = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])["Attributes"]
    assert {"State": [{"anything-but": "COMPLETED"}]} in json.loads(found["FilterPolicy"])["$or"]
    notifications = local_env.only("backup/vaultNotifications:VaultNotifications").inputs
    assert notifications["snsTopicArn"] == topic
    assert set(notifications["backupVaultEvents"]) == {
        "BACKUP_JOB_COMPLETED",
        "CONTINUOUS_BACKUP_INTERRUPTED",
        "COPY_JOB_FAILED",
        "RESTORE_JOB_COMPLETED",
        "S3_BACKUP_OBJECT_FAILED",
        "S3_RESTORE_OBJECT_FAILED",
    }


def test_aws_backup_and_the_program_do_not_undo_each_other(local_env: LocalEnvironment) -> None:
    ignored = set(local_env.only("rds/instance:Instance").ignore_changes)
    assert ignored == {"backupRetentionPeriod", "backupWindow", "engineLifecycleSupport"}
