"""A domain whose zone is elsewhere: certificates by ARN, no record, and an output that says what to point at."""

from functools import cache
from typing import Any

import pytest

from analysis.recorder import Recording
from settings import SettingsError, parse_settings
from tests.conftest import edited, recorded_with

EDGE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"
REGIONAL = "arn:aws:acm:eu-west-1:123456789012:certificate/22222222-2222-2222-2222-222222222222"
NAME = "ai.example.org"
IRELAND = {"aws:region": "eu-west-1", "network.zones": [f"eu-west-1{letter}" for letter in "abc"]}
DISTRIBUTION, LISTENER = "aws:cloudfront/distribution:Distribution", "aws:lb/listener:Listener"


def brought(**keys: str) -> dict[str, Any]:
    """The section with a name and certificates."""
    return {"domain": {"name": NAME, **keys}}


@cache
def abroad(*, preview: bool = False) -> Recording:
    """Prod in Ireland, with the owner's certificates."""
    edits = {**IRELAND, **brought(edge_certificate_arn=EDGE, regional_certificate_arn=REGIONAL)}
    return recorded_with("prod", edits, preview=preview)


def mistakes(edits: dict[str, Any]) -> list[str]:
    """What is said of prod with these edits."""
    config = edited("prod", edits)
    with pytest.raises(SettingsError) as refused:
        parse_settings(config.values, config.secret_keys, "prod")
    return [line for line in str(refused.value).splitlines() if "domain" in line]


def test_nothing_is_made_or_looked_up_in_a_zone() -> None:
    assert not [r.urn for r in abroad().records if r.type.startswith(("aws:acm/", "aws:route53/"))]


def test_each_listens_with_the_certificate_of_its_region() -> None:
    assert abroad().only(DISTRIBUTION).inputs["viewerCertificate"]["acmCertificateArn"] == EDGE
    assert abroad().only(DISTRIBUTION).inputs["aliases"] == [NAME]
    assert abroad().only(LISTENER).inputs["certificateArn"] == REGIONAL
    assert abroad().exports["url"] == f"https://{NAME}"


def test_the_owner_is_told_what_to_point_at() -> None:
    made = abroad().only(DISTRIBUTION).outputs
    assert abroad().exports["dns_record"] == {
        "name": NAME,
        "type": "CNAME",
        "value": made["domainName"],
        "alias_zone_id": made["hostedZoneId"],
    }


def test_where_records_are_made_nobody_is_told_to_make_them(prod: Recording) -> None:
    assert "dns_record" not in prod.exports
    assert prod.of_type("aws:route53/record:Record")


def test_records_can_be_made_for_certificates_of_another(prod: Recording) -> None:
    ours = {"hosted_zone_id": "Z0123456789ABCDEFGHIJ", "edge_certificate_arn": EDGE}
    recording = recorded_with("prod", brought(**ours))
    assert not [r.urn for r in recording.records if r.type.startswith("aws:acm/")]
    assert {r.inputs["type"] for r in recording.of_type("aws:route53/record:Record")} == {"A", "AAAA"}
    assert "dns_record" not in recording.exports
    assert prod.of_type("aws:acm/certificate:Certificate")


def test_in_cloudfronts_own_region_one_certificate_does_for_both() -> None:
    for key in ("edge_certificate_arn", "regional_certificate_arn"):
        recording = recorded_with("prod", brought(**{key: EDGE}))
        assert recording.only(DISTRIBUTION).inputs["viewerCertificate"]["acmCertificateArn"] == EDGE
        assert recording.only(LISTENER).inputs["certificateArn"] == EDGE


def test_every_certificate_has_an_alarm_that_says_whose_it_is() -> None:
    alarms = {
        r.name: r.inputs["alarmDescription"]
        for r in abroad().of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "certificate" in r.name
    }
    assert len(alarms) == 2
    assert all("its owner must renew or import it" in said for said in alarms.values())


def test_a_preview_shows_what_is_made() -> None:
    assert {r.urn for r in abroad(preview=True).records} == {r.urn for r in abroad().records}


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            {**IRELAND, **brought(edge_certificate_arn=REGIONAL, regional_certificate_arn=EDGE)},
            [
                f"flowise:domain.edge_certificate_arn: {REGIONAL} is in eu-west-1; allowed: a certificate in us-east-1",
                f"flowise:domain.regional_certificate_arn: {EDGE} is in us-east-1; allowed: a certificate in eu-west-1",
            ],
        ),
        (
            {**IRELAND, **brought(edge_certificate_arn=EDGE)},
            ["flowise:domain.regional_certificate_arn: is missing", "eu-west-1"],
        ),
        (
            {**IRELAND, **brought(regional_certificate_arn=REGIONAL)},
            ["flowise:domain.edge_certificate_arn: is missing", "us-east-1"],
        ),
        (
            brought(edge_certificate_arn="arn:aws:iam::123456789012:server-certificate/ours"),
            ["server certificate of IAM", "for example arn:aws:acm:"],
        ),
        (brought(), ["flowise:domain.hosted_zone_id: is missing", "domain.edge_certificate_arn (us-east-1)"]),
        (
            {**IRELAND, **brought()},
            ["domain.edge_certificate_arn (us-east-1) and domain.regional_certificate_arn (eu-west-1)"],
        ),
    ],
)
def test_a_certificate_that_aws_would_refuse_is_refused(edits: dict[str, Any], said: list[str]) -> None:
    told = "\n".join(mistakes(edits))
    assert all(words in told for words in said), told
