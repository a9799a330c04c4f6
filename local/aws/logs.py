"""CloudWatch log groups, and where copies of them go."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given


def _log_group(request: ResourceRequest) -> Created:
    logs, inputs = request.client("logs", request.region), request.inputs
    name: str = request.physical_name()
    logs.create_log_group(logGroupName=name, tags=request.tags(), **given(kmsKeyId=inputs.get("kmsKeyId")))
    if days := inputs.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next(group.get("arn", "") for group in groups if group.get("logGroupName") == name)
    return made(name, arn=arn.removesuffix(":*"), name=name)


def _stream(request: ResourceRequest) -> Created:
    firehose, inputs = request.client("firehose", request.region), request.inputs
    name: str = request.physical_name()
    encryption = inputs.pascal("serverSideEncryption")["ServerSideEncryption"]
    wanted = inputs["extendedS3Configuration"]
    answer = firehose.create_delivery_stream(
        DeliveryStreamName=name,
        DeliveryStreamType="DirectPut",
        DeliveryStreamEncryptionConfigurationInput={"KeyType": encryption["KeyType"]},
        **{f"{_DESTINATIONS[inputs['destination']]}Configuration": _s3_target(wanted)},
        Tags=request.tag_list(),
    )
    return made(answer["DeliveryStreamARN"], arn=answer["DeliveryStreamARN"], name=name)


_DESTINATIONS = {"extended_s3": "ExtendedS3Destination"}


def _s3_target(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "RoleARN": wanted["roleArn"],
        "BucketARN": wanted["bucketArn"],
        "Prefix": wanted["prefix"],
        "ErrorOutputPrefix": wanted["errorOutputPrefix"],
        "BufferingHints": {"SizeInMBs": wanted["bufferingSize"], "IntervalInSeconds": wanted["bufferingInterval"]},
        "CompressionFormat": wanted["compressionFormat"],
        "FileExtension": wanted["fileExtension"],
    }


def _subscription(request: ResourceRequest) -> Created:
    inputs = request.inputs
    name, group = request.physical_name(), inputs["logGroup"]
    request.client("logs", request.region).put_subscription_filter(
        logGroupName=group,
        filterName=name,
        filterPattern=inputs["filterPattern"],
        destinationArn=inputs["destinationArn"],
        roleArn=inputs["roleArn"],
    )
    return made(f"{group}|{name}", name=name)


def _resource_policy(request: ResourceRequest) -> Created:
    name: str = request.inputs["policyName"]
    request.client("logs", request.region).put_resource_policy(
        policyName=name, policyDocument=request.inputs["policyDocument"]
    )
    return made(name)


HANDLERS: Mapping[str, Handler] = {
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": _resource_policy,
    "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter": _subscription,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _stream,
}
