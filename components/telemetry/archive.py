"""Copies of the containers' logs in S3, for longer and for less than CloudWatch Logs keeps them."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.access_logs import S3_PREFIX
from components.common.context import StackContext
from components.common.iam import Statement, policy, service_trust
from components.common.names import physical_name
from components.common.partition import build_arn, service_host
from components.common.private_bucket import expire_after, private_bucket
from components.telemetry.settings import ArchiveSettings

_BUFFER_MIB = 64
_BUFFER_SECONDS = 900
"""Firehose writes an object when the one or the other is reached; these are its longest, for the fewest objects."""


@dataclass(frozen=True, kw_only=True)
class ArchiveArgs:
    """What a stack decides about the copies of its logs, and what is copied."""

    settings: ArchiveSettings
    stack: StackContext
    log_group: aws.cloudwatch.LogGroup


def archive_logs(resource_name: str, args: ArchiveArgs, parent: pulumi.Resource) -> None:
    """Subscribe a stream of Firehose to the log group; it writes what arrives there into a bucket.

    Only what Fluentd has taken secrets out of gets here. CloudWatch Logs sends compressed, and objects stay as they
    are sent: `zcat` reads them (CloudWatch Logs user guide, "Subscription filters with Amazon Data Firehose").
    """
    child = pulumi.ResourceOptions(parent=parent)
    stack = args.stack
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id
    made = private_bucket(
        resource_name,
        parent=parent,
        protected=stack.protected,
        kms_key_arn=stack.kms_key_arn,
        lifecycle_rules=[expire_after(args.settings.retention_days)],
    )
    bucket = made.bucket
    aws.s3.BucketLogging(
        resource_name,
        bucket=bucket.id,
        target_bucket=stack.log_bucket_name,
        target_prefix=f"{S3_PREFIX}/{resource_name}/",
        opts=child,
    )
    writer, may_write = _role(
        f"{resource_name}-write",
        service_trust("firehose.amazonaws.com", conditions={"StringEquals": {"sts:ExternalId": account}}),
        [
            Statement(
                sid="WriteObjects",
                actions=["s3:AbortMultipartUpload", "s3:PutObject"],
                resources=[pulumi.Output.format("{0}/*", bucket.arn)],
            ),
            Statement(
                sid="FindBucket",
                actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                resources=[bucket.arn],
            ),
            Statement(
                sid="Encrypt",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],  # it reads back the parts of a large object
                resources=[stack.kms_key_arn],
                conditions={"StringEquals": {"kms:ViaService": service_host("s3", stack.region)}},
            ),
        ],
        child,
    )
    stream = aws.kinesis.FirehoseDeliveryStream(
        resource_name,
        name=physical_name("firehose", "logs"),
        destination="extended_s3",
        server_side_encryption={"enabled": True, "key_type": "AWS_OWNED_CMK"},  # for the minutes until it is in S3
        extended_s3_configuration={
            "role_arn": writer.arn,
            "bucket_arn": bucket.arn,
            "prefix": "containers/!{timestamp:yyyy/MM/dd/HH}/",
            "error_output_prefix": "failed/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
            "buffering_size": _BUFFER_MIB,
            "buffering_interval": _BUFFER_SECONDS,
            "compression_format": "UNCOMPRESSED",  # it comes compressed
            "file_extension": ".gz",
        },
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[may_write, made.policy])),
    )
    sender, may_send = _role(
        f"{resource_name}-send",
        service_trust(
            "logs.amazonaws.com",
            conditions={"StringLike": {"aws:SourceArn": build_arn("logs", stack.region, account, "*")}},
        ),
        [Statement(sid="SendLogs", actions=["firehose:PutRecord", "firehose:PutRecordBatch"], resources=[stream.arn])],
        child,
    )
    aws.cloudwatch.LogSubscriptionFilter(
        resource_name,
        name=physical_name("log-group", "archive"),
        log_group=args.log_group.name,
        filter_pattern="",  # everything
        destination_arn=stream.arn,
        role_arn=sender.arn,
        # CloudWatch Logs tries the way out when the filter is made, and refuses one that does not work.
        opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[may_send])),
    )


def _role(
    name: str, trust: pulumi.Output[str], statements: list[Statement], opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    role = aws.iam.Role(name, assume_role_policy=trust, opts=opts)
    return role, aws.iam.RolePolicy(name, role=role.id, policy=policy(*statements), opts=opts)
