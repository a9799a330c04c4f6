"""Replication of a bucket to another region: every new version and every delete marker, no deletion of a version."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy, service_trust
from components.common.partition import service_host
from components.common.private_bucket import PrivateBucket

REPLICATION_RULE: Final = "everything"
"""Id of the one rule, a dimension of S3's replication metrics."""


def replicate_bucket(
    resource_name: str,
    *,
    parent: pulumi.Resource,
    source: PrivateBucket,
    source_region: str,
    source_key_arn: pulumi.Input[str],
    copy: PrivateBucket,
    copy_region: str,
    copy_key_arn: pulumi.Input[str],
) -> None:
    """Copy to `copy` whatever is stored in `source` from now on.

    Deleting a version is not copied: whoever empties the source does not empty the copy. Both buckets keep versions and
    are encrypted with a customer-managed key of their region.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(resource_name, assume_role_policy=service_trust("s3.amazonaws.com"), opts=child)
    rights = aws.iam.RolePolicy(
        resource_name,
        role=role.name,
        policy=policy(
            Statement(
                sid="ReadConfiguration",
                actions=["s3:GetReplicationConfiguration", "s3:ListBucket"],
                resources=[source.bucket.arn],
            ),
            Statement(
                sid="ReadVersions",
                actions=[
                    "s3:GetObjectVersionForReplication",
                    "s3:GetObjectVersionAcl",
                    "s3:GetObjectVersionTagging",
                ],
                resources=[pulumi.Output.format("{0}/*", source.bucket.arn)],
            ),
            Statement(
                sid="WriteCopies",
                actions=["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
                resources=[pulumi.Output.format("{0}/*", copy.bucket.arn)],
            ),
            Statement(
                sid="DecryptHere",
                actions=["kms:Decrypt"],
                resources=[source_key_arn],
                conditions={"StringEquals": {"kms:ViaService": service_host("s3", source_region)}},
            ),
            Statement(
                sid="EncryptThere",
                actions=["kms:Encrypt", "kms:GenerateDataKey"],
                resources=[copy_key_arn],
                conditions={"StringEquals": {"kms:ViaService": service_host("s3", copy_region)}},
            ),
        ),
        opts=child,
    )
    aws.s3.BucketReplicationConfig(
        resource_name,
        bucket=source.bucket.id,
        role=role.arn,
        rules=[
            {
                "id": REPLICATION_RULE,
                "status": "Enabled",
                "priority": 0,
                "filter": {"prefix": ""},
                "delete_marker_replication": {"status": "Enabled"},
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": copy.bucket.arn,
                    # Without it S3 tells nobody of what it could not copy (S3 user guide, "Using S3 Replication
                    # metrics"; they are published without Replication Time Control, too).
                    "metrics": {"status": "Enabled"},
                    "encryption_configuration": {"replica_kms_key_id": copy_key_arn},
                },
            }
        ],
        # S3 refuses to replicate before both buckets keep versions, and drops what the role may not copy.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[source.versioning, copy.versioning, rights]),
    )
