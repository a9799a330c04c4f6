"""A stack in GovCloud: on a cluster that exists, behind its ingress, and with nothing of the commercial partition."""

import json
import re
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import pytest

from analysis.evaluation import evaluate_recording
from analysis.plan import record_stack
from analysis.recorder import Recording
from analysis.rights.account import recorded_account
from analysis.stackfiles import StackConfig
from bootstrap.settings import BootstrapSettingsError
from delivery.preflight import account, stack
from delivery.preflight.model import Subject
from settings import SettingsError, parse_settings
from tests.components.test_existing_cluster import EDITS as EXISTING
from tests.conftest import edited
from tests.policies.test_rules import TODAY
from tests.test_settings import INGRESS

REGION = "us-gov-west-1"
COMMERCIAL = re.compile(r"arn:aws:|us-east-1|budgets\.amazonaws\.com")
ABSENT = ("aws:cloudfront/", "aws:budgets/", "aws:wafv2/", "aws:route53/", "aws:acm/")
IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/flowise@sha256:{'0' * 64}"
CERTIFICATES = """\
-----BEGIN CERTIFICATE-----
MIIBwTCCAWegAwIBAgIUO+HGRGJ9Ge4aMRo12nFeoeUeo8cwCgYIKoZIzj0EAwIw
NTEzMDEGA1UEAwwqQW1hem9uIFJEUyB1cy1nb3Ytd2VzdC0xIFJvb3QgQ0EgRUND
Mzg0IEcxMCAXDTI2MTEyODA0MzY0MloYDzIxMjYxMTA0MDQzNjQyWjA1MTMwMQYD
VQQDDCpBbWF6b24gUkRTIHVzLWdvdi13ZXN0LTEgUm9vdCBDQSBFQ0MzODQgRzEw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASzBUpGgCafg1SxyM1ksoWVRKNcyd2f
Pt3nRlO3aXZVWObdcZzTtqYtGaQuOciTYIjTdXrhcfd6GH9L7gKDik+Fo1MwUTAd
BgNVHQ4EFgQUtiTFPaaJo7TI84IgCGzh2P0hcKswHwYDVR0jBBgwFoAUtiTFPaaJ
o7TI84IgCGzh2P0hcKswDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiEAlv4cjA71EGeELc5D6NtqWX8HSkD/RV8BLrBzIgdQybkCIGae5IVo2ow4Lz4s
RRYkyABUw2MLsCON0bPskU964D5y
-----END CERTIFICATE-----
"""
"""Made for this test with the name that RDS's root of the region has."""
EDITS: dict[str, Any] = {
    **EXISTING,
    "network.zones": [f"{REGION}a", f"{REGION}b"],
    "permissions_boundary_arn": "arn:aws-us-gov:iam::123456789012:policy/flowise-bootstrap/boundary-prod",
    "recovery.region": "us-gov-east-1",
    "app.image": IMAGE,
    "app.certificate_authorities": CERTIFICATES,
    "app.bedrock": {"model_ids": ["us-gov.anthropic.claude-3-5-sonnet-20240620-v1:0", "amazon.titan-embed-text-v2:0"]},
    "app.environment_secrets": {
        "LANGFUSE": f"arn:aws-us-gov:secretsmanager:{REGION}:123456789012:secret:flowise/prod/langfuse-AbCdEf"
    },
    "telemetry.traces": {},
    "ingress": INGRESS | {"tls_secret_name": "flowise-tls"},
    "domain": None,
    "edge": None,
    "load_balancer": None,
    "backup.restore_tests": "off",
    "observability.budget": None,
    "policy_exceptions": None,
}


def in_govcloud(edits: dict[str, Any] | None = None) -> StackConfig:
    """Prod in GovCloud, with changed settings."""
    config = edited("prod", EDITS | (edits or {}))
    return replace(config, values={**config.values, "aws:region": REGION})


def refusal(edits: dict[str, Any]) -> str:
    """What is said of a stack in GovCloud."""
    config = in_govcloud(edits)
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    return str(caught.value)


def commercial(recording: Recording) -> list[str]:
    """Inputs that name something of the commercial partition, and resources of what is not in GovCloud."""
    return [record.type for record in recording.records if record.type.startswith(ABSENT)] + [
        f"{record.type} {record.name}: {found.group()}"
        for record in recording.records
        if (found := COMMERCIAL.search(json.dumps(record.inputs, default=str)))
    ]


def test_nothing_of_the_commercial_partition_is_recorded() -> None:
    recording = record_stack(in_govcloud())
    assert commercial(recording) == []
    text = json.dumps([record.inputs for record in recording.records], default=str)
    assert "arn:aws-us-gov:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole" in text
    assert f"arn:aws-us-gov:bedrock:{REGION}::foundation-model/" in text
    assert f"logs.{REGION}.amazonaws.com" in text


def test_the_policy_pack_finds_nothing() -> None:
    config = in_govcloud()
    found = evaluate_recording(record_stack(config), config, TODAY).findings
    assert [f"{f.rule} {f.resource}: {f.message}" for f in found] == []


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ({"ingress": None}, "flowise:ingress: is missing; in us-gov-west-1 (GovCloud) people come in by an ingress"),
        ({"cluster.existing": None, "cluster.api_client_cidrs": ["10.40.0.0/24"]}, "flowise:cluster.existing: is miss"),
        ({"observability.budget": {"monthly_usd": 900}}, "flowise:observability.budget: AWS Budgets has no endpoint"),
        ({"backup.restore_tests": "monthly"}, "flowise:backup.restore_tests: restore testing of AWS Backup was not"),
        ({"malware_scan": {}}, "flowise:malware_scan: Malware Protection for S3 was not confirmed in us-gov-west-1"),
        ({"recovery.region": "us-west-2"}, "flowise:recovery.region: us-west-2 lies in AWS's partition aws, and"),
        ({"app.bedrock.regions": ["us-east-1"]}, "flowise:app.bedrock.regions.0: us-east-1 lies in AWS's partition"),
        (
            {"app.certificate_authorities": None},
            f"https://truststore.pki.us-gov-west-1.rds.amazonaws.com/{REGION}/{REGION}-bundle.pem",
        ),
    ],
)
def test_what_is_not_there_is_refused_with_its_reason(edits: dict[str, Any], says: str) -> None:
    assert says in refusal(edits)


def test_the_preflight_asks_nothing_of_the_commercial_partition() -> None:
    config = in_govcloud()
    settings, asked = parse_settings(config.values, config.secret_keys, "prod"), set[str]()

    def client(_service: str, region: str) -> Any:
        asked.add(region)
        return MagicMock()

    subject = Subject(stack="prod", settings=settings, vcpus=0, client=client)
    for check in (account.cloudfront, stack.roles):
        list(check(subject))
    assert asked == {REGION}


def test_bootstrap_makes_an_account_in_govcloud() -> None:
    recording = recorded_account({"aws:region": REGION, "recovery_region": "us-gov-east-1"})
    assert commercial(recording) == []
    longest = max(len(r.inputs["policy"]) for r in recording.of_type("aws:iam/policy:Policy"))
    assert longest <= 6_144  # IAM quotas, managed policies


def test_pulumi_deployments_take_no_role_of_govcloud() -> None:
    edits = {"aws:region": REGION, "recovery_region": None, "delivery": "pulumi-deployments"}
    with pytest.raises(BootstrapSettingsError, match="credentials for us-gov-west-1 come from GovCloud's own STS"):
        recorded_account({**edits, "pulumi_cloud": {"organization": "acme"}})
