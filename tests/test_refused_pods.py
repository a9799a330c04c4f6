"""Pods that no node could hold, and settings whose sum AWS or Kubernetes refuses in mid-deployment."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.plan import record_stack
from components.app.settings import BedrockSettings
from settings import SettingsError, parse_settings
from tests.conftest import edited, recorded_with

MODEL = "us.anthropic.claude-sonnet-4-6-20250{:03}-v1:0"


def refused(stack: str, edits: Mapping[str, Any]) -> str:
    config = edited(stack, edits)
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, stack)
    return str(caught.value)


@pytest.mark.parametrize(
    ("stack", "edits", "says"),
    [
        ("prod", {"app.server.cpu_millicores": 16000}, "app.server: a pod of cpu_millicores 16000"),
        ("prod", {"app.worker.cpu_millicores": 1900, "nodes.instance_vcpus": [2]}, "app.worker: a pod of"),
        ("prod", {"app.server.memory_mib": 70_000}, "add a larger size to nodes.instance_vcpus"),
        ("prod", {"nodes.instance_vcpus": [16], "nodes.max_vcpus": 4}, "set it to at least 8"),
        ("prod", {"nodes.burstable": True, "nodes.instance_vcpus": [16, 32]}, "add 2, 4 or 8"),
        ("small", {"app.server.memory_mib": 40_000}, "the largest, of 8 vCPU"),
    ],
)
def test_a_pod_that_fits_no_node_is_refused(stack: str, edits: dict[str, Any], says: str) -> None:
    """Karpenter makes no node for it, and the deployment waits a quarter of an hour for the pod."""
    assert says in refused(stack, edits)


@pytest.mark.parametrize(
    "edits",
    [
        {"app.worker.cpu_millicores": 1900, "nodes.instance_vcpus": [2, 4]},
        {"app.worker.cpu_millicores": 1500, "nodes.instance_vcpus": [2]},
        {"app.server.cpu_millicores": 16000, "nodes": None},
        {"app.server.memory_mib": 60_000},
    ],
)
def test_a_pod_that_fits_is_not(edits: dict[str, Any]) -> None:
    assert recorded_with("prod", edits).of_type("kubernetes:apps/v1:Deployment")


def test_a_worker_that_is_not_there_needs_no_node() -> None:
    assert recorded_with("dev", {"app.worker.cpu_millicores": 16000}).of_type("kubernetes:apps/v1:Deployment")


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ({"app.bedrock": {"model_ids": [MODEL.format(n) for n in range(40)]}}, "IAM takes 10,240 in a role"),
        (
            {
                "app.bedrock": {
                    "model_ids": [MODEL.format(n) for n in range(8)],
                    "regions": ["us-east-1", "us-west-2", "us-east-2", "ca-central-1", "eu-west-1", "eu-central-1"],
                }
            },
            "IAM takes 10,240 in a role",
        ),
        ({"app.environment": {f"V{n}": "x" * 32_768 for n in range(40)}}, "a ConfigMap of Kubernetes takes"),
        ({"cluster.public_access_cidrs": [f"203.0.113.{n}/32" for n in range(41)]}, "at most 40 items"),
        ({"cluster.api_client_cidrs": [f"10.40.{n}.0/24" for n in range(51)]}, "name 51 in all"),
        ({"edge.admin_cidrs": ["0.0.0.0/1", "128.0.0.0/1"]}, "are together everybody"),
        ({"queue.maintenance_window_utc": "sun:02:30-sun:03:30"}, "overlaps 02:00-03:00"),
        (
            {
                "database.generation": 2,
                "database.restore_from": {"snapshot_identifier": "arn:aws:rds:eu-west-1:123456789012:snapshot:x"},
            },
            "database.restore_from.snapshot_identifier: arn:aws:rds:eu-west-1:123456789012:snapshot:x is in eu-west-1",
        ),
    ],
)
def test_what_is_refused_in_mid_deployment_is_refused_first(edits: dict[str, Any], says: str) -> None:
    assert says in refused("prod", edits)


@pytest.mark.parametrize(
    ("profiles", "models", "regions"),
    [
        (1, 1, ["us-east-1"]),
        (25, 0, ["us-east-1"]),
        (6, 1, ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]),
        (0, 20, ["us-east-1", "us-east-2", "us-west-1", "us-west-2"]),
    ],
)
def test_the_rights_are_as_long_as_they_are_counted(
    profiles: int, models: int, regions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too few would be refused by IAM in mid-deployment, and too many would refuse what IAM takes."""
    monkeypatch.setattr("components.app.settings._MOST_POLICY", 1_000_000)
    names = [MODEL.format(n) for n in range(profiles)] + [f"amazon.nova-lite-v1:{n}" for n in range(models)]
    secrets = {
        f"SECRET_{n}": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:flowise/prod/{n}-AbCdEf" for n in (1, 2)
    }
    edits = {"app.bedrock": {"model_ids": names, "regions": regions}, "app.environment_secrets": secrets}
    recording = record_stack(edited("prod", edits))
    (role,) = [r for r in recording.of_type("aws:iam/rolePolicy:RolePolicy") if r.name == "flowise"]
    written = len(role.inputs["policy"].replace(" ", ""))
    counted = BedrockSettings(model_ids=names, regions=regions).policy_characters
    counted += sum(len(arn) + 3 for arn in secrets.values())
    assert written - 1_700 <= counted <= written - 900
