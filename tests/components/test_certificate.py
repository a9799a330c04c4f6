"""Certificates and firewall where AWS looks for them, for a stack outside of CloudFront's own region."""

from functools import cache

from analysis.recorder import Recording
from tests.conftest import recorded_with

CERTIFICATE, VALIDATION = "aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation"


@cache
def abroad() -> Recording:
    """Prod in Ireland."""
    zones = [f"eu-west-1{letter}" for letter in "abc"]
    return recorded_with("prod", {"aws:region": "eu-west-1", "network.zones": zones})


def test_each_certificate_lies_in_the_region_that_asks_for_it() -> None:
    regions = {r.name: r.inputs["region"] for r in abroad().of_type(CERTIFICATE)}
    assert regions == {"site-edge": "us-east-1", "site-regional": "eu-west-1"}
    assert {r.name: r.inputs["region"] for r in abroad().of_type(VALIDATION)} == regions
    valid = {r.name: r.inputs["certificateArn"] for r in abroad().of_type(VALIDATION)}
    assert valid["site-edge"] != valid["site-regional"]
    viewer = abroad().only("aws:cloudfront/distribution:Distribution").inputs["viewerCertificate"]
    assert viewer["acmCertificateArn"] == valid["site-edge"]
    assert abroad().only("aws:lb/listener:Listener").inputs["certificateArn"] == valid["site-regional"]


def test_one_certificate_is_enough_in_cloudfronts_own_region(prod: Recording) -> None:
    certificate = prod.only(CERTIFICATE)
    assert certificate.inputs["region"] == "us-east-1"
    viewer = prod.only("aws:cloudfront/distribution:Distribution").inputs["viewerCertificate"]
    assert viewer["acmCertificateArn"] == prod.only("aws:lb/listener:Listener").inputs["certificateArn"]
    assert viewer["acmCertificateArn"] == prod.only(VALIDATION).inputs["certificateArn"]


def test_the_firewall_lies_in_cloudfronts_region() -> None:
    firewall = [r for r in abroad().records if r.type.startswith("aws:wafv2/")]
    assert firewall
    assert {r.inputs["region"] for r in firewall} == {"us-east-1"}
    log = abroad().only("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").inputs
    (group,) = [r for r in abroad().of_type("aws:cloudwatch/logGroup:LogGroup") if r.inputs.get("region")]
    assert group.inputs["region"] == "us-east-1"
    assert log["logDestinationConfigs"] == [group.outputs["arn"]]
