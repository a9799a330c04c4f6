"""What a stack's settings become on this machine."""

import json

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.stackfiles import StackConfig
from local.local_overrides import local_overrides, notes
from settings import parse_settings
from tests.conftest import edited


def section(config: StackConfig, name: str) -> dict[str, object]:
    return json.loads(config.values.get(f"flowise:{name}", "{}"))


def test_this_machine_is_let_in_beside_the_networks_of_the_stack() -> None:
    here = local_overrides(edited("prod", {"edge.admin_cidrs": ["198.51.100.0/24"]}), [], observe=False)
    assert section(here, "edge")["admin_cidrs"] == ["198.51.100.0/24", "127.0.0.1/32"]


def test_a_stack_that_lets_everybody_in_does_so_here() -> None:
    here = local_overrides(edited("prod", {"edge.admin_cidrs": []}), [], observe=False)
    assert section(here, "edge")["admin_cidrs"] == []
    assert "flowise:edge" not in local_overrides(edited("prod", {"edge": None}), [], observe=False).values


def test_what_is_typed_wins() -> None:
    here = local_overrides(edited("prod", {}), ['edge.admin_cidrs=["127.0.0.3/32"]'], observe=False)
    assert section(here, "edge")["admin_cidrs"] == ["127.0.0.3/32"]


def test_traces_are_made_only_to_be_looked_at() -> None:
    assert "flowise:telemetry" not in local_overrides(edited("prod", {}), [], observe=False).values
    traces = section(local_overrides(edited("prod", {}), [], observe=True), "telemetry")["traces"]
    assert traces == {"sampled_percent": 100, "exporters": ["aws"], "otlp": None}


def test_secrets_that_only_aws_has_are_left_out() -> None:
    arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:flowise/prod/langfuse-AbCdEf"
    here = local_overrides(edited("prod", {"app.environment_secrets": {"MODEL": arn}}), [], observe=False)
    assert section(here, "app")["environment_secrets"] == {}


def test_cluster_and_vpc_of_somebody_else_are_made_here() -> None:
    """The copy of AWS on this machine has neither."""
    config = edited("existing-cluster", {"network.cidr": "10.61.0.0/22"})
    here = local_overrides(config, [], observe=True)
    network = section(here, "network")
    assert network == {"existing": None, "cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"]}
    assert section(here, "cluster") == {"public_access_cidrs": ["127.0.0.1/32"]}
    assert parse_settings(here.values, here.secret_keys, here.stack).cluster.existing is None
    kept = local_overrides(edited("existing-cluster", {}), [], observe=True)
    assert section(kept, "network")["cidr"] == "10.60.0.0/16"


def test_the_proxy_of_the_vpc_is_left_out_and_the_authorities_of_the_company_stay() -> None:
    config = edited("prod", {"app.proxy": {"url": "http://10.8.0.20:3128"}, "app.certificate_authorities": "PEM"})
    app = section(local_overrides(config, [], observe=False), "app")
    assert app.get("proxy") is None
    assert app["certificate_authorities"] == "PEM"


def test_vectors_are_in_postgresql_where_the_stack_has_opensearch() -> None:
    config = edited("prod", {"retrieval": left_out_by_prod()["retrieval"], "database.vectors": False})
    here = local_overrides(config, [], observe=False)
    assert "flowise:retrieval" not in here.values
    assert section(here, "database")["vectors"] is True
    assert parse_settings(here.values, here.secret_keys, "prod").retrieval is None
    (note,) = notes(config)
    assert "pgvector" in note
    assert list(notes(edited("prod", {}))) == []


@pytest.mark.parametrize("name", left_out_by_prod())
def test_a_section_that_is_otherwise_here_is_noted_and_the_rest_of_the_stack_is_right(name: str) -> None:
    config = edited("prod", {name: left_out_by_prod()[name]})
    (note,) = notes(config)
    assert note.startswith(f"flowise:{name}: ")
    here = local_overrides(config, [], observe=False)
    assert parse_settings(here.values, here.secret_keys, "prod")
