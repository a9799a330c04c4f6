"""`python -m local plan`: a tree for a person, and clear words when it cannot be drawn."""

import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis import plan, stackfiles
from analysis.recorder import Recording
from analysis.sections import SECTIONS
from local.__main__ import make_app
from tests.conftest import edited, recorded


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the recording of a stack that other tests have recorded."""

    def recall(config: stackfiles.StackConfig) -> Recording:
        return recorded(config.stack)

    monkeypatch.setattr(plan, "record_stack", recall)


def shown(*arguments: str, width: int = 200) -> str:
    """What the command prints."""
    result = CliRunner().invoke(make_app("plan"), ["plan", *arguments], env={"COLUMNS": str(width)})
    assert result.exit_code == 0, result.output
    return result.stdout


def shown_with(monkeypatch: pytest.MonkeyPatch, edits: Mapping[str, Any]) -> str:
    """What the command prints about dev with other settings."""
    config = edited("dev", edits)

    def read_edited(_stack: str) -> stackfiles.StackConfig:
        return config

    monkeypatch.setattr(plan, "read_stack", read_edited)
    return shown("dev", width=1000)


def test_every_component_is_shown_with_its_settings_in_the_order_of_life(prod: Recording) -> None:
    text = shown("prod")
    shown_classes = re.findall(r"^[├└]── (\w+) ", text, re.MULTILINE)
    made = {record.type.rpartition(":")[2] for record in prod.records if record.type.startswith("flowise:")}
    assert shown_classes == [name for name in SECTIONS if name in made]
    assert "flowise:network cidr: 10.30.0.0/16, zones: [us-east-1a, us-east-1b, us-east-1c]" in text
    assert f"queue mode: {sum(r.custom for r in prod.records)} resources" in text


@pytest.mark.usefixtures("known")
def test_components_without_a_section_are_left_out_of_a_small_stack() -> None:
    text = shown("dev")
    assert "main mode" in text
    assert "FlowiseQueue" not in text
    assert "SiteCertificate" not in text


def test_an_ingress_is_shown_with_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown_with(monkeypatch, {"ingress": {"class_name": "nginx", "host": "ai.example.org"}, "edge": None})
    assert re.search(r"flowise:app .*\n.*flowise:ingress class_name: nginx, host: ai.example.org", text)
    assert "EdgeCdn" not in text


@pytest.mark.usefixtures("known")
def test_all_names_every_resource(dev: Recording) -> None:
    text = shown("dev", "--all")
    missing = [r.name for r in dev.records if r.custom and r.parent and r.name not in text]
    assert missing == []


@pytest.mark.usefixtures("known")
def test_no_secret_is_shown(prod: Recording) -> None:
    text = shown("prod", "--all")
    for secret in prod.of_type("random:index/randomPassword:RandomPassword"):
        assert secret.outputs["result"] not in text


def test_an_unknown_stack_is_an_error_with_the_ones_that_exist() -> None:
    result = CliRunner().invoke(make_app("plan"), ["plan", "deb"])
    assert result.exit_code == 1
    assert "stacks here: dev, prod" in result.stderr


def test_mistakes_in_the_file_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    config = stackfiles.read_stack("dev")
    broken = stackfiles.StackConfig(
        project="flowise", stack="dev", values={**config.values, "flowise:x": "1"}, secret_keys=()
    )
    monkeypatch.setattr(plan, "read_stack", lambda _stack: broken)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
    result = CliRunner().invoke(make_app("plan"), ["plan", "dev"])
    assert result.exit_code == 1
    assert "flowise:x: there is no such key" in result.stderr


def test_a_process_of_its_own_starts() -> None:
    command = [sys.executable, "-m", "local", "plan", "nosuch"]
    done = subprocess.run(command, cwd=stackfiles.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "there is no stack 'nosuch'" in done.stderr
    assert "Traceback" not in done.stderr
