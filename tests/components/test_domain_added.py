"""A running stack gets a domain, or gives it up: nothing that AWS refuses to change while it is in use is changed."""

from typing import Any, Final

import pytest

from analysis.recorder import Recording
from tests.conftest import recorded, recorded_with

ORIGIN: Final = "aws:cloudfront/vpcOrigin:VpcOrigin"
LISTENER: Final = "aws:lb/listener:Listener"
CLOUDFRONT: Final = "load-balancer-from-cloudfront"


@pytest.fixture(scope="module")
def without() -> Recording:
    return recorded_with("prod", {"domain": None})


@pytest.mark.parametrize("type_", [ORIGIN, LISTENER])
def test_origin_and_listener_of_a_protocol_are_resources_of_their_own(type_: str, without: Recording) -> None:
    """CloudFront answers UpdateVpcOrigin with 409 while a distribution uses the origin (API reference)."""
    assert recorded("prod").only(type_).urn != without.only(type_).urn


def test_both_origins_can_exist_at_once(without: Recording) -> None:
    def endpoint(recording: Recording) -> dict[str, Any]:
        return recording.only(ORIGIN).inputs["vpcOriginEndpointConfig"]

    http, https = endpoint(without), endpoint(recorded("prod"))
    assert http["name"] != https["name"]
    assert (http["originProtocolPolicy"], https["originProtocolPolicy"]) == ("http-only", "https-only")
    assert http["arn"] == https["arn"]


def test_cloudfront_reaches_both_listeners_meanwhile(without: Recording) -> None:
    for recording in (recorded("prod"), without):
        rule = recording.only("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", CLOUDFRONT).inputs
        assert (rule["fromPort"], rule["toPort"]) == (80, 443)
