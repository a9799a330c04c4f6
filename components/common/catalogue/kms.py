"""AWS KMS."""

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

KMS: Final = Service(name="kms", reference="kms/latest/APIReference", tags=TagRule(source="kms CreateKey Tags.TagKey"))

ENTRIES = (
    AwsEntry(
        type="aws:kms/alias:Alias",
        names=(
            NameRule(
                longest=256,
                pattern="alias/(?!aws/)[a-zA-Z0-9/_-]+",
                source="kms CreateAlias AliasName",
                says=(
                    "It can contain only alphanumeric characters, forward slashes (/), underscores (_), and dashes (-)."
                ),
            ),
        ),
        given=Given(kind="kms-alias", forbidden="[^A-Za-z0-9/_-]", spare=len("alias/")),
        replacement=Replacement(
            properties="name namePrefix",
            source="kms/alias.go",
            cloudformation="AWS::KMS::Alias",
            in_place={"AliasName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="kms:ListAliases", create="kms:CreateAlias", update="kms:UpdateAlias", delete="kms:DeleteAlias"
        ),
        moto=Moto(delete=Call(service="kms", operation="delete_alias", arguments={"AliasName": "id"})),
        unique=Unique(code="AlreadyExistsException", source=KMS.api("CreateAlias")),
    ),
    AwsEntry(
        type="aws:kms/key:Key",
        data="irreplaceable",
        unnamed="an id that AWS gives",
        tags=KMS,
        outlives=True,
        replacement=Replacement(
            properties="customKeyStoreId customerMasterKeySpec keyUsage multiRegion xksKeyId",
            source="kms/key.go",
            cloudformation="AWS::KMS::Key",
        ),
        price="rule",
        actions=Actions(
            read="kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
            create="kms:CreateKey kms:EnableKeyRotation kms:PutKeyPolicy kms:TagResource",
            update=(
                "kms:EnableKeyRotation kms:DisableKeyRotation kms:PutKeyPolicy kms:UpdateKeyDescription "
                "kms:EnableKey kms:DisableKey kms:TagResource kms:UntagResource"
            ),
            delete="kms:ScheduleKeyDeletion",
        ),
        moto=Moto(
            lost={"deletionWindowInDays": AT_DELETION},
            delete="function",
            read=Call(service="kms", operation="describe_key", arguments={"KeyId": "id"}),
        ),
        picture="security/key-management-service.png",
    ),
    AwsEntry(
        type="aws:kms/replicaKey:ReplicaKey",
        unnamed="an id that AWS gives",
        tags=KMS,
        replacement=Replacement(
            properties="primaryKeyArn", source="kms/replica_key.go", cloudformation="AWS::KMS::ReplicaKey"
        ),
        price="rule",
        actions=Actions(
            read="kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
            create="kms:ReplicateKey kms:CreateKey kms:TagResource",
            update=(
                "kms:PutKeyPolicy kms:UpdateKeyDescription kms:EnableKey kms:DisableKey kms:TagResource "
                "kms:UntagResource"
            ),
            delete="kms:ScheduleKeyDeletion",
        ),
    ),
)
