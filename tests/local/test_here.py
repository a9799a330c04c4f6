"""What a stack's settings become on this machine."""

import json

from local.here import settings_here
from local.stackfiles import StackConfig
from tests.conftest import edited


def section(config: StackConfig, name: str) -> dict[str, object]:
    return json.loads(config.values.get(f"flowise:{name}", "{}"))


def test_this_machine_is_let_in_beside_the_networks_of_the_stack() -> None:
    here = settings_here(edited("prod", {"edge.admin_cidrs": ["198.51.100.0/24"]}), [], observe=False)
    assert section(here, "edge")["admin_cidrs"] == ["198.51.100.0/24", "127.0.0.1/32"]


def test_a_stack_that_lets_everybody_in_does_so_here() -> None:
    here = settings_here(edited("prod", {"edge.admin_cidrs": []}), [], observe=False)
    assert section(here, "edge")["admin_cidrs"] == []
    assert "flowise:edge" not in settings_here(edited("prod", {"edge": None}), [], observe=False).values


def test_what_is_typed_wins() -> None:
    here = settings_here(edited("prod", {}), ['edge.admin_cidrs=["127.0.0.3/32"]'], observe=False)
    assert section(here, "edge")["admin_cidrs"] == ["127.0.0.3/32"]


def test_traces_are_made_only_to_be_looked_at() -> None:
    assert "flowise:telemetry" not in settings_here(edited("prod", {}), [], observe=False).values
    traces = section(settings_here(edited("prod", {}), [], observe=True), "telemetry")["traces"]
    assert traces == {"sampled_percent": 100, "exporters": ["aws"], "otlp": None}


def test_secrets_that_only_aws_has_are_left_out() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:flowise/prod/langfuse-AbCdEf"
    here = settings_here(edited("prod", {"app.environment_secrets": {"MODEL": arn}}), [], observe=False)
    assert section(here, "app")["environment_secrets"] == {}
