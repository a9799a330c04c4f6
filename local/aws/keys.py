"""KMS keys and Secrets Manager secrets."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.making import Maker, Making, made
from local.aws.translate import given


def _key(making: Making) -> Created:
    kms, inputs = making.client("kms", making.region), making.inputs
    tags: Any = [{"TagKey": key, "TagValue": value} for key, value in making.tags().items()]
    metadata = kms.create_key(**inputs.pascal("description", "policy", "multiRegion"), Tags=tags)["KeyMetadata"]
    if inputs.get("enableKeyRotation", False):
        kms.enable_key_rotation(KeyId=metadata["KeyId"])
    return made(metadata["KeyId"], arn=metadata.get("Arn"), keyId=metadata["KeyId"])


def _replica_key(making: Making) -> Created:
    inputs = making.inputs
    original = str(inputs["primaryKeyArn"])
    tags: Any = [{"TagKey": key, "TagValue": value} for key, value in making.tags().items()]
    metadata = making.client("kms", original.split(":")[3]).replicate_key(
        KeyId=original.rsplit("/", 1)[-1], ReplicaRegion=making.region, **inputs.pascal("description"), Tags=tags
    )["ReplicaKeyMetadata"]
    return made(metadata["KeyId"], arn=metadata.get("Arn"), keyId=metadata["KeyId"])


def _alias(making: Making) -> Created:
    kms, name = making.client("kms", making.region), making.inputs["name"]
    kms.create_alias(AliasName=name, **making.inputs.pascal("targetKeyId"))
    aliases = kms.list_aliases(KeyId=making.inputs["targetKeyId"])["Aliases"]
    return made(name, arn=aliases[0].get("AliasArn"), name=name)


def _secret(making: Making) -> Created:
    manager, inputs = making.client("secretsmanager", making.region), making.inputs
    replicas: Any = [
        given(Region=replica["region"], KmsKeyId=replica.get("kmsKeyId")) for replica in inputs.get("replicas", [])
    ]
    answer = manager.create_secret(
        Name=making.physical_name(),
        **inputs.pascal("description", "kmsKeyId"),
        **given(AddReplicaRegions=replicas or None),
        Tags=making.tag_list(),
    )
    return made(answer["ARN"], arn=answer["ARN"], name=answer["Name"])


def _secret_version(making: Making) -> Created:
    manager = making.client("secretsmanager", making.region)
    answer = manager.put_secret_value(**making.inputs.pascal("secretId", "secretString"))
    arn, version = answer["ARN"], answer["VersionId"]
    return made(f"{arn}|{version}", arn=arn, secretArn=arn, versionId=version)


MAKERS: Mapping[str, Maker] = {
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _alias,
    "aws:kms/replicaKey:ReplicaKey": _replica_key,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:secretsmanager/secretVersion:SecretVersion": _secret_version,
}
