"""Amazon ECR."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    Call,
    Container,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

ECR: Final = Service(
    name="ecr",
    reference="AmazonECR/latest/APIReference",
    tags=TagRule(
        source="ecr CreateRepository tags",
        says="Tag keys can have a maximum character length of 128 characters, and tag values can have a maximum length "
        "of 256 characters",
    ),
)

ENTRIES = (
    AwsEntry(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        unnamed="its repository",
        replacement=Replacement(properties="policy repository", source="ecr/lifecycle_policy.go"),
        price="free",
        actions=Actions(
            read="ecr:GetLifecyclePolicy",
            create="ecr:PutLifecyclePolicy",
            update="ecr:PutLifecyclePolicy",
            delete="ecr:DeleteLifecyclePolicy",
        ),
        moto=Moto(
            delete=Call(service="ecr", operation="delete_lifecycle_policy", arguments={"repositoryName": "repository"}),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        unnamed="the account",
        replacement=Replacement(
            properties="",
            source="ecr/registry_scanning_configuration.go",
            cloudformation="AWS::ECR::RegistryScanningConfiguration",
        ),
        price="free",
        actions=Actions(
            read="ecr:GetRegistryScanningConfiguration",
            create="ecr:PutRegistryScanningConfiguration",
            update="ecr:PutRegistryScanningConfiguration",
            delete="ecr:PutRegistryScanningConfiguration",
        ),
    ),
    AwsEntry(
        type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        unnamed="the account",
        replacement=Replacement(
            properties="",
            source="ecr/replication_configuration.go",
            cloudformation="AWS::ECR::ReplicationConfiguration",
        ),
        price="left out",
        left_out="images copied to another region",
        actions=Actions(
            read="ecr:DescribeRegistry",
            create="ecr:PutReplicationConfiguration iam:CreateServiceLinkedRole",
            update="ecr:PutReplicationConfiguration",
            delete="ecr:PutReplicationConfiguration",
        ),
    ),
    AwsEntry(
        type="aws:ecr/repository:Repository",
        names=(
            NameRule(
                longest=256,
                shortest=2,
                pattern=r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*",
                source="ecr CreateRepository repositoryName",
            ),
        ),
        tags=ECR,
        replacement=Replacement(
            properties="encryptionConfigurations name",
            source="ecr/repository.go",
            cloudformation="AWS::ECR::Repository",
            in_place={
                "RepositoryName": "name here",
                "EncryptionConfiguration": "encryptionConfigurations here",
            },
        ),
        price="left out",
        left_out="images kept",
        actions=Actions(
            read="ecr:DescribeRepositories ecr:ListTagsForResource",
            create="ecr:CreateRepository ecr:TagResource",
            update=("ecr:PutImageTagMutability ecr:PutImageScanningConfiguration ecr:TagResource ecr:UntagResource"),
            delete="ecr:DeleteRepository",
        ),
        moto=Moto(delete=Call(service="ecr", operation="delete_repository", arguments={"repositoryName": "id"})),
        unique=Unique(code="RepositoryAlreadyExistsException", source=ECR.api("CreateRepository")),
        container=Container(
            code="RepositoryNotEmptyException",
            says="The repository cannot be deleted because it still contains images",
            source=ECR.api("DeleteRepository"),
        ),
    ),
)
