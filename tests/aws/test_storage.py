"""The buckets as AWS would show them."""

import json

import pytest

from tests.aws.estate import ACCOUNT, Estate

both_buckets = pytest.mark.parametrize("name", ["files", "logs"])


def _bucket(estate: Estate, name: str) -> str:
    return estate.only("s3/bucket:Bucket", name).id


def test_bucket_names_carry_the_stack(estate: Estate) -> None:
    names = {bucket["Name"] for bucket in estate.aws("s3").list_buckets()["Buckets"]}
    assert names == {record.id for record in estate.all("s3/bucket:Bucket")}
    assert all(estate.stack in name for name in names)


@both_buckets
def test_bucket_is_private(estate: Estate, name: str) -> None:
    s3, bucket = estate.aws("s3"), _bucket(estate, name)
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    controls = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


@both_buckets
def test_bucket_keeps_versions(estate: Estate, name: str) -> None:
    assert estate.aws("s3").get_bucket_versioning(Bucket=_bucket(estate, name))["Status"] == "Enabled"


@both_buckets
def test_bucket_answers_over_tls_only(estate: Estate, name: str) -> None:
    bucket = _bucket(estate, name)
    policy = json.loads(estate.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])
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


def test_log_services_write_into_their_own_folder_for_this_account_only(estate: Estate) -> None:
    bucket = _bucket(estate, "logs")
    statements = json.loads(estate.aws("s3").get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    allowed = {s["Principal"]["Service"][0]: s for s in statements if s["Effect"] == "Allow"}
    assert allowed.keys() == {"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert all(s["Action"] == ["s3:PutObject"] for s in allowed.values())
    s3, balancer = allowed.values()
    assert s3["Resource"] == [f"arn:aws:s3:::{bucket}/s3/*"]
    assert s3["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert balancer["Resource"] == [f"arn:aws:s3:::{bucket}/load-balancer/AWSLogs/{ACCOUNT}/*"]


def test_files_are_encrypted_with_our_key(estate: Estate) -> None:
    (rule,) = estate.aws("s3").get_bucket_encryption(Bucket=_bucket(estate, "files"))[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": estate.key_arn}
    assert rule["BucketKeyEnabled"]


def test_logs_are_encrypted_by_s3(estate: Estate) -> None:
    (rule,) = estate.aws("s3").get_bucket_encryption(Bucket=_bucket(estate, "logs"))[
        "ServerSideEncryptionConfiguration"
    ]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}, "load balancers write no other"


def test_old_versions_expire(estate: Estate) -> None:
    rules = estate.aws("s3").get_bucket_lifecycle_configuration(Bucket=_bucket(estate, "files"))["Rules"]
    assert rules == [
        {
            "ID": "expire-old-versions",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
            "NoncurrentVersionExpiration": {"NoncurrentDays": estate.promise.noncurrent_days},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "expire-flowise-logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
        },
    ]


def test_access_logs_expire(estate: Estate) -> None:
    (rule,) = estate.aws("s3").get_bucket_lifecycle_configuration(Bucket=_bucket(estate, "logs"))["Rules"]
    assert rule["Status"] == "Enabled"
    assert rule["Expiration"] == {"Days": estate.promise.access_log_days}
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}


def test_access_to_files_is_logged(estate: Estate) -> None:
    logging = estate.aws("s3").get_bucket_logging(Bucket=_bucket(estate, "files"))["LoggingEnabled"]
    assert logging == {"TargetBucket": _bucket(estate, "logs"), "TargetPrefix": "s3/files/"}


def test_every_version_is_copied_to_the_recovery_region(estate: Estate) -> None:
    region = estate.promise.recovery_region
    if not region:
        assert [record.name for record in estate.all("s3/bucket:Bucket")] == ["logs", "files"]
        return
    copy = estate.only("s3/bucket:Bucket", "files-recovery")
    configuration = estate.aws("s3").get_bucket_replication(Bucket=_bucket(estate, "files"))["ReplicationConfiguration"]
    (rule,) = configuration["Rules"]
    key = estate.only("kms/key:Key", "key-recovery").outputs["arn"]
    assert configuration["Role"] == estate.only("iam/role:Role", "files-recovery").outputs["arn"]
    assert rule["Status"] == "Enabled"
    assert rule["Destination"]["Bucket"] == copy.outputs["arn"]
    (asked,) = estate.only("s3/bucketReplicationConfig:BucketReplicationConfig").inputs["rules"]  # moto forgets these
    assert asked["deleteMarkerReplication"] == {"status": "Enabled"}
    assert asked["sourceSelectionCriteria"] == {"sseKmsEncryptedObjects": {"status": "Enabled"}}
    assert asked["destination"]["encryptionConfiguration"] == {"replicaKmsKeyId": key}
    assert f":{region}:" in key


def test_the_copy_is_as_safe_as_the_original(estate: Estate) -> None:
    region = estate.promise.recovery_region
    if not region:
        return
    copy, original = _bucket(estate, "files-recovery"), _bucket(estate, "files")
    here, there = estate.aws("s3"), estate.aws("s3", region)
    assert there.get_bucket_location(Bucket=copy)["LocationConstraint"] == region
    for method, answer in {
        "get_public_access_block": "PublicAccessBlockConfiguration",
        "get_bucket_ownership_controls": "OwnershipControls",
        "get_bucket_versioning": "Status",
        "get_bucket_lifecycle_configuration": "Rules",
    }.items():
        assert getattr(there, method)(Bucket=copy)[answer] == getattr(here, method)(Bucket=original)[answer]
    (rule,) = there.get_bucket_encryption(Bucket=copy)["ServerSideEncryptionConfiguration"]["Rules"]
    key = estate.only("kms/key:Key", "key-recovery").outputs["arn"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    record = estate.only("s3/bucket:Bucket", "files-recovery")
    assert record.protect is record.retain_on_delete is estate.promise.protected
