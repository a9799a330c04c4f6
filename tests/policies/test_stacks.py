"""Both stacks pass, and exceptions in a stack file are held to what they say."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis import plan as plan_module
from analysis import policy as policy_module
from analysis import stackfiles
from analysis.evaluation import evaluate_recording, stack_of
from analysis.recorder import Recording
from analysis.stackfiles import StackConfig, read_stack
from local.__main__ import make_app
from pages import reference
from policies import page
from policies.evaluate import EXCEPTION_RULES, evaluate, exceptions_of
from policies.rules import RULES
from settings import SettingsError, parse_settings
from tests.conftest import recorded
from tests.policies.test_rules import TODAY

EXCEPTION = {
    "rule": "eks_endpoint_private",
    "resource": "cluster-*",
    "reason": "People deploy dev from the office for now",
    "expires": "2027-06-30",
}

DROPPED = {"eks_secrets_encrypted"}
"""The recorder drops the unknown key of the remote component's cluster, which the engine marks as unknown."""


def excepting(**change: Any) -> StackConfig:
    """The dev stack with one changed exception and no other; a change to None removes the key."""
    entry = {key: value for key, value in (EXCEPTION | change).items() if value is not None}
    config = read_stack("dev")
    values = {**config.values, "flowise:policy_exceptions": json.dumps([entry])}
    return StackConfig(project="flowise", stack="dev", values=values, secret_keys=config.secret_keys)


def found(config: StackConfig, today: date = TODAY) -> dict[str, str]:
    """Rules with what they say about the dev stack."""
    return {f.rule: f.message for f in evaluate_recording(recorded("dev"), config, today).findings}


def test_both_stacks_pass(stack: str, recording: Recording) -> None:
    report = evaluate_recording(recording, read_stack(stack), TODAY)
    assert [f"{f.rule} {f.resource}: {f.message}" for f in report.findings] == []
    assert all(len(exception.reason) > 20 for _, exception in report.excepted)


def test_a_first_preview_finds_nothing_that_the_update_does_not(stack: str, preview: Recording) -> None:
    assert {f.rule for f in evaluate_recording(preview, read_stack(stack), TODAY).mandatory} == DROPPED


def test_an_exception_takes_out_its_finding_and_no_other() -> None:
    config = excepting()
    assert set(found(config)) == {"cloudfront_logged", "stack_protected"}
    report = evaluate_recording(recorded("dev"), config, TODAY)
    assert [(f.rule, e.reason) for f, e in report.excepted] == [("eks_endpoint_private", EXCEPTION["reason"])]


def test_an_exception_past_its_date_excepts_nothing_and_is_a_finding() -> None:
    last_day = date(2027, 6, 30)
    assert "eks_endpoint_private" not in found(excepting(), last_day)
    late = found(excepting(), last_day + timedelta(days=1))
    assert "expired on 2027-06-30: People deploy dev" in late["exception_current"]
    assert "eks_endpoint_private" in late


@pytest.mark.parametrize(
    ("change", "rule", "says"),
    [
        ({"rule": "eks_endpoint_privat"}, "exception_known", "there is no such rule"),
        ({"expires": "2099-01-01"}, "exception_current", "more than a year ahead"),
        ({"resource": "elsewhere"}, "exception_needed", "excepts nothing: no finding about elsewhere"),
        ({"rule": "rds_encrypted", "resource": "*"}, "exception_needed", "excepts nothing"),
    ],
)
def test_a_useless_exception_is_a_finding(change: dict[str, str], rule: str, says: str) -> None:
    assert says in found(excepting(**change))[rule]


def test_findings_about_exceptions_cannot_be_excepted() -> None:
    assert {rule.id for rule in RULES}.isdisjoint(EXCEPTION_RULES)
    assert "exception_known" in found(excepting(rule="exception_needed", resource="*"))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"reason": None}, "flowise:policy_exceptions.0.reason: is missing"),
        ({"reason": "because"}, 'flowise:policy_exceptions.0.reason: "because" is not allowed'),
        ({"expires": None}, "flowise:policy_exceptions.0.expires: is missing"),
        ({"expires": "next year"}, 'flowise:policy_exceptions.0.expires: "next year" is not allowed'),
        ({"rule": None}, "flowise:policy_exceptions.0.rule: is missing"),
        ({"ruel": "x"}, "flowise:policy_exceptions.0.ruel: there is no such key; did you mean rule?"),
    ],
)
def test_a_mistake_in_an_exception_stops_the_program(change: dict[str, Any], line: str) -> None:
    config = excepting(**change)
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "dev")
    assert line in str(caught.value)


def test_a_date_without_quotes_is_read_too(tmp_path: Any) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: flowise\n")
    text = "\n".join(f"    {'- ' if key == 'rule' else '  '}{key}: {value}" for key, value in EXCEPTION.items())
    (tmp_path / "Pulumi.x.yaml").write_text(f"config:\n  flowise:policy_exceptions:\n{text}\n")
    [exception] = exceptions_of(read_stack("x", tmp_path).values)
    assert exception.expires == date(2027, 6, 30)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the recording of stacks that other tests have recorded, and stop the clock."""

    def recall(config: StackConfig) -> Recording:
        return recorded(config.stack)

    for module in (plan_module, policy_module):
        monkeypatch.setattr(module, "record_stack", recall)
        monkeypatch.setattr(module, "today", lambda: TODAY)


def run(command: str, *arguments: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    result = CliRunner().invoke(make_app(command), [command, *arguments], env={"COLUMNS": "200"})
    return result.exit_code, result.output


@pytest.mark.usefixtures("known")
def test_the_command_judges_every_stack() -> None:
    code, text = run("policy")
    assert code == 0
    kept = re.findall(r"^(\w+): \d+ rules: 0 broken, 0 advice", text, re.MULTILINE)
    assert kept == ["dev", "prod", "small", "account"]
    assert "excepted until 2027-06-30: stack_protected stack: Nothing in dev is worth keeping" in text


@pytest.mark.usefixtures("known")
def test_the_command_fails_on_a_mandatory_finding_only(monkeypatch: pytest.MonkeyPatch) -> None:
    config = excepting()
    monkeypatch.setattr(policy_module, "read_stack", lambda _name: config)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    code, text = run("policy", "dev")
    assert code == 1
    assert "1 broken, 1 advice" in text
    for shown in (
        "stack_protected",
        "flowise:protected is false",
        "set flowise:protected to true",
        "cloudfront_logged",
    ):
        assert shown in text
    remaining = [EXCEPTION, EXCEPTION | {"rule": "stack_protected", "resource": "stack"}]
    values = {**config.values, "flowise:policy_exceptions": json.dumps(remaining)}
    config = stackfiles.StackConfig(project="flowise", stack="dev", values=values, secret_keys=())
    assert run("policy", "dev")[0] == 0


@pytest.mark.usefixtures("known")
def test_the_plan_ends_with_the_findings() -> None:
    code, text = run("plan", "dev")
    assert code == 0
    assert f"policy findings: {len(RULES)} rules: 0 broken" in text


def test_an_unknown_stack_is_an_error_with_the_ones_that_exist() -> None:
    code, text = run("policy", "deb")
    assert code == 1
    assert "stacks here: dev, prod" in text


def test_the_page_names_every_rule() -> None:
    text = page.page()
    assert re.findall(r"^\| `(\w+)`", text, re.MULTILINE) == [rule.id for rule in RULES]
    assert reference.POLICIES_PATH.read_text(encoding="utf-8") == text


def test_an_unprotected_stack_hides_no_finding_of_a_protected_one(prod: Recording) -> None:
    """Without the setting fewer rules evaluate; the one that says so remains."""
    config = read_stack("prod")
    open_ = StackConfig(
        project="flowise", stack="prod", values={**config.values, "flowise:protected": "false"}, secret_keys=()
    )
    assert "stack_protected" in {f.rule for f in evaluate(stack_of(prod, open_, TODAY), ()).mandatory}
