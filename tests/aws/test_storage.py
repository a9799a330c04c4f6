"""The buckets as AWS would show them."""

import json

import pytest

from tests.aws.environment import ACCOUNT, LocalEnvironment

both_buckets = pytest.mark.parametrize("name", ["files", "logs"])


def _bucket(local_env: LocalEnvironment, name: str) -> str:
    return local_env.only("s3/bucket:Bucket", name).id


def test_bucket_names_carry_the_stack(local_env: LocalEnvironment) -> None:
    names = {bucket["Name"] for bucket in local_env.aws("s3").list_buckets()["Buckets"]}
    assert names == {record.id for record in local_env.all("s3/bucket:Bucket")}
    assert all(local_env.stack in name for name in names)


@both_buckets
def test_bucket_is_private(local_env: LocalEnvironment, name: str) -> None:
    s3, bucket = local_env.aws("s3"), _bucket(local_env, name)
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@both_buckets
def test_bucket_keeps_versions(local_env: LocalEnvironment, name: str) -> None:
    assert local_env.aws("s3").get_bucket_versioning(Bucket=_bucket(local_env, name))["Status"] == "Enabled"


@both_buckets
def test_bucket_answers_over_tls_only(local_env: LocalEnvironment, name: str) -> None:
    bucket = _bucket(local_env, name)
    policy = json.loads(local_env.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    denial, *rest = policy["Statement"]
    assert denial == {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:*"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    assert len(rest) == (2 if name == "logs" else 0)


def test_log_services_write_into_their_own_folder_for_this_account_only(local_env: LocalEnvironment) -> None:
    bucket = _bucket(local_env, "logs")
    statements = json.loads(local_env.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    allowed = {s["Principal"]["Service"][0]: s for s in statements if s["Effect"] == "Allow"}
    assert allowed.keys() == {"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert all(s["Action"] == ["s3:PutObject"] for s in allowed.values())
    s3, balancer = allowed.values()
    assert s3["Resource"] == [f"arn:aws:s3:::{bucket}/s3/*"]
    assert s3["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert balancer["Resource"] == [f"arn:aws:s3:::{bucket}/load-balancer/AWSLogs/{ACCOUNT}/*"]


def test_files_are_encrypted_with_our_key(local_env: LocalEnvironment) -> None:
    (rule,) = local_env.aws("s3").get_bucket_encryption(Bucket=_bucket(local_env, "files"))[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": local_env.key_arn,
    }
    assert rule["BucketKeyEnabled"]


def test_logs_are_encrypted_by_s3(local_env: LocalEnvironment) -> None:
    (rule,) = local_env.aws("s3").get_bucket_encryption(Bucket=_bucket(local_env, "logs"))[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}, "load balancers write no other"


def test_old_versions_expire(local_env: LocalEnvironment) -> None:
    rules = local_env.aws("s3").get_bucket_lifecycle_configuration(Bucket=_bucket(local_env, "files"))["Rules"]
    assert rules == [
        {
            "ID": "expire-old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "NoncurrentVersionExpiration": {"NoncurrentDays": local_env.promise.noncurrent_days},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "expire-flowise-logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
        },
    ]


def test_access_logs_expire(local_env: LocalEnvironment) -> None:
    (rule,) = local_env.aws("s3").get_bucket_lifecycle_configuration(Bucket=_bucket(local_env, "logs"))["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["Expiration"] == {"Days": local_env.promise.access_log_days}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}


def test_access_to_files_is_logged(local_env: LocalEnvironment) -> None:
    logging = local_env.aws("s3").get_bucket_logging(Bucket=_bucket(local_env, "files"))["LoggingEnabled"]
    assert logging == {"TargetBucket": _bucket(local_env, "logs"), "TargetPrefix": "s3/files/"}


def test_every_version_is_copied_to_the_recovery_region(local_env: LocalEnvironment) -> None:
    region = local_env.promise.recovery_region
    if not region:
        assert [record.name for record in local_env.all("s3/bucket:Bucket")] == ["logs", "files"]
        return
    copy = local_env.only("s3/bucket:Bucket", "files-recovery")
    configuration = local_env.aws("s3").get_bucket_replication(Bucket=_bucket(local_env, "files"))[
        "ReplicationConfiguration"
    ]
    (rule,) = configuration["Rules"]
    key = local_env.only("kms/key:Key", "key-recovery").outputs["arn"]
    assert configuration["Role"] == local_env.only("iam/role:Role", "files-recovery").outputs["arn"]
    assert rule["Status"] == "Enabled"
    assert rule["Destination"]["Bucket"] == copy.outputs["arn"]
    (asked,) = local_env.only("s3/bucketReplicationConfig:BucketReplicationConfig").inputs[
        "rules"
    ]  # moto forgets these
    assert asked["deleteMarkerReplication"] == {"status": "Enabled"}
    assert asked["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert asked["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": key}
    assert f":{region}:" in key


def test_the_copy_is_as_safe_as_the_original(local_env: LocalEnvironment) -> None:
    region = local_env.promise.recovery_region
    if not region:
        return
    copy, original = _bucket(local_env, "files-recovery"), _bucket(local_env, "files")
    here, there = local_env.aws("s3"), local_env.aws("s3", region)
    assert there.get_bucket_location(Bucket=copy)["LocationConstraint"] == region
    for method, answer in {
        "get_public_access_block": "PublicAccessBlockConfiguration",
        "get_bucket_ownership_controls": "OwnershipControls",
        "get_bucket_versioning": "Status",
        "get_bucket_lifecycle_configuration": "Rules",
    }.items():
        assert getattr(there, method)(Bucket=copy)[answer] == getattr(here, method)(Bucket=original)[answer]
    (rule,) = there.get_bucket_encryption(Bucket=copy)["ServerSideEncryptionConfiguration"]["Rules"]
    key = local_env.only("kms/key:Key", "key-recovery").outputs["arn"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    record = local_env.only("s3/bucket:Bucket", "files-recovery")
    assert record.protect is record.retain_on_delete is local_env.promise.protected
