"""ECR repositories."""

from collections.abc import Mapping

from local.aws.making import Maker, Making, made
from local.recorder import Created


def _repository(making: Making) -> Created:
    (encryption,) = making.inputs.pascal("encryptionConfigurations")["EncryptionConfigurations"]
    inputs = making.inputs.pascal("imageTagMutability", "imageScanningConfiguration")
    answer = making.client("ecr", making.region).create_repository(
        repositoryName=making.physical_name(limit=256),
        imageTagMutability=inputs["ImageTagMutability"],
        imageScanningConfiguration={"scanOnPush": inputs["ImageScanningConfiguration"]["ScanOnPush"]},
        encryptionConfiguration={"encryptionType": encryption["EncryptionType"], "kmsKey": encryption["KmsKey"]},
        tags=making.tag_list(),
    )
    repository = answer["repository"]
    return made(
        repository.get("repositoryName", ""),
        arn=repository.get("repositoryArn"),
        name=repository.get("repositoryName"),
        repositoryUrl=repository.get("repositoryUri"),
    )


def _lifecycle(making: Making) -> Created:
    repository = making.inputs["repository"]
    making.client("ecr", making.region).put_lifecycle_policy(
        repositoryName=repository, lifecyclePolicyText=making.inputs["policy"]
    )
    return made(repository)


def _replication(making: Making) -> Created:
    configuration = making.inputs["replicationConfiguration"]
    making.client("ecr", making.region).put_replication_configuration(
        replicationConfiguration={
            "rules": [
                {
                    "destinations": [
                        {"region": to["region"], "registryId": to["registryId"]} for to in rule["destinations"]
                    ],
                    "repositoryFilters": [
                        {"filter": one["filter"], "filterType": one["filterType"]} for one in rule["repositoryFilters"]
                    ],
                }
                for rule in configuration["rules"]
            ]
        }
    )
    return made("registry")


MAKERS: Mapping[str, Maker] = {
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _lifecycle,
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _replication,
}
