"""ECR repositories."""

from collections.abc import Mapping

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made


def _repository(request: ResourceRequest) -> Created:
    (encryption,) = request.inputs.pascal("encryptionConfigurations")["EncryptionConfigurations"]
    inputs = request.inputs.pascal("imageTagMutability")
    answer = request.client("ecr", request.region).create_repository(
        repositoryName=request.physical_name(),
        imageTagMutability=inputs["ImageTagMutability"],
        encryptionConfiguration={"encryptionType": encryption["EncryptionType"], "kmsKey": encryption["KmsKey"]},
        tags=request.tag_list(),
    )
    repository = answer["repository"]
    return made(
        repository.get("repositoryName", ""),
        arn=repository.get("repositoryArn"),
        name=repository.get("repositoryName"),
        repositoryUrl=repository.get("repositoryUri"),
    )


def _lifecycle(request: ResourceRequest) -> Created:
    repository = request.inputs["repository"]
    request.client("ecr", request.region).put_lifecycle_policy(
        repositoryName=repository, lifecyclePolicyText=request.inputs["policy"]
    )
    return made(repository)


def _replication(request: ResourceRequest) -> Created:
    configuration = request.inputs["replicationConfiguration"]
    request.client("ecr", request.region).put_replication_configuration(
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


def _scanning(request: ResourceRequest) -> Created:
    request.client("ecr", request.region).put_registry_scanning_configuration(
        scanType=request.inputs["scanType"],
        rules=[
            {
                "scanFrequency": rule["scanFrequency"],
                "repositoryFilters": [
                    {"filter": one["filter"], "filterType": one["filterType"]} for one in rule["repositoryFilters"]
                ],
            }
            for rule in request.inputs["rules"]
        ],
    )
    return made("registry-scanning")


HANDLERS: Mapping[str, Handler] = {
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _lifecycle,
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": _scanning,
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _replication,
}
