"""Whether everything that can be tagged is."""

import inspect
from collections.abc import Callable
from functools import reduce
from typing import Any

import pulumi_aws

from analysis.recorder import Record
from tests.aws.environment import REGION, LocalEnvironment

Tags = dict[str, str]


def _flat(tags: list[dict[str, str]], key: str = "Key", value: str = "Value") -> Tags:
    return {tag[key]: tag[value] for tag in tags}


def _ec2(local_env: LocalEnvironment, record: Record) -> Tags:
    found = local_env.aws("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [record.id]}])["Tags"]
    return _flat(found)


def _elb(local_env: LocalEnvironment, record: Record) -> Tags:
    (found,) = local_env.aws("elbv2").describe_tags(ResourceArns=[record.id])["TagDescriptions"]
    return _flat(found["Tags"])


def _rds(local_env: LocalEnvironment, record: Record) -> Tags:
    return _flat(local_env.aws("rds").list_tags_for_resource(ResourceName=record.outputs["arn"])["TagList"])


def _cache(local_env: LocalEnvironment, record: Record) -> Tags:
    return _flat(local_env.aws("elasticache").list_tags_for_resource(ResourceName=record.outputs["arn"])["TagList"])


def _bucket(local_env: LocalEnvironment, record: Record) -> Tags:
    return _flat(local_env.aws("s3", record.outputs["region"]).get_bucket_tagging(Bucket=record.id)["TagSet"])


def _key(local_env: LocalEnvironment, record: Record) -> Tags:
    found = local_env.aws("kms", record.outputs["region"]).list_resource_tags(KeyId=record.id)["Tags"]
    return _flat(found, "TagKey", "TagValue")


def _backup(local_env: LocalEnvironment, record: Record) -> Tags:
    return local_env.aws("backup", record.outputs["region"]).list_tags(ResourceArn=record.outputs["arn"])["Tags"]


def _cloudwatch(local_env: LocalEnvironment, record: Record) -> Tags:
    arn = record.outputs["arn"]
    if record.type.endswith(":LogGroup"):
        return local_env.aws("logs").list_tags_for_resource(resourceArn=arn)["tags"]
    service = "events" if record.type.endswith(":EventRule") else "cloudwatch"
    region = record.inputs.get("region", REGION)
    return _flat(local_env.aws(service, region).list_tags_for_resource(ResourceARN=arn)["Tags"])


_READERS: dict[str, Callable[[LocalEnvironment, Record], Tags]] = {
    "backup": _backup,
    "acm": lambda e, r: _flat(e.aws("acm").list_tags_for_certificate(CertificateArn=r.id)["Tags"]),
    "cloudfront": lambda e, r: _flat(
        e.aws("cloudfront").list_tags_for_resource(Resource=r.outputs["arn"])["Tags"]["Items"]
    ),
    "cloudwatch": _cloudwatch,
    "ec2": _ec2,
    "eks": lambda e, r: e.aws("eks").list_tags_for_resource(resourceArn=r.outputs["arn"])["tags"],
    "elasticache": _cache,
    "iam": lambda e, r: _flat(e.aws("iam").list_role_tags(RoleName=r.id)["Tags"]),
    "kms": _key,
    "lb": _elb,
    "rds": _rds,
    "s3": _bucket,
    "secretsmanager": lambda e, r: _flat(e.aws("secretsmanager").describe_secret(SecretId=r.id)["Tags"]),
    "sns": lambda e, r: _flat(e.aws("sns").list_tags_for_resource(ResourceArn=r.id)["Tags"]),
    "vpc": _ec2,
    "wafv2": lambda e, r: _flat(
        e.aws("wafv2").list_tags_for_resource(ResourceARN=r.outputs["arn"])["TagInfoForResource"]["TagList"]
    ),
}
"""How each service says its tags, by the module of the type."""


_UNSUPPORTED_PROPERTIES = {"aws:budgets/budget:Budget"}
"""What moto keeps no tags of."""


def _is_taggable(type_: str) -> bool:
    _, module, name = type_.split(":")
    resource: Any = reduce(getattr, (module.split("/")[0], name), pulumi_aws)
    return "tags" in inspect.signature(resource._internal_init).parameters


def test_everything_carries_the_tags_of_the_stack(local_env: LocalEnvironment) -> None:
    made = [
        record
        for record in local_env.recording.records
        if record.backing == "moto" and _is_taggable(record.type) and record.type not in _UNSUPPORTED_PROPERTIES
    ]
    assert len(made) > 40
    for record in made:
        tags = _READERS[record.type.split(":")[1].split("/")[0]](local_env, record)
        assert tags == {**local_env.promise.tags, **record.inputs.get("tags", {})}, record.urn
