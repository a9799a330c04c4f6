"""Buckets in S3."""

import json
from collections.abc import Iterator

from policies.model import UNKNOWN, Resource, Stack, at, items, mapping, refers, rule, stack_rule, text

BUCKET = "aws:s3/bucket:Bucket"
_BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
Found = Iterator[tuple[Resource | None, str]]


@stack_rule(fix="add a BucketPublicAccessBlock with all four settings True", controls=("AWS S3.8", "CIS-AWS 3.1.4"))
def s3_public_access_blocked(stack: Stack) -> Found:
    """Without the block a single policy or object ACL can publish what people uploaded."""
    for bucket in stack.of(BUCKET):
        blocks = stack.companions(bucket, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket")
        if not blocks:
            yield bucket, "has no BucketPublicAccessBlock"
        for block in blocks:
            open_ = [key for key in _BLOCKS if block.lacks(key, True)]
            if open_:
                yield bucket, f"{', '.join(open_)} not true"


@stack_rule(fix="add a BucketVersioning with status Enabled", controls=("AWS S3.14",))
def s3_versioned(stack: Stack) -> Found:
    """An overwritten or deleted file is gone at once without versions."""
    for bucket in stack.of(BUCKET):
        versions = stack.companions(bucket, "aws:s3/bucketVersioning:BucketVersioning", "bucket")
        if not any(not v.lacks("versioningConfiguration.status", "Enabled") for v in versions):
            yield bucket, "versioning is not Enabled"


@stack_rule(
    fix="add a BucketServerSideEncryptionConfiguration with aws:kms and the stack's key", controls=("AWS S3.17",)
)
def s3_encrypted(stack: Stack) -> Found:
    """With an own key, reading needs a second permission that can be taken away.

    Logs are written by AWS services that know only AES256.
    """
    for bucket in stack.of(BUCKET):
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
            yield bucket, "has no encryption configuration"
        for default in rules:
            algorithm = default.get("sseAlgorithm")
            if algorithm not in allowed:
                yield bucket, f"sseAlgorithm is {algorithm}"
            elif algorithm != "AES256" and not default.get("kmsMasterKeyId"):
                yield bucket, "kmsMasterKeyId names no key"


@stack_rule(fix="add BucketOwnershipControls with BucketOwnerEnforced", controls=("AWS S3.12",))
def s3_no_acls(stack: Stack) -> Found:
    """ACLs are a second, older way to give rights, which nobody looks at."""
    for bucket in stack.of(BUCKET):
        owners = stack.companions(bucket, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket")
        if not any(not o.lacks("rule.objectOwnership", "BucketOwnerEnforced") for o in owners):
            yield bucket, "objectOwnership is not BucketOwnerEnforced"


@stack_rule(fix="deny s3:* to everybody where aws:SecureTransport is false", controls=("AWS S3.5", "CIS-AWS 3.1.1"))
def s3_https_only(stack: Stack) -> Found:
    """S3 answers plain HTTP unless a policy forbids it."""
    for bucket in stack.of(BUCKET):
        policies = stack.companions(bucket, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
        if not any(p.get("policy") is UNKNOWN or _denies_plain_http(text(p.get("policy"))) for p in policies):
            yield bucket, "no policy denies plain HTTP"


def _denies_plain_http(policy: str) -> bool:
    return any(
        s.get("Effect") == "Deny"
        and str(at(s, "Condition.Bool.aws:SecureTransport")).lower() == "false"
        and s.get("Principal") in ("*", {"AWS": "*"})
        and s.get("Action") in ("s3:*", ["s3:*"], "*")
        for s in items(json.loads(policy or "{}"), "Statement")
    )


@stack_rule(fix="add a BucketLogging that leads to the log bucket", controls=("AWS S3.9",))
def s3_access_logged(stack: Stack) -> Found:
    """Who read which file cannot be found out afterwards.

    Log buckets, and replicas that only S3 writes, are left out: a log bucket must be in the same region,
    and one that logs itself never ends.
    """
    for bucket in stack.of(BUCKET):
        if _takes_logs(stack, bucket) or _is_replica(stack, bucket):
            continue
        if not stack.companions(bucket, "aws:s3/bucketLogging:BucketLogging", "bucket"):
            yield bucket, "has no BucketLogging"


@stack_rule(
    fix="add a BucketLifecycleConfiguration that ends old versions and uploads that were never finished",
    controls=("AWS S3.10", "AWS S3.13"),
)
def s3_lifecycle(stack: Stack) -> Found:
    """Old versions and half uploads cost for ever, and keep what people believe deleted."""
    for bucket in stack.of(BUCKET):
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
                yield bucket, f"no enabled lifecycle rule with {key}"


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
    # A target that is not known yet may be any bucket; the update judges again.
    return any(r.name != bucket.name and (value is UNKNOWN or refers(r, value, bucket)) for r, value in targets)


def _is_replica(stack: Stack, bucket: Resource) -> bool:
    targets = [
        (r, at(entry, "destination.bucket"))
        for r in stack.of("aws:s3/bucketReplicationConfig:BucketReplicationConfig")
        for entry in r.items("rules")
    ]
    # A replication depends on both of its buckets: before their ids are known, its name tells the copy.
    return any(r.name == bucket.name if value is UNKNOWN else refers(r, value, bucket) for r, value in targets)
