"""What adds and removes pods: HorizontalPodAutoscalers, and KEDA on the backlog of the queue."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from analysis.recorder import Recording
from components.keda import CHART_VERSION
from tests.components import schemas
from tests.conftest import recorded_with

SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject"
AUTHENTICATION = "kubernetes:keda.sh/v1alpha1:ClusterTriggerAuthentication"
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
RELEASE = "kubernetes:helm.sh/v3:Release"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
PLAIN = {"queue": None, "app.server.replicas": 1, "app.server.max_replicas": 1}


def keda() -> Any:
    """KEDA's own schemas: they take half a second to load, so only the test process that asks for them does."""
    from cloudcoil.models.keda import v1alpha1  # noqa: PLC0415

    return v1alpha1


def scaled(recording: Recording) -> dict[str, Any]:
    """Specification of the workers' ScaledObject."""
    return recording.only(SCALED_OBJECT).inputs["spec"]


def workers(modifiers: dict[str, Any], counts: dict[str, int]) -> int:
    """What the rendered formula asks for: a worker for each `target` jobs, and one while there are schedules."""
    parts = re.fullmatch(r"\((.+)\) > 0 \? \((.+)\) : \(schedules > 0 \? 1 : 0\)", str(modifiers["formula"]))
    assert parts
    assert parts[1] == parts[2]
    jobs = sum(counts.get(name, 0) for name in parts[1].split(" + "))
    metric = jobs if jobs > 0 else min(counts.get("schedules", 0), 1)
    return -(-metric // int(modifiers["target"]))


def test_kedas_objects_match_kedas_own_schemas(prod: Recording) -> None:
    scaled_object = prod.only(SCALED_OBJECT).inputs
    keda().ScaledObject.model_validate(scaled_object)
    keda().ClusterTriggerAuthentication.model_validate(prod.only(AUTHENTICATION).inputs)
    wrong = {"spec": scaled_object["spec"] | {"maxReplicaCount": "ten"}}
    with pytest.raises(ValidationError):
        keda().ScaledObject.model_validate(scaled_object | wrong)


def test_every_trigger_names_a_list_of_bullmq_and_verifies_the_certificate(prod: Recording) -> None:
    config = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    triggers = scaled(prod)["triggers"]
    lists = {trigger["name"]: trigger["metadata"]["listName"] for trigger in triggers}
    queue = f"bull:{config['QUEUE_NAME']}"
    assert lists == {
        "prediction_wait": f"{queue}-prediction:wait",
        "prediction_active": f"{queue}-prediction:active",
        "upsertion_wait": f"{queue}-upsertion:wait",
        "upsertion_active": f"{queue}-upsertion:active",
        "schedule_wait": f"{queue}-schedule:wait",
        "schedule_active": f"{queue}-schedule:active",
        "schedules": f"{queue}-schedule:delayed",
    }
    for trigger in triggers:
        metadata = trigger["metadata"]
        assert (metadata["enableTLS"], metadata["unsafeSsl"]) == ("true", "false")
        assert metadata["address"] == f"{config['REDIS_HOST']}:{config['REDIS_PORT']}"
        assert trigger["authenticationRef"] == {"name": "flowise-queue", "kind": "ClusterTriggerAuthentication"}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, 0),
        ({"prediction_wait": 1}, 1),
        ({"prediction_active": 10}, 1),
        ({"prediction_active": 10, "prediction_wait": 1}, 2),
        ({"prediction_active": 20, "prediction_wait": 35}, 6),
        ({"prediction_active": 5}, 1),  # a running job keeps its worker
        ({"upsertion_wait": 11, "schedule_active": 10}, 3),
        ({"schedules": 40}, 1),  # somebody must promote them when they are due
        ({"schedules": 40, "prediction_active": 10}, 1),
    ],
)
def test_as_many_workers_as_the_jobs_need(prod: Recording, counts: dict[str, int], expected: int) -> None:
    modifiers = scaled(prod)["advanced"]["scalingModifiers"]
    config = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert modifiers["target"] == config["WORKER_CONCURRENCY"]
    assert set(re.findall(r"[a-z_]{2,}", modifiers["formula"])) == {t["name"] for t in scaled(prod)["triggers"]}
    assert workers(modifiers, counts) == expected


def test_keda_is_pinned_and_reads_no_secret_but_the_queues_password(prod: Recording) -> None:
    release = prod.only(RELEASE)
    assert release.inputs["version"] == CHART_VERSION
    assert release.inputs["repositoryOpts"]["repo"].startswith("https://")
    values = release.inputs["values"]
    assert values["watchNamespace"] == prod.only(DEPLOYMENT, "flowise-worker").inputs["metadata"]["namespace"]
    assert values["permissions"]["operator"]["restrict"]["secret"] is True
    assert values["permissions"]["metricServer"]["restrict"]["secret"] is True
    secret = prod.only("kubernetes:core/v1:Secret", "keda")
    assert secret.inputs["metadata"]["namespace"] == release.inputs["namespace"] == "keda"
    assert list(secret.inputs["stringData"]) == ["password"]
    reference = {"parameter": "password", "name": secret.inputs["metadata"]["name"], "key": "password"}
    assert prod.only(AUTHENTICATION).inputs["spec"] == {"secretTargetRef": [reference]}
    assert "password" not in str([trigger["metadata"] for trigger in scaled(prod)["triggers"]]).lower()


def test_objects_of_keda_wait_for_keda(prod: Recording) -> None:
    release = prod.only(RELEASE).urn
    assert release in prod.only(AUTHENTICATION).depends_on
    assert prod.only(SCALED_OBJECT).depends_on >= {release, prod.only(AUTHENTICATION).urn}


def test_an_autoscaler_owns_the_number_of_pods_and_neither_swings_nor_jumps(prod: Recording) -> None:
    server = prod.only(AUTOSCALER, "flowise-server").inputs["spec"]
    behaviors = [server["behavior"], scaled(prod)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]]
    targets = [server["scaleTargetRef"]["name"], scaled(prod)["scaleTargetRef"]["name"]]
    names = [prod.only(DEPLOYMENT, f"flowise-{name}").inputs["metadata"]["name"] for name in ("server", "worker")]
    assert targets == names
    for behavior in behaviors:
        assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 300
        assert behavior["scaleDown"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]
        assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0
        assert {policy["type"] for policy in behavior["scaleUp"]["policies"]} == {"Percent", "Pods"}
    assert (scaled(prod)["minReplicaCount"], scaled(prod)["maxReplicaCount"]) == (2, 10)


def test_workers_may_go_to_zero_and_start_with_some() -> None:
    recording = recorded_with("prod", {"app.worker.min_replicas": 0})
    assert scaled(recording)["minReplicaCount"] == 0
    assert recording.only(DEPLOYMENT, "flowise-worker").inputs["spec"]["replicas"] == 2
    keda().ScaledObject.model_validate(recording.only(SCALED_OBJECT).inputs)


def test_cpu_is_the_choice_without_keda() -> None:
    recording = recorded_with("prod", {"app.worker.scale_on": "cpu", "app.worker.min_replicas": 1})
    assert not [r.urn for r in recording.records if "keda" in r.urn.lower()]
    scaler = recording.only(AUTOSCALER, "flowise-worker").inputs
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (1, 10)
    schemas.validate(scaler, "1.36")


@pytest.mark.parametrize("edits", [{"app.worker.max_replicas": 2}, PLAIN], ids=["fixed", "plain"])
def test_without_anything_to_scale_there_is_no_keda(edits: dict[str, Any]) -> None:
    recording = recorded_with("prod", edits)
    assert not [r.urn for r in recording.records if "keda" in r.urn.lower()]
    for deployment in recording.of_type(DEPLOYMENT):
        scales = deployment.name == "flowise-server" and "queue" not in edits
        assert deployment.ignore_changes == (("spec.replicas",) if scales else ())
