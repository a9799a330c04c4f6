"""Amazon RDS."""

from typing import Final

from components.common.catalogue.entry import (
    ABSENT,
    AT_CHANGE,
    AT_DELETION,
    IGNORED,
    MODIFIED,
    NO_DOUBLE_HYPHEN,
    UNKNOWN,
    Actions,
    AwsEntry,
    Call,
    DeletionProtection,
    Given,
    InUse,
    Moto,
    NameRule,
    Reference,
    Replacement,
    Service,
    ServiceLogs,
    TagRule,
    Unique,
)

RDS: Final = Service(
    name="rds",
    reference="AmazonRDS/latest/APIReference",
    tags=TagRule(
        reserved=("aws:", "rds:"),
        source="rds CreateDBInstance Tags.Key",
        says="from 1 to 128 Unicode characters in length and can't be prefixed with aws: or rds:",
    ),
)

ENTRIES = (
    AwsEntry(
        type="aws:rds/eventSubscription:EventSubscription",
        names=(
            NameRule(
                longest=254,
                pattern=NO_DOUBLE_HYPHEN,
                source="rds CreateEventSubscription SubscriptionName",
                says="The name must be less than 255 characters.",
            ),
        ),
        tags=RDS,
        replacement=Replacement(
            properties="name namePrefix",
            source="rds/event_subscription.go",
            cloudformation="AWS::RDS::EventSubscription",
            in_place={
                "SubscriptionName": "name here",
                "SnsTopicArn": MODIFIED,
            },
        ),
        price="free",
        actions=Actions(
            read="rds:DescribeEventSubscriptions rds:ListTagsForResource",
            create="rds:CreateEventSubscription rds:AddTagsToResource",
            update=(
                "rds:ModifyEventSubscription rds:AddSourceIdentifierToSubscription "
                "rds:RemoveSourceIdentifierFromSubscription rds:AddTagsToResource "
                "rds:RemoveTagsFromResource"
            ),
            delete="rds:DeleteEventSubscription",
        ),
        moto=Moto(
            delete=Call(service="rds", operation="delete_event_subscription", arguments={"SubscriptionName": "id"})
        ),
        unique=Unique(code="SubscriptionAlreadyExist", source=RDS.api("CreateEventSubscription")),
    ),
    AwsEntry(
        type="aws:rds/instance:Instance",
        data="irreplaceable",
        names=(
            NameRule(
                property="identifier",
                longest=63,
                pattern=NO_DOUBLE_HYPHEN,
                source="rds CreateDBInstance DBInstanceIdentifier",
                says="Must contain from 1 to 63 letters, numbers, or hyphens.",
            ),
            NameRule(
                property="username",
                longest=16,
                pattern="[A-Za-z][A-Za-z0-9_]*",
                source="rds CreateDBInstance MasterUsername",
                says="Must be 1 to 16 letters, numbers, or underscores.",
            ),
        ),
        autoname="lower",
        tags=RDS,
        given=Given(kind="database", forbidden="[^A-Za-z0-9-]", spare=len("-g99")),
        logs=ServiceLogs(
            name="identifier",
            pattern="/aws/rds/instance/{}/",
            source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html",
        ),
        replacement=Replacement(
            properties=(
                "availabilityZone backupTarget characterSetName customIamInstanceProfile dbName engine "
                "identifierPrefix kmsKeyId ncharCharacterSetName restoreToPointInTime s3Import "
                "snapshotIdentifier storageEncrypted timezone username"
            ),
            source="rds/instance.go",
            cloudformation="AWS::RDS::DBInstance",
            in_place={
                "DBInstanceIdentifier": MODIFIED,
                "DBSubnetGroupName": MODIFIED,
                "MasterUsername": "username here",
                "CustomIAMInstanceProfile": "customIamInstanceProfile here",
                "DBClusterIdentifier": ABSENT,
                "DBSystemId": ABSENT,
                "SourceRegion": ABSENT,
            },
        ),
        price="rule",
        actions=Actions(
            read="rds:DescribeDBInstances rds:ListTagsForResource",
            create=(
                "rds:CreateDBInstance rds:RestoreDBInstanceFromDBSnapshot "
                "rds:RestoreDBInstanceToPointInTime rds:ModifyDBInstance rds:AddTagsToResource iam:PassRole "
                "iam:CreateServiceLinkedRole kms:CreateGrant kms:DescribeKey kms:Decrypt "
                "kms:GenerateDataKey secretsmanager:CreateSecret secretsmanager:TagResource"
            ),
            update="rds:ModifyDBInstance rds:RebootDBInstance rds:AddTagsToResource rds:RemoveTagsFromResource",
            delete="rds:DeleteDBInstance rds:CreateDBSnapshot",
        ),
        moto=Moto(
            lost={
                "skipFinalSnapshot": AT_DELETION,
                "finalSnapshotIdentifier": AT_DELETION,
                "deleteAutomatedBackups": AT_DELETION,
                "allowMajorVersionUpgrade": AT_CHANGE,
                "engineLifecycleSupport": UNKNOWN,
                "databaseInsightsMode": IGNORED,
                "performanceInsightsEnabled": IGNORED,
                "performanceInsightsKmsKeyId": IGNORED,
                "performanceInsightsRetentionPeriod": IGNORED,
            },
            delete="function",
            read=Call(
                service="rds", operation="describe_db_instances", arguments={"DBInstanceIdentifier": "identifier"}
            ),
        ),
        unique=Unique(keys=("identifier",), code="DBInstanceAlreadyExists", source=RDS.api("CreateDBInstance")),
        protection=DeletionProtection(
            key="deletionProtection",
            code="InvalidParameterCombination",
            says="Cannot delete protected DB Instance, please disable deletion protection and try again.",
            source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        ),
        picture="database/rds-postgresql-instance.png",
    ),
    AwsEntry(
        type="aws:rds/parameterGroup:ParameterGroup",
        names=(
            NameRule(
                longest=255,
                pattern=NO_DOUBLE_HYPHEN,
                source="rds CreateDBParameterGroup DBParameterGroupName",
                says="Must be 1 to 255 letters, numbers, or hyphens.",
            ),
        ),
        autoname="lower",
        tags=RDS,
        reference=Reference(key="parameterGroupName", name="name"),
        replacement=Replacement(
            properties="description family name namePrefix",
            source="rds/parameter_group.go",
            cloudformation="AWS::RDS::DBParameterGroup",
            in_place={"DBParameterGroupName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="rds:DescribeDBParameterGroups rds:DescribeDBParameters rds:ListTagsForResource",
            create="rds:CreateDBParameterGroup rds:ModifyDBParameterGroup rds:AddTagsToResource",
            update=(
                "rds:ModifyDBParameterGroup rds:ResetDBParameterGroup rds:AddTagsToResource rds:RemoveTagsFromResource"
            ),
            delete="rds:DeleteDBParameterGroup",
        ),
        moto=Moto(
            delete=Call(service="rds", operation="delete_db_parameter_group", arguments={"DBParameterGroupName": "id"}),
            read=Call(
                service="rds", operation="describe_db_parameter_groups", arguments={"DBParameterGroupName": "id"}
            ),
        ),
        unique=Unique(code="DBParameterGroupAlreadyExists", source=RDS.api("CreateDBParameterGroup")),
        used_by=(
            InUse(
                user="aws:rds/instance:Instance",
                path="parameterGroupName",
                code="InvalidDBParameterGroupState",
                source=RDS.api("DeleteDBParameterGroup"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:rds/subnetGroup:SubnetGroup",
        names=(
            NameRule(
                longest=255,
                pattern="[A-Za-z][A-Za-z0-9._ -]*",
                source="rds CreateDBSubnetGroup DBSubnetGroupName",
                says=("Must contain no more than 255 letters, numbers, periods, underscores, spaces, or hyphens."),
            ),
        ),
        autoname="lower",
        tags=RDS,
        reference=Reference(key="dbSubnetGroupName", name="name"),
        replacement=Replacement(
            properties="name namePrefix",
            source="rds/subnet_group.go",
            cloudformation="AWS::RDS::DBSubnetGroup",
            in_place={"DBSubnetGroupName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="rds:DescribeDBSubnetGroups rds:ListTagsForResource",
            create="rds:CreateDBSubnetGroup rds:AddTagsToResource",
            update="rds:ModifyDBSubnetGroup rds:AddTagsToResource rds:RemoveTagsFromResource",
            delete="rds:DeleteDBSubnetGroup",
        ),
        moto=Moto(
            delete=Call(service="rds", operation="delete_db_subnet_group", arguments={"DBSubnetGroupName": "id"})
        ),
        unique=Unique(code="DBSubnetGroupAlreadyExists", source=RDS.api("CreateDBSubnetGroup")),
        used_by=(
            InUse(
                user="aws:rds/instance:Instance",
                path="dbSubnetGroupName",
                code="InvalidDBSubnetGroupStateFault",
                source=RDS.api("DeleteDBSubnetGroup"),
            ),
        ),
    ),
)
