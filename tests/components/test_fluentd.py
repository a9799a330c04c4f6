"""Fluentd's expressions over lines as containerd writes them: parts, stack traces, keys of several lines, secrets.

The same lines went through Fluentd 1.19 with the rendered configuration (docs/observability.md).
"""

import re

import pytest

from components.common.redaction import MASK, SECRET_NAME, SECRETS
from components.telemetry.fluentd_config import CRI_LINE, FIRST_LINE, KEY_BEGINS, KEY_ENDS, fluentd_config
from components.telemetry.settings import LogsSettings
from tests.components.secrets_sample import HARMLESS, SAMPLES

STAMP = "2026-11-23T23:48:19.123456789Z"


def python(expression: str) -> re.Pattern[str]:
    """A Ruby expression; only named groups are written otherwise."""
    return re.compile(expression.replace("(?<", "(?P<").replace("(?P<!", "(?<!").replace("(?P<=", "(?<="))


def redacted(text: str) -> str:
    for secret in SECRETS:
        text = re.sub(secret, MASK, text)
    return text


def rendered(datadog_site: str | None = None) -> str:
    return fluentd_config(
        LogsSettings(), stack="prod", region="us-east-1", log_group="flowise/prod/containers", datadog_site=datadog_site
    )


@pytest.mark.parametrize(
    ("line", "stream", "tag", "log"),
    [
        (f"{STAMP} stdout F plain text", "stdout", "F", "plain text"),
        (f"{STAMP} stderr P a part ", "stderr", "P", "a part "),
        (f"{STAMP} stdout F ", "stdout", "F", ""),
        ('2026-11-23T23:48:19.1+01:00 stdout F {"a": "F b"}', "stdout", "F", '{"a": "F b"}'),
    ],
)
def test_a_line_of_the_runtime_is_taken_apart(line: str, stream: str, tag: str, log: str) -> None:
    found = python(CRI_LINE).match(line)
    assert found
    assert found.groupdict() == {"time": line.split(maxsplit=1)[0], "stream": stream, "logtag": tag, "log": log}


def test_a_line_that_is_none_of_the_runtimes_is_told_apart() -> None:
    assert not python(CRI_LINE).match('{"log": "of another runtime", "stream": "stdout"}')


def test_a_stack_trace_is_one_message() -> None:
    lines = [
        "2026-11-23 23:48:19 [ERROR]: [server]: Error:",
        "TypeError: Cannot read properties of undefined (reading 'id')",
        "    at executeFlow (/opt/flowise/node_modules/flowise/dist/utils/buildChatflow.js:1:2)",
        "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5) {",
        "  code: 'E_FLOW'",
        "}",
        "2026-11-23 23:48:20 [INFO]: next",
    ]
    begins = [bool(python(FIRST_LINE).match(line)) for line in lines]
    assert begins == [True, True, False, False, False, False, True]


def test_a_private_key_is_one_message_and_gone() -> None:
    key = next(sample for sample in SAMPLES if sample.kind == "private key")
    first, *middle, last = key.text.split("\n")
    assert re.search(KEY_BEGINS, first)
    assert re.search(KEY_ENDS, last)
    assert not [line for line in middle if re.search(KEY_ENDS, line)]
    assert redacted(key.text) == MASK
    on_one_line = next(sample for sample in SAMPLES if sample.kind == "half a private key")
    assert not re.search(KEY_BEGINS, on_one_line.text), "or everything that follows would be waited for"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.kind)
def test_no_secret_comes_out(sample: tuple[str, str, tuple[str, ...]]) -> None:
    _, text, secrets = sample
    assert not [secret for secret in secrets if secret in redacted(f"before {text} after")]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("name", ["password", "db.password", "x-api-key", "accessToken", "Cookie", "aws.secret_key"])
def test_an_attribute_that_is_called_a_secret_is_one(name: str) -> None:
    assert re.search(SECRET_NAME, name)


@pytest.mark.parametrize("name", ["gen_ai.usage.input_tokens", "total_tokens", "http.target", "author", "keyboard"])
def test_an_attribute_that_only_sounds_like_one_is_kept(name: str) -> None:
    assert not re.search(SECRET_NAME, name)


def test_expressions_mean_the_same_in_go_ruby_and_python() -> None:
    for secret in SECRETS:
        assert not re.search(r"\(\?[=!<]", secret), "Go has no look-arounds"
        assert not re.search(r"(?<![\[\\])[\^$]", secret), "Ruby takes anchors for those of a line"


def test_every_secret_is_in_the_configuration_and_no_key_is() -> None:
    text = rendered("datadoghq.eu")
    assert text.count("<replace>") == len(SECRETS)
    assert "#{ENV['DATADOG_API_KEY']}" in text
    assert "suppress_config_dump true" in text, "Fluentd would print the key as it starts"
    assert text.count("overflow_action block") == text.count("<store>") == 2
    assert "datadog" not in rendered().replace("key for Datadog", "").lower()


def test_lines_of_the_other_stream_never_end_a_message() -> None:
    filters = re.findall(r"@type concat\n(.*?)</filter>", rendered(), re.DOTALL)
    assert len(filters) == 3
    for text in filters:
        assert "stream_identity_key stream" in text
    # The plugin deletes the field that it is told here; without `stream` the next ones take both streams for one.
    assert "partial_cri_stream_key none" in filters[0]


def test_what_one_part_hands_on_another_takes() -> None:
    text = rendered()
    assert set(re.findall(r"(?:@label|timeout_label) (@\w+)", text)) == set(re.findall(r"<label (@\w+)>", text))
    assert len(re.findall(r"^<\w", text, re.MULTILINE)) == len(re.findall(r"^</", text, re.MULTILINE))
