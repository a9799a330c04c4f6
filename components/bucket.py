"""ModelBucket: versioned, encrypted S3 storage for the files and models of Flowise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, final

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.access_logs import S3_PREFIX
from components.common.connections import BucketAccess
from components.common.context import RecoveryTarget, StackContext
from components.common.iam import Statement
from components.common.model import Settings
from components.common.monitoring import ReplicationMetrics
from components.common.partition import service_host
from components.common.private_bucket import PrivateBucket, private_bucket
from components.common.replication import REPLICATION_RULE, replicate_bucket


class BucketSettings(Settings):
    """The bucket of a stack."""

    noncurrent_days: Annotated[int, Field(ge=7, le=3650)] = 90
    """Days an overwritten or deleted file can still be recovered."""
    flowise_log_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days to keep the log files that Flowise writes under `logs/` of its storage."""


@dataclass(frozen=True, kw_only=True)
class ModelBucketArgs:
    """What a stack decides about its bucket."""

    settings: BucketSettings
    stack: StackContext


@final
class ModelBucket(pulumi.ComponentResource):
    """S3 bucket that keeps every version of a file until `noncurrent_days` have passed.

    Private, reachable over TLS only, encrypted with the stack's key, and its accesses are logged.
    """

    access: BucketAccess
    """How Flowise reaches it: its name and the rights that pods need."""
    arn: pulumi.Output[str]
    """ARN of the bucket."""
    replication: ReplicationMetrics | None
    """CloudWatch dimensions of the replication to the recovery region; None without one."""

    def __init__(self, resource_name: str, args: ModelBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:storage:ModelBucket", resource_name, None, opts)
        rules = _lifecycle(args.settings)
        files = private_bucket(
            resource_name,
            parent=self,
            protected=args.stack.protected,
            kms_key_arn=args.stack.kms_key_arn,
            lifecycle_rules=rules,
        )
        bucket = files.bucket
        self.replication = None
        if args.stack.recovery:
            copy = self._replicate(f"{resource_name}-recovery", files, args.stack, args.stack.recovery, rules)
            self.replication = ReplicationMetrics(source=bucket.id, destination=copy.id, rule=REPLICATION_RULE)
        aws.s3.BucketLogging(
            resource_name,
            bucket=bucket.id,
            target_bucket=args.stack.log_bucket_name,
            target_prefix=f"{S3_PREFIX}/{resource_name}/",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = bucket.arn
        statements = [
            Statement(sid="ListFiles", actions=["s3:ListBucket"], resources=[bucket.arn]),
            Statement(
                sid="ReadWriteFiles",
                actions=["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                resources=[pulumi.Output.format("{0}/*", bucket.arn)],
            ),
            Statement(
                sid="UseKeyThroughS3",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[args.stack.kms_key_arn],
                conditions={"StringEquals": {"kms:ViaService": service_host("s3", args.stack.region)}},
            ),
        ]
        self.access = BucketAccess(name=bucket.id, statements=statements)
        self.register_outputs({"name": bucket.id, "arn": self.arn})

    def _replicate(
        self,
        resource_name: str,
        files: PrivateBucket,
        stack: StackContext,
        recovery: RecoveryTarget,
        rules: Sequence[aws.s3.BucketLifecycleConfigurationRuleArgsDict],
    ) -> aws.s3.Bucket:
        """Copy the bucket to the recovery region; returns the copy."""
        copy = private_bucket(
            resource_name,
            parent=self,
            protected=stack.protected,
            kms_key_arn=recovery.kms_key_arn,
            lifecycle_rules=rules,  # what a lifecycle deletes here is not deleted there
            region=recovery.region,
        )
        replicate_bucket(
            resource_name,
            parent=self,
            source=files,
            source_region=stack.region,
            source_key_arn=stack.kms_key_arn,
            copy=copy,
            copy_region=recovery.region,
            copy_key_arn=recovery.kms_key_arn,
        )
        return copy.bucket


def _lifecycle(settings: BucketSettings) -> list[aws.s3.BucketLifecycleConfigurationRuleArgsDict]:
    return [
        {
            "id": "expire-old-versions",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "noncurrent_version_expiration": {"noncurrent_days": settings.noncurrent_days},
            "expiration": {"expired_object_delete_marker": True},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        },
        {
            "id": "expire-flowise-logs",
            "status": "Enabled",
            "filter": {"prefix": "logs/"},
            "expiration": {"days": settings.flowise_log_days},
        },
    ]
