"""Copies of the logs in S3 as AWS would show them."""

from typing import Any, cast

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.conftest import edited


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_what_the_log_group_takes_in_goes_to_a_closed_bucket_for_as_long_as_asked() -> None:
    cloud = MotoCloud(REGION)
    config = edited("prod", {"telemetry.logs.archive": {"retention_days": 400}})
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="archive",
        expansions=EXPANSIONS,
    )
    client = cast("Any", cloud.client)
    [subscription] = client("logs").describe_subscription_filters(logGroupName="flowise/archive/containers")[
        "subscriptionFilters"
    ]
    assert subscription["filterPattern"] == ""
    stream = client("firehose").describe_delivery_stream(DeliveryStreamName="flowise-archive-logs")[
        "DeliveryStreamDescription"
    ]
    assert subscription["destinationArn"] == stream["DeliveryStreamARN"]
    target = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    bucket = recording.only("aws:s3/bucket:Bucket", "telemetry-archive").id
    assert target["BucketARN"] == f"arn:aws:s3:::{bucket}"
    s3 = client("s3")
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    [encryption] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": recording.only("aws:kms/key:Key", "key").outputs["arn"],
    }
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"]["Days"] == 400
