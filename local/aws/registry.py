"""ECR repositories."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.making import Maker, Making, made


def _repository(making: Making) -> Created:
    (encryption,) = making.inputs.pascal("encryptionConfigurations")["EncryptionConfigurations"]
    inputs = making.inputs.pascal("imageTagMutability")
    answer = making.client("ecr", making.region).create_repository(
        repositoryName=making.physical_name(limit=256),
        imageTagMutability=inputs["ImageTagMutability"],
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


def _scanning(making: Making) -> Created:
    making.client("ecr", making.region).put_registry_scanning_configuration(
        scanType=making.inputs["scanType"],
        rules=[
            {
                "scanFrequency": rule["scanFrequency"],
                "repositoryFilters": [
                    {"filter": one["filter"], "filterType": one["filterType"]} for one in rule["repositoryFilters"]
                ],
            }
            for rule in making.inputs["rules"]
        ],
    )
    return made("registry-scanning")


MAKERS: Mapping[str, Maker] = {
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _lifecycle,
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": _scanning,
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _replication,
}
