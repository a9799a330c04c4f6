"""What Flowise is told so that flows and outsiders can do less."""

import ipaddress

import pytest
from pydantic import ValidationError

from analysis.recorder import Recording
from components.app import AppSettings
from tests.conftest import recorded_with

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SAFE = {
    "NODE_ENV": "production",  # Secure cookies
    "HTTP_SECURITY_CHECK": "true",
    "PATH_TRAVERSAL_SAFETY": "true",
    "CUSTOM_MCP_SECURITY_CHECK": "true",
    "DENYLIST_URLS": "/api/v1/text-to-speech/generate,/api/v1/oauth2-credential/refresh,"
    "/api/v1/openai-assistants-file/download",  # each reaches a credential or a file without a login
    "FLOWISE_CODE_EXECUTION": "off",  # unless the stack says otherwise, as dev does
    "CUSTOM_MCP_PROTOCOL": "sse",  # stdio runs commands in the pod
    "ENABLE_BULLMQ_DASHBOARD": "false",
    "CORS_ORIGINS": "",
    "CORS_ALLOW_CREDENTIALS": "false",
    "IFRAME_ORIGINS": "'self'",
    "DISABLE_FLOWISE_TELEMETRY": "true",
    "DATABASE_SSL": "true",
    "STORAGE_TYPE": "s3",
}
"""Not one of them is left to Flowise's default, which another version may change."""

DANGEROUS = {
    "DATABASE_SSL_KEY_BASE64",  # with it no certificate is verified
    "POSTHOG_PUBLIC_API_KEY",
    "TOOL_FUNCTION_BUILTIN_DEP",
    "TOOL_FUNCTION_EXTERNAL_DEP",
    "ALLOW_BUILTIN_DEP",
    "REDIS_URL",  # BullMQ would not verify the certificate
    "S3_STORAGE_ACCESS_KEY_ID",
    "NODE_TLS_REJECT_UNAUTHORIZED",
}


def told(recording: Recording) -> dict[str, str]:
    """What servers and workers find in their environment, secrets left out."""
    return recording.only(CONFIG_MAP, "flowise").inputs["data"]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_every_safe_setting_is_said(stack: str) -> None:
    default = AppSettings.model_fields["code_execution"].default
    assert told(recorded_with(stack, {"app.code_execution": default})).items() >= SAFE.items()


def test_prod_evaluates_no_code_of_flows(prod: Recording) -> None:
    assert told(prod)["FLOWISE_CODE_EXECUTION"] == "off"


@pytest.mark.parametrize(("said", "means"), [(False, "off"), ("off", "off"), ("sandbox", "sandbox")])
def test_code_in_flows_is_a_choice(said: object, means: str) -> None:
    """A bare `off` is false for parsers of YAML 1.1."""
    assert told(recorded_with("dev", {"app.code_execution": said}))["FLOWISE_CODE_EXECUTION"] == means


def test_another_choice_is_refused() -> None:
    app = {"image": f"registry.example.com/flowise@sha256:{'0' * 64}", "owner": {"email": "owner@example.com"}}
    with pytest.raises(ValidationError, match="'off' or 'sandbox'"):
        AppSettings.model_validate({**app, "code_execution": True})


def test_nothing_that_opens_a_hole_is_set(recording: Recording) -> None:
    for config_map in recording.of_type(CONFIG_MAP):
        assert not DANGEROUS & config_map.inputs["data"].keys()
    for secret in recording.of_type("kubernetes:core/v1:Secret"):
        assert not DANGEROUS & secret.inputs["stringData"].keys()


@pytest.mark.parametrize(
    "address",
    [
        *("0.1.2.3", "100.64.0.1", "100.127.255.254", "198.18.0.1", "198.19.255.254", "192.0.0.8"),
        *("::", "64:ff9b:1::1", "2002:a00:1::1", "fec0::1"),
        *("64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::100.64.0.1"),  # behind a translator
    ],
)
def test_flows_are_denied_networks_that_flowise_does_not_know_as_private(dev: Recording, address: str) -> None:
    denied = [ipaddress.ip_network(cidr) for cidr in told(dev)["HTTP_DENY_LIST"].split(",")]
    assert any(ipaddress.ip_address(address) in network for network in denied)


@pytest.mark.parametrize("address", ["1.1.1.1", "52.94.236.248", "2600:1f18::1", "64:ff9b::1.1.1.1"])
def test_flows_may_call_public_addresses(dev: Recording, address: str) -> None:
    denied = [ipaddress.ip_network(cidr) for cidr in told(dev)["HTTP_DENY_LIST"].split(",")]
    assert not any(ipaddress.ip_address(address) in network for network in denied)
    assert not any(ipaddress.IPv4Address("140.82.112.3") in network for network in denied)


OPENED = [{"cidr": "10.20.30.0/28", "ports": [11434]}, {"cidr": "203.0.113.8/32", "ports": [8443]}]


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("10.20.30.1", "open"),
        ("10.20.30.16", "denied"),
        ("10.0.0.1", "denied"),
        ("10.255.255.255", "denied"),
        ("127.0.0.1", "denied"),
        ("169.254.169.254", "denied"),
        ("169.254.170.23", "denied"),
        ("172.20.0.1", "denied"),
        ("192.168.1.1", "denied"),
        ("100.64.0.1", "denied"),
        ("224.0.0.1", "denied"),
        ("255.255.255.255", "denied"),
        ("0.0.0.7", "denied"),
        ("203.0.113.8", "open"),
        ("140.82.112.3", "open"),
    ],
)
def test_flows_reach_the_private_networks_that_are_named_and_no_others(address: str, verdict: str) -> None:
    config = told(recorded_with("dev", {"app.egress": OPENED}))
    assert config["HTTP_SECURITY_CHECK"] == "false"  # its list cannot be opened in part: the whole of it is handed over
    networks = [ipaddress.ip_network(entry) for entry in config["HTTP_DENY_LIST"].split(",") if "host" not in entry]
    denied = any(ipaddress.ip_address(address) in network for network in networks)
    assert denied == (verdict == "denied")


def test_what_is_no_private_ipv4_network_stays_denied_too() -> None:
    entries = set(told(recorded_with("dev", {"app.egress": OPENED}))["HTTP_DENY_LIST"].split(","))
    assert entries >= {"::1", "fc00::/7", "fd00:ec2::254", "fe80::/10", "ff00::/8", "localhost", "ip6-localhost"}


def test_a_public_destination_changes_nothing_in_flowises_own_check() -> None:
    config = told(recorded_with("dev", {"app.egress": OPENED[1:]}))
    assert config["HTTP_SECURITY_CHECK"] == "true"


@pytest.mark.parametrize("name", ["password", "token", "apikey", "secret", "authorization", "credential"])
def test_secrets_in_requests_stay_out_of_the_logs(recording: Recording, name: str) -> None:
    assert name in told(recording)["LOG_SANITIZE_BODY_FIELDS"].split(",")
    assert {"authorization", "cookie", "x-api-key"} <= set(told(recording)["LOG_SANITIZE_HEADER_FIELDS"].split(","))


def test_origins_that_are_allowed_are_those_of_the_stack_file() -> None:
    origins = {"app.cors_origins": ["https://www.example.com"], "app.iframe_origins": ["https://intra.example.com"]}
    config = told(recorded_with("dev", origins))
    assert config["CORS_ORIGINS"] == "https://www.example.com"
    assert config["IFRAME_ORIGINS"] == "https://intra.example.com"
