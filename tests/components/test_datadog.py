"""Datadog's agents: what their chart may read, and whom they talk to."""

from typing import Any

import pytest

from analysis.recorder import Recording
from tests.components.test_network_policies import (
    DNS,
    METADATA,
    PROD_DATA,
    PROD_PRIVATE,
    PUBLIC,
    Host,
    allowed,
    policies,
)
from tests.conftest import recorded_with

SETTINGS = {"telemetry.datadog": {"site": "datadoghq.eu"}, "telemetry.traces.exporters": ["aws", "datadog"]}
AGENT = Host(ip="10.30.3.8", namespace="datadog", labels={"app": "datadog"})
CLUSTER_AGENT = Host(ip="10.30.3.9", namespace="datadog", labels={"app": "datadog-cluster-agent"})
COLLECTOR = Host(
    ip="10.30.3.5",
    namespace="observability",
    labels={"app.kubernetes.io/name": "opentelemetry-collector", "app.kubernetes.io/part-of": "flowise"},
)
FLOWISE = Host(ip="10.30.3.4", namespace="flowise", labels={"app.kubernetes.io/name": "flowise"})
API = Host(ip="172.20.0.1")


def stack() -> Recording:
    """Prod with Datadog."""
    return recorded_with("prod", SETTINGS, secrets={"datadog_api_key": "datadog-key-0123456789"})


def values() -> dict[str, Any]:
    """What the chart is given."""
    return stack().only("kubernetes:helm.sh/v3:Release", "telemetry-datadog").inputs["values"]


def test_the_charts_rights_on_secrets_of_others_are_off() -> None:
    """Templates of chart 3.240.0: each of these adds a ClusterRole with rights on Secrets, and is on by default."""
    given = values()
    assert given["datadog"]["kubeStateMetricsCore"]["collectSecretMetrics"] is False
    assert given["datadog"]["operator"]["enabled"] is False
    assert given["clusterAgent"]["admissionController"]["enabled"] is False
    assert "helmCheck" not in given["datadog"], "it reads every Secret of Helm"


def test_no_port_of_a_node_is_opened() -> None:
    assert values()["datadog"]["otlp"]["receiver"]["protocols"]["http"]["useHostPort"] is False


@pytest.mark.parametrize(
    ("source", "destination", "port", "expected"),
    [
        (COLLECTOR, AGENT, 4318, True),
        (FLOWISE, AGENT, 4318, False),
        (AGENT, CLUSTER_AGENT, 5005, True),
        (FLOWISE, CLUSTER_AGENT, 5005, False),
        (AGENT, DNS, 53, True),
        (AGENT, PUBLIC, 443, True),
        (AGENT, PUBLIC, 80, False),
        (AGENT, API, 443, True),
        (AGENT, PROD_PRIVATE, 10250, True),
        (AGENT, PROD_PRIVATE, 3000, False),
        (AGENT, METADATA, 80, False),
        (CLUSTER_AGENT, PROD_DATA, 5432, True),
        (CLUSTER_AGENT, PROD_DATA, 22, False),
    ],
)
def test_who_may_talk_to_whom(source: Host, destination: Host, port: int, expected: bool) -> None:
    assert allowed(policies(stack()), source, destination, port) is expected
