"""Choices of prod as AWS would show them: logs in S3, certificates of its own, sign-in. One stack has all."""

from collections.abc import Iterator

import pytest

from tests.aws_variants.made import Made, made
from tests.components.test_own_certificates import EDGE, brought
from tests.components.test_sign_in import SECRET, SIGN_IN, rules
from tests.conftest import edited


@pytest.fixture(scope="module")
def choices() -> Iterator[Made]:
    changes = {
        **brought(edge_certificate_arn=EDGE),
        "load_balancer.sign_in": SIGN_IN,
        "telemetry.logs.archive": {"retention_days": 400},
    }
    with made(edited("prod", changes, {"oidc_client_secret": SECRET}), "own") as stack:
        yield stack


def test_what_the_log_group_takes_in_goes_to_a_closed_bucket_for_as_long_as_asked(choices: Made) -> None:
    client = choices.client
    [subscription] = client("logs").describe_subscription_filters(logGroupName="flowise/own/containers")[
        "subscriptionFilters"
    ]
    assert subscription["filterPattern"] == ""
    stream = client("firehose").describe_delivery_stream(DeliveryStreamName="flowise-own-logs")[
        "DeliveryStreamDescription"
    ]
    assert subscription["destinationArn"] == stream["DeliveryStreamARN"]
    target = stream["Destinations"][0]["ExtendedS3DestinationDescription"]
    bucket = choices.recording.only("aws:s3/bucket:Bucket", "telemetry-archive").id
    assert target["BucketARN"] == f"arn:aws:s3:::{bucket}"
    s3 = client("s3")
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    [encryption] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": choices.recording.only("aws:kms/key:Key", "key").outputs["arn"],
    }
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["Expiration"]["Days"] == 400


def test_the_stack_is_made_without_a_zone(choices: Made) -> None:
    elb = choices.client("elbv2")
    (listener,) = elb.describe_listeners(ListenerArns=[choices.recording.only("aws:lb/listener:Listener").id])[
        "Listeners"
    ]
    assert listener["Protocol"] == "HTTPS"
    assert listener["Certificates"]
    assert choices.client("route53").list_hosted_zones()["HostedZones"] == []
    cloudfront = choices.client("cloudfront")
    found = cloudfront.get_distribution(Id=choices.recording.only("aws:cloudfront/distribution:Distribution").id)
    viewer = found["Distribution"]["DistributionConfig"]["ViewerCertificate"]
    assert viewer["ACMCertificateArn"] == EDGE


def test_the_listener_asks_for_a_session_and_its_rules_let_the_public_plane_through(choices: Made) -> None:
    elb = choices.client("elbv2")
    arn = choices.recording.only("aws:lb/listener:Listener").id
    (listener,) = elb.describe_listeners(ListenerArns=[arn])["Listeners"]
    authenticate, forward = sorted(listener["DefaultActions"], key=lambda action: action["Order"])
    assert (authenticate["Type"], forward["Type"]) == ("authenticate-oidc", "forward")
    assert (
        authenticate["AuthenticateOidcConfig"].items()
        >= {
            "Issuer": "https://login.example.com",
            "ClientId": "flowise",
            "Scope": "openid email",
            "SessionTimeout": 43_200,
            "OnUnauthenticatedRequest": "authenticate",
        }.items()
    )
    made = [rule for rule in elb.describe_rules(ListenerArn=arn)["Rules"] if not rule["IsDefault"]]
    made.sort(key=lambda rule: int(rule["Priority"]))
    wanted = [rule["conditions"][0]["pathPattern"]["values"] for rule in rules()]
    assert [rule["Conditions"][0]["PathPatternConfig"]["Values"] for rule in made] == wanted
    assert [[action["Type"] for action in rule["Actions"]] for rule in made[:-1]] == [["forward"]] * (len(made) - 1)
    denied, _ = sorted(made[-1]["Actions"], key=lambda action: action["Order"])
    assert denied["AuthenticateOidcConfig"]["OnUnauthenticatedRequest"] == "deny"
