"""A company's proxy: who is told of it, what goes around it, and who may reach it."""

import json
from typing import Any

import pytest

from analysis.recorder import Record, Recording
from tests.components.policy_evaluator import Host, allowed
from tests.components.test_authorities import WORKLOADS, pod_of
from tests.components.test_network_policies import policies
from tests.components.test_observability import CANARY
from tests.conftest import recorded_with
from tests.test_settings import broken, set_key

PROXY = {"url": "http://proxy.example.com:3128", "user": "me@example.com", "cidrs": ["10.8.0.16/28"]}
PASSWORD = "hunter/2:@"  # an example with what a URL cannot hold
URL = "http://me%40example.com:hunter%2F2%3A%40@proxy.example.com:3128"
EDITS = {
    "app.proxy": {**PROXY, "direct": [".internal.example.com"]},
    "app.egress": [{"cidr": "10.99.0.0/16", "ports": [11434]}],
    "observability.canary": CANARY,
    "network.interface_endpoints": ["secretsmanager", "ecr.api"],
}
TOLD = {name: ("HTTPS_PROXY" if name in {"collector", "fluentd"} else "FLOWISE_PROXY_URL") for name in WORKLOADS}
AT_PROXY = Host(ip="10.8.0.20")
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"url": "http://me:hunter2@proxy.example.com:3128"}, "it has a user or a password; set user, and the password"),
    ({"url": "https://proxy.example.com:3128"}, "not every program here speaks TLS to a proxy"),
    ({"url": "socks5://proxy.example.com:1080"}, "it is a SOCKS proxy"),
    ({"url": "http://proxy.example.com"}, "it has no port"),
    ({"url": "http://proxy.example.com:99999", "cidrs": ["10.8.0.16/28"]}, "there is no port 99999"),
    ({"url": "http://proxy.example.com:3128"}, "network policies know addresses and no names"),
    ({"url": "http://10.9.0.5:3128", "cidrs": ["10.8.0.16/28"]}, "lies outside of cidrs"),
    ({"url": "http://169.254.169.254:80"}, "an address that no proxy has"),
    ({"url": "http://proxy.example.com:3128", "cidrs": ["0.0.0.0/0"]}, "an address that no proxy has"),
    ({**PROXY, "direct": ["*.example.com"]}, "it has a star; a dot alone says the same"),
    ({**PROXY, "direct": ["10.8.0.0/16"]}, "networks of app.egress go around the proxy anyway"),
    (PROXY, "flowise:proxy_password: is missing, but app.proxy.user is set"),
]


def found() -> Recording:
    """Prod behind a proxy."""
    return recorded_with("prod", EDITS, secrets={"proxy_password": PASSWORD})


def secret_of(recording: Recording, reference: str) -> dict[str, str]:
    """What a Secret holds, by its name."""
    (secret,) = [
        record
        for record in recording.of_type("kubernetes:core/v1:Secret")
        if record.outputs["metadata"]["name"] == reference
    ]
    return secret.inputs["stringData"]


def names_of_secrets(container: dict[str, Any]) -> set[str]:
    """Secrets that a container takes variables from."""
    whole = {each["secretRef"]["name"] for each in container.get("envFrom", []) if "secretRef" in each}
    keys = [each["valueFrom"].get("secretKeyRef") for each in container["env"] if "valueFrom" in each]
    return whole | {key["name"] for key in keys if key}


@pytest.mark.parametrize(("proxy", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_no_program_could_use_is_refused_without_the_password(proxy: dict[str, Any], says: str) -> None:
    message = broken(set_key("app.proxy", proxy))
    assert says in message
    assert "nothing has been made" in message


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_workload_that_speaks_to_others_is_told_by_a_secret(workload: str) -> None:
    type_, name, _ = WORKLOADS[workload]
    for container in pod_of(found(), type_, name)["containers"]:
        (values,) = [secret_of(found(), secret) for secret in names_of_secrets(container)]
        assert values[TOLD[workload]] == URL


def test_neither_user_nor_password_is_in_anything_but_a_secret() -> None:
    def holds(record: Record) -> bool:
        return "hunter" in json.dumps(record.inputs, default=str)

    holders = {record.type for record in found().records if holds(record)}
    assert holders == {"kubernetes:core/v1:Secret"}


def direct() -> set[str]:
    """What servers and workers call without the proxy."""
    config = found().only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert "HTTPS_PROXY" not in config  # axios would speak to it in plain text
    return set(config["FLOWISE_NO_PROXY"].split(","))


@pytest.mark.parametrize(
    "entry",
    [
        "localhost",
        "127.0.0.1",
        "169.254.170.23",  # credentials by Pod Identity
        "169.254.169.254",
        "172.20.0.1",
        ".svc",
        ".flowise",  # servers, for the owner's Job
        ".observability",  # the Collector
        "172.20.0.0/16",
        "172.20.0.0-172.20.255.255",  # as Node reads a network
        "10.30.0.0/16",
        "10.30.0.0-10.30.255.255",
        "10.99.0.0-10.99.255.255",  # app.egress
        ".internal.example.com",
        ".s3.us-east-1.amazonaws.com",  # by the gateway endpoint, whose buckets have names below it
        "secretsmanager.us-east-1.amazonaws.com",
        "api.ecr.us-east-1.amazonaws.com",
    ],
)
def test_what_must_not_pass_through_it_is_named(entry: str) -> None:
    assert entry in direct()


def test_the_data_stores_are_named_and_what_has_no_endpoint_is_not() -> None:
    config = found().only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert {config["DATABASE_HOST"], config["REDIS_HOST"]} <= direct()
    assert not [entry for entry in direct() if entry.startswith(("bedrock", "sts.", "logs."))]


def pods() -> dict[str, Host]:
    """A pod of each workload."""
    hosts: dict[str, Host] = {}
    for workload, (type_, name, _) in WORKLOADS.items():
        inputs = found().only(type_, name).inputs
        template = inputs["spec"].get("jobTemplate", {"spec": inputs["spec"]})["spec"]["template"]
        labels = template["metadata"]["labels"]
        hosts[workload] = Host(ip="10.30.3.9", namespace=inputs["metadata"]["namespace"], labels=labels)
    return hosts


@pytest.mark.parametrize("workload", [name for name in WORKLOADS if name != "owner"])  # it asks Flowise only
def test_its_address_and_port_are_open_and_nothing_beside_them(workload: str) -> None:
    rules = policies(found())
    assert allowed(rules, pods()[workload], AT_PROXY, 3128)
    assert not allowed(rules, pods()[workload], AT_PROXY, 8080)
    assert not allowed(rules, pods()[workload], Host(ip="10.8.0.40"), 3128)


def test_flowises_own_check_of_addresses_is_not_opened_for_it() -> None:
    behind = recorded_with("prod", {"app.proxy": PROXY}, secrets={"proxy_password": PASSWORD})
    config = behind.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert config["HTTP_SECURITY_CHECK"] == "true"
    assert "10.8" not in config["HTTP_DENY_LIST"]


def test_an_address_needs_no_network_and_a_proxy_without_a_user_no_password() -> None:
    recording = recorded_with("prod", {"app.proxy": {"url": "http://10.8.0.20:8080"}})
    secret = recording.only("kubernetes:core/v1:Secret", "flowise").inputs["stringData"]
    assert secret["FLOWISE_PROXY_URL"] == "http://10.8.0.20:8080"
    server = Host(ip="10.30.3.9", namespace="flowise", labels=pods()["server"].labels)
    assert allowed(policies(recording), server, AT_PROXY, 8080)


def test_without_the_setting_nobody_is_told_anything(prod: Recording) -> None:
    text = json.dumps([record.inputs for record in prod.records], default=str)
    assert "PROXY_URL" not in text
    assert "NO_PROXY" not in text
