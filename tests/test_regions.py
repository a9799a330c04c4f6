"""Regions whose certificates of RDS a stack brings itself, and those that cannot be."""

from typing import Any

import pytest

from components.common.model import BUNDLE_NEEDED
from settings import parse_settings
from tests.conftest import edited
from tests.test_settings import broken, set_key

RDS = """\
-----BEGIN CERTIFICATE-----
MIIBzzCCAXWgAwIBAgIUGFHHMn6Tkr4X3LF+DyE5lRut06QwCgYIKoZIzj0EAwIw
NDEyMDAGA1UEAwwpQW1hem9uIFJEUyBpbC1jZW50cmFsLTEgUm9vdCBDQSBFQ0Mz
ODQgRzEwIBcNMjYxMTI4MDAzNjE5WhgPMjEyNjExMDQwMDM2MTlaMDQxMjAwBgNV
BAMMKUFtYXpvbiBSRFMgaWwtY2VudHJhbC0xIFJvb3QgQ0EgRUNDMzg0IEcxMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdXryeHfrCsJcct+rLT9kdzM+1DYti4s8
BPuZGwKFw/Sy8ZpVwdVcvb6fFWpk5cjc/6HsKxRlV8Hh1x78HSOzMqNjMGEwHQYD
VR0OBBYEFK7WXLrDawt7Ge8qgvAt4AHyz3FlMB8GA1UdIwQYMBaAFK7WXLrDawt7
Ge8qgvAt4AHyz3FlMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoG
CCqGSM49BAMCA0gAMEUCIQDsteAicUKJ8q9pPTe4tq/Qb29ChmuhBgTyezkDF6hC
zAIgPuHpGb9vFvvamRghpDrxIzVyNIPHyoW83fFhNDsEdIM=
-----END CERTIFICATE-----
"""
"""Made for this test with the name that RDS's root of il-central-1 has."""
ZONES = ["il-central-1a", "il-central-1b", "il-central-1c"]


def test_a_stack_that_brings_the_certificates_of_its_region_is_taken() -> None:
    edits = {"network.zones": ZONES, "app.certificate_authorities": RDS}
    config = edited("prod", edits)
    values = {**config.values, "aws:region": "il-central-1"}
    assert parse_settings(values, config.secret_keys, "prod").region == "il-central-1"


@pytest.mark.parametrize("region", BUNDLE_NEEDED)
def test_without_them_the_place_to_get_them_is_said(region: str) -> None:
    message = broken(set_key("aws:region", region))
    assert f"https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem" in message


def test_those_of_another_region_do_not_count() -> None:
    config = edited("prod", {"app.certificate_authorities": RDS})
    assert parse_settings(config.values, config.secret_keys, "prod").region == "us-east-1"

    def moved(document: dict[str, Any]) -> None:
        document["aws:region"] = "ca-west-1"
        document["flowise:app"]["certificate_authorities"] = RDS

    message = broken(moved)
    assert "app.certificate_authorities: the image holds no certificates of RDS for aws:region ca-west-1" in message


@pytest.mark.parametrize("region", ["cn-north-1", "us-iso-east-1", "eusc-de-east-1"])
def test_another_partition_is_refused_with_what_is_missing_there(region: str) -> None:
    assert "in a partition of AWS where what a stack needs was not confirmed" in broken(set_key("aws:region", region))
