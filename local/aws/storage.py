"""S3 buckets and what is set on them."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from typing import Any

from analysis.recorder import Created
from components.common.partition import partition
from local.aws.resource_request import Handler, ResourceRequest, made

_DEFAULT_REGION = "us-east-1"
"""S3 refuses this one as a location constraint."""


def _bucket(request: ResourceRequest) -> Created:
    s3 = request.client("s3", request.region)
    name = request.inputs.get("bucket") or request.auto_name(request.stack, limit=request.longest_name).lower()
    if request.region == _DEFAULT_REGION:
        s3.create_bucket(Bucket=name)
    else:
        configuration = {"LocationConstraint": request.region}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=configuration)  # pyright: ignore[reportArgumentType]  # any region
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": request.tag_list()})
    return made(name, arn=f"arn:{partition(request.region)}:s3:::{name}", bucket=name)


def _ownership(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    request.client("s3", request.region).put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [request.inputs.pascal("rule")["Rule"]]}
    )
    return made(bucket)


def _public_access(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    request.client("s3", request.region).put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration=request.inputs.pascal(
            "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"
        ),
    )
    return made(bucket)


def _versioning(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    request.client("s3", request.region).put_bucket_versioning(
        Bucket=bucket, **request.inputs.pascal("versioningConfiguration")
    )
    return made(bucket)


def _encryption(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    words = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}
    request.client("s3", request.region).put_bucket_encryption(
        Bucket=bucket, ServerSideEncryptionConfiguration=request.inputs.pascal("rules", words=words)
    )
    return made(bucket)


def _lifecycle(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    request.client("s3", request.region).put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration=request.inputs.pascal("rules", words={"id": "ID"})
    )
    return made(bucket)


def _policy(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    request.client("s3", request.region).put_bucket_policy(Bucket=bucket, **request.inputs.pascal("policy"))
    return made(bucket)


def _logging(request: ResourceRequest) -> Created:
    bucket, target = request.inputs["bucket"], request.inputs["targetBucket"]
    status: Any = {"LoggingEnabled": request.inputs.pascal("targetBucket", "targetPrefix")}
    with _simple_policy(request, target, request.inputs["targetPrefix"]):
        request.client("s3", request.region).put_bucket_logging(Bucket=bucket, BucketLoggingStatus=status)
    return made(bucket)


def _replication(request: ResourceRequest) -> Created:
    bucket = request.inputs["bucket"]
    words = {"id": "ID", "replicaKmsKeyId": "ReplicaKmsKeyID"}
    configuration = request.inputs.pascal("role", "rules", words=words)
    request.client("s3", request.region).put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
    return made(bucket)


@contextmanager
def _simple_policy(request: ResourceRequest, bucket: str, prefix: str) -> Generator[None]:
    """Say the policy of a bucket that receives logs in moto's own words for a while.

    As AWS does, moto refuses a target that the log service may not write to. But it understands only a statement with
    one service and one resource, which must be exactly the folder of the logs, and stumbles over `"Principal": "*"`.
    """
    folder = f"arn:{partition(request.region)}:s3:::{bucket}/{prefix}"
    s3 = request.client("s3", request.region)
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    document = json.loads(policy)
    document["Statement"] = [simple for statement in document["Statement"] for simple in _split(statement, folder)]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    try:
        yield
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def _split(statement: dict[str, Any], folder: str) -> Iterator[dict[str, Any]]:
    principal: Any = statement["Principal"]
    services = [] if principal == "*" else _listed(principal.get("Service", []))
    if not services:
        yield {**statement, "Principal": {"AWS": "*"}}
    for service, resource in product(services, _listed(statement["Resource"])):
        covers = resource.endswith("*") and folder.startswith(resource[:-1])
        yield {**statement, "Principal": {"Service": service}, "Resource": f"{folder}*" if covers else resource}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


HANDLERS: Mapping[str, Handler] = {
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _ownership,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _public_access,
    "aws:s3/bucketVersioning:BucketVersioning": _versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _encryption,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _lifecycle,
    "aws:s3/bucketPolicy:BucketPolicy": _policy,
    "aws:s3/bucketLogging:BucketLogging": _logging,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
}
