"""AWS Secrets Manager."""

from typing import Final

from components.common.catalogue.entry import (
    AT_DELETION,
    Actions,
    AwsEntry,
    Call,
    Given,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

SECRETSMANAGER: Final = Service(
    name="secretsmanager",
    reference="secretsmanager/latest/apireference",
    tags=TagRule(source="secretsmanager CreateSecret Tags.Key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:secretsmanager/secret:Secret",
        data="irreplaceable",
        names=(
            NameRule(
                longest=512,
                pattern="[A-Za-z0-9/_+=.@-]+",
                source="secretsmanager CreateSecret Name",
                says="can contain ASCII letters, numbers, and the following characters: /_+=.@-",
            ),
        ),
        tags=SECRETSMANAGER,
        given=Given(kind="secret", forbidden="[^A-Za-z0-9/_+=.@-]"),
        replacement=Replacement(
            properties="name namePrefix",
            source="secretsmanager/secret.go",
            cloudformation="AWS::SecretsManager::Secret",
        ),
        price="rule",
        actions=Actions(
            read="secretsmanager:DescribeSecret secretsmanager:GetResourcePolicy",
            create=(
                "secretsmanager:CreateSecret secretsmanager:ReplicateSecretToRegions "
                "secretsmanager:TagResource kms:Decrypt kms:GenerateDataKey"
            ),
            update=(
                "secretsmanager:UpdateSecret secretsmanager:ReplicateSecretToRegions "
                "secretsmanager:RemoveRegionsFromReplication secretsmanager:TagResource "
                "secretsmanager:UntagResource"
            ),
            delete="secretsmanager:DeleteSecret secretsmanager:RemoveRegionsFromReplication",
        ),
        moto=Moto(
            lost={"recoveryWindowInDays": AT_DELETION},
            delete="function",
            read=Call(service="secretsmanager", operation="describe_secret", arguments={"SecretId": "id"}),
        ),
        unique=Unique(
            code="ResourceExistsException", kept_while_pending=True, source=SECRETSMANAGER.api("CreateSecret")
        ),
        picture="security/secrets-manager.png",
    ),
    AwsEntry(
        type="aws:secretsmanager/secretVersion:SecretVersion",
        data="irreplaceable",
        unnamed="its secret",
        replacement=Replacement(
            properties="secretBinary secretId secretString", source="secretsmanager/secret_version.go"
        ),
        price="free",
        actions=Actions(
            contents="secretsmanager:GetSecretValue kms:Decrypt",
            create="secretsmanager:PutSecretValue kms:GenerateDataKey",
            update="secretsmanager:UpdateSecretVersionStage",
            delete="secretsmanager:UpdateSecretVersionStage",
        ),
    ),
)
