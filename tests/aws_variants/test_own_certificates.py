"""Certificates that somebody brings: nothing is requested or recorded, and the listener has one."""

from typing import Any, cast

from moto import mock_aws

from analysis.program import run_main
from analysis.recorder import record
from analysis.remote import EXPANSIONS
from local.aws import MotoCloud
from tests.aws.environment import REGION
from tests.components.test_own_certificates import EDGE, brought
from tests.conftest import edited


@mock_aws(config={"iam": {"load_aws_managed_policies": True}})
def test_the_stack_is_made_without_a_zone() -> None:
    cloud = MotoCloud(REGION)
    config = edited("prod", brought(edge_certificate_arn=EDGE))
    recording = record(
        run_main,
        cloud,
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name="own",
        expansions=EXPANSIONS,
    )
    elb = cast("Any", cloud.client("elbv2"))
    (listener,) = elb.describe_listeners(ListenerArns=[recording.only("aws:lb/listener:Listener").id])["Listeners"]
    assert listener["Protocol"] == "HTTPS"
    assert listener["Certificates"]
    assert cast("Any", cloud.client("route53")).list_hosted_zones()["HostedZones"] == []
    cloudfront = cast("Any", cloud.client("cloudfront"))
    found = cloudfront.get_distribution(Id=recording.only("aws:cloudfront/distribution:Distribution").id)
    viewer = found["Distribution"]["DistributionConfig"]["ViewerCertificate"]
    assert viewer["ACMCertificateArn"] == EDGE
