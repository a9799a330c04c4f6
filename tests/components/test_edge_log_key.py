"""The firewall's log is encrypted with a key of us-east-1, wherever the stack is."""

import json

import pytest

from analysis.recorder import Record, Recording
from tests.conftest import recorded, recorded_with

ZONES = ["eu-central-1a", "eu-central-1b"]


def log(recording: Recording) -> Record:
    """The firewall's log group."""
    [group] = [r for r in recording.of_type("aws:cloudwatch/logGroup:LogGroup") if "aws-waf-logs" in r.inputs["name"]]
    return group


def test_in_us_east_1_it_has_the_key_of_the_stack() -> None:
    dev = recorded("dev")
    key = dev.only("aws:kms/key:Key", "key")
    assert log(dev).inputs["kmsKeyId"] == key.outputs["arn"]


@pytest.fixture(scope="module")
def elsewhere() -> Recording:
    """Dev in another region."""
    return recorded_with("dev", {"aws:region": "eu-central-1", "network.zones": ZONES})


def test_elsewhere_it_has_a_key_beside_it_that_the_log_service_may_use(elsewhere: Recording) -> None:
    key = elsewhere.only("aws:kms/key:Key", "edge-log")
    assert (key.inputs["region"], log(elsewhere).inputs["region"]) == ("us-east-1", "us-east-1")
    assert log(elsewhere).inputs["kmsKeyId"] == key.outputs["arn"]
    services = [s["Principal"].get("Service") for s in json.loads(key.inputs["policy"])["Statement"]]
    assert ["logs.us-east-1.amazonaws.com"] in services
