"""Buckets in S3."""

import json
from collections.abc import Iterator

from policies.model import Resource, Stack, at, items, mapping, owner_rule, refers, rule, text
from policies.unknown import UNKNOWN, those

BUCKET = "aws:s3/bucket:Bucket"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


@owner_rule(
    BUCKET, fix="add a BucketPublicAccessBlock with all four settings True", controls=("AWS S3.8", "CIS-AWS 3.1.4")
)
def s3_public_access_blocked(stack: Stack, bucket: Resource) -> Iterator[str]:
    """Without the block a single policy or object ACL can publish what people uploaded."""
    blocks = stack.companions(bucket, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket")
    if not blocks:
        yield "has no BucketPublicAccessBlock"
    for block in blocks:
        open_ = [key for key in _BLOCKS if block.lacks(key, True)]
        if open_:
            yield f"{', '.join(open_)} not true"


@owner_rule(BUCKET, fix="add a BucketVersioning with status Enabled", controls=("AWS S3.14",))
def s3_versioned(stack: Stack, bucket: Resource) -> Iterator[str]:
    """An overwritten or deleted file is gone at once without versions."""
    versions = stack.companions(bucket, "aws:s3/bucketVersioning:BucketVersioning", "bucket")
    if not those(versions, lambda v: bool(v.get("versioningConfiguration.status") == "Enabled")):
        yield "versioning is not Enabled"


@owner_rule(
    BUCKET,
    fix="add a BucketServerSideEncryptionConfiguration with aws:kms and the stack's key",
    controls=("AWS S3.17",),
)
def s3_encrypted(stack: Stack, bucket: Resource) -> Iterator[str]:
    """With an own key, reading needs a second permission that can be taken away.

    Logs are written by AWS services that know only AES256.
    """
    allowed = ("aws:kms", "aws:kms:dsse", "AES256") if _takes_logs(stack, bucket) else ("aws:kms", "aws:kms:dsse")
    rules = [
        mapping(at(entry, "applyServerSideEncryptionByDefault"))
        for configuration in stack.companions(
            bucket,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "bucket",
        )
        for entry in configuration.items("rules")
    ]
    if not rules:
        yield "has no encryption configuration"
    for default in rules:
        algorithm = default.get("sseAlgorithm")
        if algorithm not in allowed:
            yield f"sseAlgorithm is {algorithm}"
        elif algorithm != "AES256" and not default.get("kmsMasterKeyId"):
            yield "kmsMasterKeyId names no key"


@owner_rule(BUCKET, fix="add BucketOwnershipControls with BucketOwnerEnforced", controls=("AWS S3.12",))
def s3_no_acls(stack: Stack, bucket: Resource) -> Iterator[str]:
    """ACLs are a second, older way to give rights, which nobody looks at."""
    owners = stack.companions(bucket, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket")
    if not those(owners, lambda o: bool(o.get("rule.objectOwnership") == "BucketOwnerEnforced")):
        yield "objectOwnership is not BucketOwnerEnforced"


@owner_rule(
    BUCKET, fix="deny s3:* to everybody where aws:SecureTransport is false", controls=("AWS S3.5", "CIS-AWS 3.1.1")
)
def s3_https_only(stack: Stack, bucket: Resource) -> Iterator[str]:
    """S3 answers plain HTTP unless a policy forbids it."""
    policies = stack.companions(bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
    if not those(policies, lambda p: _denies_plain_http(text(p.get("policy")))):
        yield "no policy denies plain HTTP"


def _denies_plain_http(policy: str) -> bool:
    return any(
        s.get("Effect") == "Deny"
        and str(at(s, "Condition.Bool.aws:SecureTransport")).lower() == "false"
        and s.get("Principal") in ("*", {"AWS": "*"})
        and s.get("Action") in ("s3:*", ["s3:*"], "*")
        for s in items(json.loads(policy or "{}"), "Statement")
    )


@owner_rule(BUCKET, fix="add a BucketLogging that leads to the log bucket", controls=("AWS S3.9",))
def s3_access_logged(stack: Stack, bucket: Resource) -> Iterator[str]:
    """Who read which file cannot be found out afterwards.

    Log buckets, and replicas that only S3 writes, are left out: a log bucket must be in the same region,
    and one that logs itself never ends.
    """
    if _takes_logs(stack, bucket) or _is_replica(stack, bucket):
        return
    if not stack.companions(bucket, "aws:s3/bucketLogging:BucketLogging", "bucket"):
        yield "has no BucketLogging"


@owner_rule(
    BUCKET,
    fix="add a BucketLifecycleConfiguration that ends old versions and uploads that were never finished",
    controls=("AWS S3.10", "AWS S3.13"),
)
def s3_lifecycle(stack: Stack, bucket: Resource) -> Iterator[str]:
    """Old versions and half uploads cost indefinitely, and keep what people believe deleted."""
    rules = [
        entry
        for found in stack.companions(
            bucket, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "bucket"
        )
        for entry in found.items("rules")
        if entry.get("status") == "Enabled"
    ]
    for key in ("noncurrentVersionExpiration", "abortIncompleteMultipartUpload"):
        if not any(entry.get(key) for entry in rules):
            yield f"no enabled lifecycle rule with {key}"


@rule(BUCKET, "aws:s3/bucketAcl:BucketAcl", fix="remove the ACL", controls=("AWS S3.2", "AWS S3.3"))
def s3_no_public_acl(bucket: Resource) -> Iterator[str]:
    """A canned ACL such as public-read publishes the bucket's list or its files."""
    if text(bucket.get("acl")).startswith(("public-", "authenticated-read")):
        yield f"acl is {bucket.get('acl')}"


@rule(BUCKET, fix="remove force_destroy", protected_only=True)
def s3_kept(bucket: Resource) -> Iterator[str]:
    """With force_destroy a destroy deletes every file and version first."""
    if bucket.lacks("forceDestroy", False, None):
        yield "forceDestroy is true"


def _takes_logs(stack: Stack, bucket: Resource) -> bool:
    targets = [
        (r, r.get(key))
        for type_, key in (
            ("aws:s3/bucketLogging:BucketLogging", "targetBucket"),
            ("aws:lb/loadBalancer:LoadBalancer", "accessLogs.bucket"),
        )
        for r in stack.of(type_)
    ]
    # A target that is not known yet may be any bucket; the update evaluates again.
    return any(r.name != bucket.name and (value is UNKNOWN or refers(r, value, bucket)) for r, value in targets)


def _is_replica(stack: Stack, bucket: Resource) -> bool:
    targets = [
        (r, at(entry, "destination.bucket"))
        for r in stack.of("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
        for entry in r.items("rules")
    ]
    # A replication depends on both of its buckets: before their ids are known, its name tells the copy.
    return any(r.name == bucket.name if value is UNKNOWN else refers(r, value, bucket) for r, value in targets)
