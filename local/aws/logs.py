"""CloudWatch log groups."""

from collections.abc import Mapping

from local.aws.making import Maker, Making, made
from local.aws.translate import given
from local.recorder import Created


def _log_group(making: Making) -> Created:
    logs, inputs = making.client("logs", making.region), making.inputs
    name: str = making.physical_name(limit=512)
    logs.create_log_group(logGroupName=name, tags=making.tags(), **given(kmsKeyId=inputs.get("kmsKeyId")))
    if days := inputs.get("retentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = next(group.get("arn", "") for group in groups if group.get("logGroupName") == name)
    return made(name, arn=arn.removesuffix(":*"), name=name)


MAKERS: Mapping[str, Maker] = {"aws:cloudwatch/logGroup:LogGroup": _log_group}
