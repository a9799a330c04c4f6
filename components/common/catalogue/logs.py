"""Amazon CloudWatch Logs; Amazon Data Firehose."""

from typing import Final

from components.common.catalogue.entry import (
    ABSENT,
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

FIREHOSE: Final = Service(
    name="firehose",
    reference="firehose/latest/APIReference",
    tags=TagRule(source="firehose CreateDeliveryStream Tags.Key"),
)
LOGS: Final = Service(
    name="logs",
    reference="AmazonCloudWatchLogs/latest/APIReference",
    tags=TagRule(source="logs CreateLogGroup tags.key"),
)

_OTHER = "not a destination of this program"

ENTRIES = (
    AwsEntry(
        type="aws:cloudwatch/logGroup:LogGroup",
        names=(NameRule(longest=512, pattern=r"[\.\-_/#A-Za-z0-9]+", source="logs CreateLogGroup logGroupName"),),
        tags=LOGS,
        given=Given(kind="log-group", forbidden="[^A-Za-z0-9_/.#-]"),
        replacement=Replacement(
            properties="logGroupClass name namePrefix",
            source="logs/group.go",
            cloudformation="AWS::Logs::LogGroup",
            in_place={"LogGroupName": "name here"},
        ),
        price="rule",
        actions=Actions(
            read="logs:DescribeLogGroups logs:ListTagsForResource",
            create="logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource",
            update=(
                "logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:AssociateKmsKey "
                "logs:DisassociateKmsKey logs:TagResource logs:UntagResource"
            ),
            delete="logs:DeleteLogGroup",
        ),
        moto=Moto(delete=Call(service="logs", operation="delete_log_group", arguments={"logGroupName": "id"})),
        unique=Unique(code="ResourceAlreadyExistsException", source=LOGS.api("CreateLogGroup")),
        picture="management/cloudwatch-logs.png",
    ),
    AwsEntry(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        names=(
            NameRule(
                property="policyName",
                longest=255,
                pattern=r"([^:*\/]+\/?)*[^:*\/]+",
                source="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-resourcepolicy.html",
            ),
        ),
        replacement=Replacement(properties="policyName", source="logs/resource_policy.go"),
        price="free",
        actions=Actions(
            read="logs:DescribeResourcePolicies",
            create="logs:PutResourcePolicy",
            update="logs:PutResourcePolicy",
            delete="logs:DeleteResourcePolicy",
        ),
    ),
    AwsEntry(
        type="aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        names=(NameRule(longest=512, pattern="[^:*]*", source="logs PutSubscriptionFilter filterName"),),
        replacement=Replacement(
            properties="logGroup name",
            source="logs/subscription_filter.go",
            cloudformation="AWS::Logs::SubscriptionFilter",
            in_place={
                "FilterName": "name here",
                "LogGroupName": "logGroup here",
            },
        ),
        price="free",
        actions=Actions(
            read="logs:DescribeSubscriptionFilters",
            create="logs:PutSubscriptionFilter iam:PassRole",
            update="logs:PutSubscriptionFilter iam:PassRole",
            delete="logs:DeleteSubscriptionFilter",
        ),
        moto=Moto(
            delete=Call(
                service="logs",
                operation="delete_subscription_filter",
                arguments={
                    "logGroupName": "logGroup",
                    "filterName": "name",
                },
            ),
            put=True,
        ),
    ),
    AwsEntry(
        type="aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
        names=(
            NameRule(longest=64, pattern="[a-zA-Z0-9_.-]+", source="firehose CreateDeliveryStream DeliveryStreamName"),
        ),
        tags=FIREHOSE,
        given=Given(kind="firehose", forbidden="[^A-Za-z0-9_.-]"),
        replacement=Replacement(
            properties="destination kinesisSourceConfiguration mskSourceConfiguration name",
            source="firehose/delivery_stream.go",
            cloudformation="AWS::KinesisFirehose::DeliveryStream",
            in_place={
                "DeliveryStreamName": "name here",
                "DeliveryStreamType": "the source's configuration here",
                "KinesisStreamSourceConfiguration": "kinesisSourceConfiguration here",
                "MSKSourceConfiguration": "mskSourceConfiguration here",
                "DatabaseSourceConfiguration": ABSENT,
                "DirectPutSourceConfiguration": ABSENT,
                "ElasticsearchDestinationConfiguration/VpcConfiguration": _OTHER,
                "AmazonopensearchserviceDestinationConfiguration/VpcConfiguration": _OTHER,
                "AmazonOpenSearchServerlessDestinationConfiguration/VpcConfiguration": _OTHER,
                "IcebergDestinationConfiguration/CatalogConfiguration": _OTHER,
                "SnowflakeDestinationConfiguration/SnowflakeVpcConfiguration": _OTHER,
            },
        ),
        price="rule",
        actions=Actions(
            read="firehose:DescribeDeliveryStream firehose:ListTagsForDeliveryStream",
            create=(
                "firehose:CreateDeliveryStream firehose:StartDeliveryStreamEncryption "
                "firehose:TagDeliveryStream iam:PassRole kms:CreateGrant"
            ),
            update=(
                "firehose:UpdateDestination firehose:StartDeliveryStreamEncryption "
                "firehose:StopDeliveryStreamEncryption firehose:TagDeliveryStream "
                "firehose:UntagDeliveryStream iam:PassRole"
            ),
            delete="firehose:DeleteDeliveryStream",
        ),
        moto=Moto(delete="function"),
        unique=Unique(code="ResourceInUseException", source=FIREHOSE.api("CreateDeliveryStream")),
    ),
)
