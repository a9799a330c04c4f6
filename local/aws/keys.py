"""KMS keys and Secrets Manager secrets."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given


def _key(request: ResourceRequest) -> Created:
    kms, inputs = request.client("kms", request.region), request.inputs
    tags: Any = [{"TagKey": key, "TagValue": value} for key, value in request.tags().items()]
    metadata = kms.create_key(**inputs.pascal("description", "policy", "multiRegion"), Tags=tags)["KeyMetadata"]
    if inputs.get("enableKeyRotation", False):
        kms.enable_key_rotation(KeyId=metadata["KeyId"])
    return made(metadata["KeyId"], arn=metadata.get("Arn"), keyId=metadata["KeyId"])


def _replica_key(request: ResourceRequest) -> Created:
    inputs = request.inputs
    original = str(inputs["primaryKeyArn"])
    tags: Any = [{"TagKey": key, "TagValue": value} for key, value in request.tags().items()]
    metadata = request.client("kms", original.split(":")[3]).replicate_key(
        KeyId=original.rsplit("/", 1)[-1], ReplicaRegion=request.region, **inputs.pascal("description"), Tags=tags
    )["ReplicaKeyMetadata"]
    return made(metadata["KeyId"], arn=metadata.get("Arn"), keyId=metadata["KeyId"])


def _alias(request: ResourceRequest) -> Created:
    kms, name = request.client("kms", request.region), request.inputs["name"]
    kms.create_alias(AliasName=name, **request.inputs.pascal("targetKeyId"))
    aliases = kms.list_aliases(KeyId=request.inputs["targetKeyId"])["Aliases"]
    return made(name, arn=aliases[0].get("AliasArn"), name=name)


def _secret(request: ResourceRequest) -> Created:
    manager, inputs = request.client("secretsmanager", request.region), request.inputs
    replicas: Any = [
        given(Region=replica["region"], KmsKeyId=replica.get("kmsKeyId")) for replica in inputs.get("replicas", [])
    ]
    answer = manager.create_secret(
        Name=request.physical_name(),
        **inputs.pascal("description", "kmsKeyId"),
        **given(AddReplicaRegions=replicas or None),
        Tags=request.tag_list(),
    )
    return made(answer["ARN"], arn=answer["ARN"], name=answer["Name"])


def _secret_version(request: ResourceRequest) -> Created:
    manager = request.client("secretsmanager", request.region)
    answer = manager.put_secret_value(**request.inputs.pascal("secretId", "secretString"))
    arn, version = answer["ARN"], answer["VersionId"]
    return made(f"{arn}|{version}", arn=arn, secretArn=arn, versionId=version)


HANDLERS: Mapping[str, Handler] = {
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _alias,
    "aws:kms/replicaKey:ReplicaKey": _replica_key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _secret_version,
}
