"""Variables that a stack adds to the environment of Flowise."""

import json
from datetime import date
from typing import Any

import pytest

from analysis.evaluation import evaluate_recording
from analysis.recorder import Recording
from analysis.stackfiles import read_stack
from components.app.variables import deciding_setting
from tests.conftest import recorded_with
from tests.test_settings import broken, set_key

CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SECRET = "kubernetes:core/v1:Secret"
ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:flowise/prod/langfuse-AbCdEf"
REFUSED: list[tuple[str, Any, str]] = [
    ("app.environment", {"LOG_LEVEL": "debug"}, "what decides it: app.log_level"),
    ("app.environment", {"REDIS_URL": "rediss://x"}, "what decides it: queue"),
    ("app.environment", {"NODE_OPTIONS": "--inspect"}, "what decides it: app.server.heap_mib"),
    ("app.environment", {"AWS_ACCESS_KEY_ID": "x"}, "credentials come by Pod Identity"),
    ("app.environment", {"disabled-nodes": "x"}, "disabled-nodes is no name of a variable"),
    ("app.environment", {"LANGFUSE_SECRET_KEY": "x"}, "pulumi config set --secret flowise:env_LANGFUSE_SECRET_KEY"),
    ("app.environment_secrets", {"SMTP_PASSWORD": ARN}, "what decides it: app.smtp"),
    ("app.environment_secrets", {"LANGFUSE_SECRET_KEY": "langfuse"}, "flowise/prod/langfuse-AbCdEf"),
]


def data(recording: Recording) -> dict[str, str]:
    """Plain environment of servers and workers."""
    return recording.only(CONFIG_MAP, "flowise").inputs["data"]


@pytest.mark.parametrize(
    "value",
    [
        f"sk-proj-{'a1' * 12}",
        f"AKIA{'Q7' * 8}",
        f"ASIA{'Q7' * 8}",
        "https://reader:hunter2hunter2@langfuse.example.com",
        "https://reader:hunter2?hunter2@langfuse.example.com",
        "redis://:123#hunter2@cache.example.com",
        "amqp://reader:12345#hunter2@queue.example.com",
        "https://langfuse.example.com:8443?next=https://reader:hunter2hunter2@langfuse.example.com",
        f"pk_live_{'d4' * 12},sk_live_{'d4' * 12}",
        f"ghp_{'b2' * 12}",
        f"-----BEGIN EC PRIVATE KEY-----\n{'c3' * 20}\n-----END EC PRIVATE KEY-----",
    ],
)
def test_a_secret_under_a_harmless_name_is_refused_and_not_repeated(value: str) -> None:
    message = broken(set_key("app.environment", {"LANGFUSE_BASE": value}))
    assert "flowise:app.environment.LANGFUSE_BASE: the value holds what looks like a key" in message
    assert value not in message
    assert "hunter2" not in message


HARMLESS = [
    "https://langfuse.example.com:8443/a@b",
    "https://langfuse.example.com:8443?mail=ops@example.com",
    "https://langfuse.example.com?mail=ops:first@example.com",
    "https://langfuse.example.com:8443#ops@example.com",
    f"pk_live_{'d4' * 12}",
    f"pk_test_{'d4' * 12}",
    f"AROA{'Q7' * 8}",
    f"AIDA{'Q7' * 8}",
    "customMCP,bufferMemory",
    "task-force-of-twenty-people",
    "sk-learn-model-embedding",
    "https://packages.example.com/pypi-internal-group-of-the-company/simple",
]


@pytest.mark.parametrize("value", HARMLESS)
def test_a_harmless_value_is_not(value: str) -> None:
    names = {f"HARMLESS_{number}": each for number, each in enumerate(HARMLESS)}
    found = data(recorded_with("prod", {"app.environment": names}))
    assert found[f"HARMLESS_{HARMLESS.index(value)}"] == value


@pytest.mark.parametrize(("key", "value", "says"), REFUSED, ids=[f"{key}-{value}" for key, value, _ in REFUSED])
def test_a_variable_that_this_program_decides_about_is_refused(key: str, value: object, says: str) -> None:
    assert says in broken(set_key(key, value))


def test_a_secret_of_another_stack_is_refused_before_anything_is_made() -> None:
    other = ARN.replace("/prod/", "/dev-eu/")
    message = broken(set_key("app.environment_secrets", {"LANGFUSE_SECRET_KEY": other}))
    assert "is not a secret of this stack" in message


def test_one_name_stands_in_one_place() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:app"] |= {"environment": {"MODEL": "a"}, "environment_secrets": {"MODEL": ARN}}

    message = broken(edit)
    assert "app.environment_secrets.MODEL: app.environment.MODEL is set as well" in message


def test_a_plain_text_secret_variable_is_refused_without_its_value() -> None:
    message = broken(set_key("env_LANGFUSE_SECRET_KEY", "hunter2-hunter2"))
    assert "flowise:env_LANGFUSE_SECRET_KEY: is stored as plain text" in message
    assert "hunter2" not in message


def test_variables_reach_servers_and_workers() -> None:
    recording = recorded_with("prod", {"app.environment": {"DISABLED_NODES": "a,b"}}, secrets={"env_LANGFUSE_KEY": "x"})
    assert data(recording)["DISABLED_NODES"] == "a,b,puppeteerWebScraper,playwrightWebScraper"
    assert recording.only(SECRET, "flowise").inputs["stringData"]["LANGFUSE_KEY"] == "x"
    assert "LANGFUSE_KEY" not in data(recording)


def test_secrets_of_secrets_manager_are_named_to_the_pods_which_may_read_them_and_no_others() -> None:
    recording = recorded_with("prod", {"app.environment_secrets": {"LANGFUSE_SECRET_KEY": ARN}})
    assert json.loads(data(recording)["FLOWISE_ENVIRONMENT_ARNS"]) == {"LANGFUSE_SECRET_KEY": ARN}
    policies = [json.loads(record.inputs["policy"]) for record in recording.of_type("aws:iam/rolePolicy:RolePolicy")]
    readers = [
        statement
        for policy in policies
        for statement in policy["Statement"]
        if statement.get("Sid") in {"ReadVariables", "DecryptVariables"}
    ]
    assert [statement["Sid"] for statement in readers] == ["ReadVariables", "DecryptVariables"]
    assert readers[0]["Resource"] == [ARN]
    assert readers[1]["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}


MAIL = {"app.smtp": {"host": "mail.example.com", "user": "flowise", "sender": "flowise@example.com"}}


def test_every_variable_that_the_program_sets_names_what_decides_it() -> None:
    recording = recorded_with("prod", MAIL, secrets={"smtp_password": "x"})
    secrets = recording.only(SECRET, "flowise").inputs["stringData"]
    pods = [
        container["env"]
        for deployment in recording.of_type("kubernetes:apps/v1:Deployment")
        if deployment.name.startswith("flowise-")
        for container in deployment.inputs["spec"]["template"]["spec"]["containers"]
    ]
    names = [*data(recording), *secrets, *(variable["name"] for env in pods for variable in env)]
    assert {name for name in names if deciding_setting(name) is None} == {"DISABLED_NODES"}  # a stack adds to it


def test_a_variable_that_opens_the_sandbox_needs_an_exception_with_a_reason() -> None:
    opened = {"app.environment": {"TOOL_FUNCTION_EXTERNAL_DEP": "moment"}}
    findings = evaluate_recording(recorded_with("dev", opened), read_stack("dev"), date(2026, 11, 1)).findings
    assert [finding.message for finding in findings if finding.rule == "flowise_sandbox_closed"] == [
        "TOOL_FUNCTION_EXTERNAL_DEP gives code of flows modules that run outside of Flowise's sandbox"
    ]


@pytest.mark.parametrize(
    ("edits", "disabled"),
    [
        ({}, "puppeteerWebScraper,playwrightWebScraper"),
        (
            {"app.environment": {"DISABLED_NODES": "playwrightWebScraper,a"}},
            "playwrightWebScraper,a,puppeteerWebScraper",
        ),
        ({"app.browser_scrapers": True}, None),
        ({"app.browser_scrapers": True, "app.environment": {"DISABLED_NODES": "a"}}, "a"),
    ],
)
def test_scrapers_that_need_a_browser_are_not_offered_unless_the_image_has_one(
    edits: dict[str, Any], disabled: str | None
) -> None:
    assert data(recorded_with("prod", edits)).get("DISABLED_NODES") == disabled
