"""A private S3 bucket: what every bucket of the environment has in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy


@dataclass(frozen=True, kw_only=True)
class PrivateBucket:
    """A bucket, and those of its parts for which others must wait."""

    bucket: aws.s3.Bucket
    policy: aws.s3.BucketPolicy
    versioning: aws.s3.BucketVersioning


def expire_after(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgsDict:
    """Delete objects after `days`, what is left of them a week later: for logs, which nobody changes."""
    return {
        "id": "expire-logs",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 7},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }


def private_bucket(
    resource_name: str,
    *,
    parent: pulumi.Resource,
    protected: bool,
    lifecycle_rules: Sequence[aws.s3.BucketLifecycleConfigurationRuleArgsDict],
    kms_key_arn: pulumi.Input[str] | None = None,
    statements: Callable[[aws.s3.Bucket], Sequence[Statement]] | None = None,
    region: str | None = None,
) -> PrivateBucket:
    """Make a bucket that keeps versions, is encrypted, closed to the public and reachable over TLS only.

    Encrypted with `kms_key_arn`, or with S3's own key (AES256) without one. `statements` gives
    what the bucket's policy allows besides. Without `region` the bucket is made in that of the stack.

    Deleting a bucket that is not `protected` deletes every version in it first: S3 refuses to delete a bucket that
    holds any (S3 API reference, DeleteBucket).
    """
    child = pulumi.ResourceOptions(parent=parent)
    bucket = aws.s3.Bucket(
        resource_name,
        force_destroy=not protected,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent, protect=protected, retain_on_delete=protected),
    )
    aws.s3.BucketOwnershipControls(
        resource_name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, region=region, opts=child
    )
    access_block = aws.s3.BucketPublicAccessBlock(
        resource_name,
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        region=region,
        opts=child,
    )
    versioning = aws.s3.BucketVersioning(
        resource_name,
        bucket=bucket.id,
        versioning_configuration={"status": "Enabled"},
        region=region,
        opts=child,
    )
    default: aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgsDict = (
        {"sse_algorithm": "AES256"}
        if kms_key_arn is None
        else {"sse_algorithm": "aws:kms", "kms_master_key_id": kms_key_arn}
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        resource_name,
        bucket=bucket.id,
        rules=[
            {
                "apply_server_side_encryption_by_default": default,
                "bucket_key_enabled": kms_key_arn is not None,  # one call to KMS for many objects
            }
        ],
        region=region,
        opts=child,
    )
    aws.s3.BucketLifecycleConfiguration(
        resource_name,
        bucket=bucket.id,
        rules=lifecycle_rules,
        region=region,
        # S3 refuses rules for old versions before versioning is on.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[versioning])),
    )
    everything = [bucket.arn, pulumi.Output.format("{0}/*", bucket.arn)]
    bucket_policy = aws.s3.BucketPolicy(
        resource_name,
        bucket=bucket.id,
        policy=policy(
            Statement(
                sid="DenyPlainHttp",
                effect="Deny",
                principals="*",
                actions=["s3:*"],
                resources=everything,
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
            *(statements(bucket) if statements else ()),
        ),
        region=region,
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[access_block])),
    )
    return PrivateBucket(bucket=bucket, policy=bucket_policy, versioning=versioning)
