"""`status`: what it finds, and when it says that it is not enough."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.clients import cloudwatch_client, rds_client, s3_client, secrets_client
from tests.ops.bucket_history import ACCOUNT, BucketHistory
from tests.ops.conftest import Answer, Outcome, ops

VAULT = f"arn:aws:backup:us-west-2:{ACCOUNT}:backup-vault:flowise-copies"
INSTANCE_ARN = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:flowise"


def look(*options: str) -> Outcome:
    return ops("status", *options)


def make_database() -> None:
    rds: Any = rds_client()
    rds.create_db_instance(
        DBInstanceIdentifier="flowise", Engine="postgres", DBInstanceClass="db.m7g.large", BackupRetentionPeriod=14,
        AllocatedStorage=20, MasterUsername="x", MasterUserPassword="x" * 9, DeletionProtection=True,
    )  # fmt: skip


def instance(age: timedelta, **more: Any) -> dict[str, Any]:
    found = {"DBInstanceIdentifier": "flowise", "DBInstanceStatus": "available", "BackupRetentionPeriod": 14}
    return {
        "DBInstances": [found | {"LatestRestorableTime": datetime.now(UTC) - age, "DeletionProtection": True} | more]
    }


def point(
    age_hours: float, status: str = "COMPLETED", kind: str = "snapshot", of: str = INSTANCE_ARN
) -> dict[str, Any]:
    arn = f"arn:aws:backup:us-west-2:{ACCOUNT}:recovery-point:{kind}:x"
    created = datetime.now(UTC) - timedelta(hours=age_hours)
    return {"RecoveryPointArn": arn, "ResourceArn": of, "Status": status, "CreationDate": created}


def test_everything_holds(answer: Callable[[str, Answer], None], bucket: BucketHistory) -> None:
    make_database()
    secrets: Any = secrets_client()
    secrets.create_secret(Name="flowise/prod/keys", SecretString="x", AddReplicaRegions=[{"Region": "us-west-2"}])
    arn = secrets.describe_secret(SecretId="flowise/prod/keys")["ARN"]
    answer("ListRecoveryPointsByBackupVault", {"RecoveryPoints": [point(30), point(6), point(700, kind="continuous")]})
    s3: Any = s3_client()
    rule = {
        "ID": "x",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=bucket.name, LifecycleConfiguration={"Rules": [rule]})
    Path("outputs.json").write_text(
        json.dumps({"url": "x", "database": "flowise", "bucket": bucket.name, "vault": VAULT, "owner_secret": arn}),
        encoding="utf-8",
    )
    shown = look("--outputs", "outputs.json")
    assert shown.code == 0, shown.text
    assert "kept 14 d, available, deletion protection on" in shown.text
    assert "old versions kept 90 d" in shown.text
    assert "2 recovery points" in shown.text
    assert "✓ vault flowise-copies any second" in shown.text
    assert "✓ secret flowise/prod/keys replica" not in shown.text
    assert "secret flowise/prod/keys replica us-west-2" in shown.text
    assert "Everything can be restored as promised." in shown.text


@pytest.mark.parametrize(
    ("age", "options", "code"),
    [
        (timedelta(minutes=14), [], 0),
        (timedelta(minutes=16), [], 1),
        (timedelta(minutes=16), ["--rpo-minutes", "20"], 0),
    ],
)
def test_the_database_is_held_to_the_promise(
    answer: Callable[[str, Answer], None], age: timedelta, options: list[str], code: int
) -> None:
    make_database()
    answer("DescribeDBInstances", instance(age))
    shown = look("--database", "flowise", *options)
    assert shown.code == code
    assert ("is 16 min old; at most 15 min were promised" in shown.text) == bool(code)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([{"age_hours": 25}], ""),
        ([{"age_hours": 27}], "is 27 h old; at most 26 h were promised"),
        (
            [{"age_hours": 3, "status": "PARTIAL"}, {"age_hours": 27}],
            "is 27 h old; at most 26 h were promised; 1 cannot be used",
        ),
        ([{"age_hours": 3, "status": "CREATING"}, {"age_hours": 25}], ""),
        ([], "there is none"),
        ([{"age_hours": 900, "status": "AVAILABLE", "kind": "continuous"}], ""),
        ([{"age_hours": 900, "status": "STOPPED", "kind": "continuous"}], "was stopped: what is older can be restored"),
        (
            [
                {"age_hours": 900, "status": "STOPPED", "kind": "continuous"},
                {"age_hours": 90, "status": "AVAILABLE", "kind": "continuous"},
            ],
            "",
        ),
        ([{"age_hours": 3}, {"age_hours": 50, "of": "arn:aws:s3:::files"}], "is 2 d old; at most 26 h were promised"),
    ],
)
def test_recovery_points_are_held_to_the_promise(
    answer: Callable[[str, Answer], None], points: list[dict[str, Any]], words: str
) -> None:
    answer("ListRecoveryPointsByBackupVault", {"RecoveryPoints": [point(**one) for one in points]})
    shown = look("--vault", VAULT)
    assert shown.code == int(bool(words))
    assert words in shown.text


@pytest.mark.parametrize(
    ("metrics", "code", "words"),
    [
        ({}, 0, "0 operations wait"),
        ({"OperationsPendingReplication": ("us-west-2", 7)}, 0, "flowise-copies, 7 operations wait"),
        ({"ReplicationLatency": ("us-west-2", 3600)}, 1, "is 60 min behind; at most 15 min were promised"),
        ({"OperationsFailedReplication": ("us-east-1", 3)}, 1, "3 operations failed in the last 24 h"),
        (None, 1, "its metrics are off: whether it is in sync cannot be known"),
    ],
)
def test_replicas_are_held_to_the_promise(
    bucket: BucketHistory, metrics: dict[str, tuple[str, float]] | None, code: int, words: str
) -> None:
    copies = s3_client("us-west-2")
    copies.create_bucket(Bucket="flowise-copies", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    copies.put_bucket_versioning(Bucket="flowise-copies", VersioningConfiguration={"Status": "Enabled"})
    destination: Any = {"Bucket": "arn:aws:s3:::flowise-copies"}
    if metrics is not None:
        destination |= {"Metrics": {"Status": "Enabled"}}
    rule: Any = {"ID": "everything", "Status": "Enabled", "Priority": 0, "Filter": {"Prefix": ""}}
    s3_client().put_bucket_replication(
        Bucket=bucket.name,
        ReplicationConfiguration={
            "Role": f"arn:aws:iam::{ACCOUNT}:role/copies",
            "Rules": [rule | {"Destination": destination, "DeleteMarkerReplication": {"Status": "Enabled"}}],
        },
    )
    dimensions = {"SourceBucket": bucket.name, "DestinationBucket": "flowise-copies", "RuleId": "everything"}
    for name, (region, value) in (metrics or {}).items():
        cloudwatch_client(region).put_metric_data(
            Namespace="AWS/S3",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": of} for key, of in dimensions.items()],
                    "Timestamp": datetime.now(UTC) - timedelta(minutes=2),
                    "Value": value,
                }
            ],
        )
    shown = look("--bucket", bucket.name)
    assert shown.code == code
    assert words in shown.text


def test_what_is_gone_or_off_is_named_and_the_rest_is_shown() -> None:
    BucketHistory("unversioned").make(status="")
    BucketHistory("fine").make()
    secrets: Any = secrets_client()
    secrets.create_secret(Name="deleted", SecretString="x")
    secrets.delete_secret(SecretId="deleted")
    names = ["--bucket", "unversioned", "--bucket", "missing", "--bucket", "fine", "--database", "gone"]
    shown = look(*names, "--secret", "deleted", "--secret", "never")
    assert shown.code == 1
    for words in (
        "bucket unversioned, versions: versioning is off",
        "there is no bucket missing",
        "✓ bucket fine versions",
        "database gone, any second: there is no such instance",
        "secret deleted, secret: is deleted, and gone on",
        "AWS answered DescribeSecret with ResourceNotFoundException",
    ):
        assert words in shown.text


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("operation", "options", "action"),
    [
        ("DescribeDBInstances", ["--database", "flowise"], "rds:DescribeDBInstances"),
        ("DescribeDBSnapshots", ["--database", "flowise"], "rds:DescribeDBSnapshots"),
        (
            "DescribeDBInstanceAutomatedBackups",
            ["--database", "flowise"],
            "rds:DescribeDBInstanceAutomatedBackups",
        ),
        ("GetBucketVersioning", ["--bucket", "flowise-files"], "s3:GetBucketVersioning"),
        ("GetBucketLifecycleConfiguration", ["--bucket", "flowise-files"], "s3:GetLifecycleConfiguration"),
        ("GetBucketReplication", ["--bucket", "flowise-files"], "s3:GetReplicationConfiguration"),
        ("ListRecoveryPointsByBackupVault", ["--vault", "v"], "backup:ListRecoveryPointsByBackupVault"),
        ("DescribeSecret", ["--secret", "s"], "secretsmanager:DescribeSecret"),
    ],
)
def test_names_the_right_that_is_missing(
    deny: Callable[[str], None], operation: str, options: list[str], action: str
) -> None:
    make_database()
    deny(operation)
    shown = look(*options)
    assert shown.code == 1
    assert f"needs: {action}" in shown.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "has none of database, bucket, vault, recovery_vault, owner_secret"),
        ("[]", "holds no outputs by name"),
        ("{", "is not JSON"),
        (None, "cannot read outputs.json"),
    ],
)
def test_says_what_is_wrong_with_the_outputs(content: str | None, words: str) -> None:
    if content is not None:
        Path("outputs.json").write_text(content, encoding="utf-8")
    shown = look("--outputs", "outputs.json")
    assert shown.code == 1
    assert words in shown.text


def test_asks_what_to_look_at() -> None:
    assert "nothing is named" in look().text
