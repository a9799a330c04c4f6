"""Every Kubernetes object against the schemas of the cluster's version and the restricted Pod Security standard."""

import json
from pathlib import Path
from typing import Any

import kubernetes_validate  # pyright: ignore[reportMissingTypeStubs]  # it has no types
import pytest

from analysis.recorder import Record, Recording
from tests.components import auto_mode, schemas
from tests.conftest import recorded_with

READ_NODES = {"logging", "datadog"}
"""Namespaces of agents that read files of their nodes, which no lower standard allows (docs/observability.md)."""
KEDA_KINDS = {"ScaledObject", "ClusterTriggerAuthentication"}
"""Checked with KEDA's own schemas in test_scaling.py."""


def objects(recording: Recording) -> list[Record]:
    """Objects that the program makes in the cluster."""
    return [r for r in recording.records if r.type.startswith("kubernetes:") and "kind" in r.inputs]


def pod_specs(recording: Recording) -> dict[str, dict[str, Any]]:
    """Pod specifications by the name of their owner."""
    owners = [r for r in objects(recording) if r.inputs["kind"] in {"Deployment", "Job"}]
    return {r.name: r.inputs["spec"]["template"]["spec"] for r in owners}


def test_objects_match_the_schema_of_the_clusters_version(recording: Recording) -> None:
    version = recording.only("aws:eks/cluster:Cluster").inputs["version"]
    checked = 0
    for record in objects(recording):
        if model := auto_mode.KINDS.get(record.inputs["kind"]):
            model.model_validate(record.inputs["spec"])
        elif record.inputs["kind"] not in KEDA_KINDS:
            schemas.validate(record.inputs, version)
        checked += 1
    assert checked >= 10


def test_a_wrong_object_would_be_noticed(dev: Recording) -> None:
    wrong = dev.only("kubernetes:apps/v1:Deployment").inputs | {"spec": {"replicas": "two"}}
    with pytest.raises(kubernetes_validate.ValidationError):
        schemas.validate(wrong, "1.36")


def test_the_target_group_binding_says_what_auto_mode_requires(recording: Recording) -> None:
    """EKS User Guide, auto-configure-alb: serviceRef, targetGroupARN and targetType; targetGroupName is refused."""
    spec = recording.only("kubernetes:eks.amazonaws.com/v1:TargetGroupBinding").inputs["spec"]
    assert spec == {
        "serviceRef": {"name": "flowise", "port": 3000},
        "targetGroupARN": recording.only("aws:lb/targetGroup:TargetGroup").outputs["arn"],
        "targetType": "ip",
    }


def test_the_namespace_enforces_the_restricted_standard(recording: Recording) -> None:
    namespaces = recording.of_type("kubernetes:core/v1:Namespace")
    assert "flowise" in {each.inputs["metadata"]["name"] for each in namespaces}
    for namespace in namespaces:
        if namespace.inputs["metadata"]["name"] in READ_NODES:
            continue
        assert namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_pods_meet_the_restricted_standard(recording: Recording) -> None:
    """The controls of the standard (Kubernetes documentation, Pod Security Standards, Restricted)."""
    specs = pod_specs(recording)
    assert len(specs) >= 3
    for spec in specs.values():
        assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] >= 1000
        assert all(volume.keys() <= {"name", "emptyDir", "configMap"} for volume in spec["volumes"])
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert "privileged" not in security
            assert all("hostPort" not in port for port in container.get("ports", []))


def test_pods_have_a_read_only_root_no_token_and_bounds(recording: Recording) -> None:
    for spec in pod_specs(recording).values():
        assert spec["automountServiceAccountToken"] is False
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["resources"]["limits"]["memory"] == container["resources"]["requests"]["memory"]
            assert "@sha256:" in container["image"]


def test_the_grace_period_is_longer_than_all_that_happens_in_it(recording: Recording) -> None:
    spec = pod_specs(recording)["flowise-server"]
    config = recording.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    sleep = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert spec["terminationGracePeriodSeconds"] >= sleep + int(config["FLOWISE_DRAIN_SECONDS"]) + 10


def test_a_worker_has_time_for_its_jobs_and_for_closing_the_queues(prod: Recording) -> None:
    config = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    grace = pod_specs(prod)["flowise-worker"]["terminationGracePeriodSeconds"]
    assert grace >= int(config["FLOWISE_DRAIN_SECONDS"]) + 30 + 10


def test_probes_restart_a_pod_for_its_own_faults_only(prod: Recording) -> None:
    """Readiness asks for database and queue, liveness for the process alone; a slow start is no fault."""
    for name in ("flowise-server", "flowise-worker"):
        container = pod_specs(prod)[name]["containers"][0]
        assert container["ports"] == [{"name": "http", "containerPort": 3000}]
        startup, readiness, liveness = (container[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness"))
        assert startup["httpGet"]["path"] == readiness["httpGet"]["path"] == "/readyz"
        assert liveness["httpGet"]["path"] == "/api/v1/ping"
        assert startup["periodSeconds"] * startup["failureThreshold"] >= 120
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 60
        assert readiness["periodSeconds"] * readiness["failureThreshold"] >= 30, "a short outage takes no pod out"
        assert readiness["timeoutSeconds"] > 2, "the preload waits two seconds for the database"


def test_a_job_that_failed_is_run_again_by_the_next_deployment(recording: Recording) -> None:
    """Provider 4, `Diff`: only with this annotation does it replace a Job that is not ready.

    A name that the program gives would make the provider delete the old Job, and its log, before the new one runs.
    """
    jobs = recording.of_type("kubernetes:batch/v1:Job")
    assert {"flowise-migration", "flowise-owner"} <= {job.name for job in jobs}
    for job in jobs:
        assert job.inputs["metadata"]["annotations"]["pulumi.com/replaceUnready"] == "true", job.name
        assert "name" not in job.inputs["metadata"]


def test_servers_go_before_workers(prod: Recording) -> None:
    classes = prod.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    values = {each.inputs["metadata"]["name"]: each.inputs["value"] for each in classes}
    specs = {name: spec for name, spec in pod_specs(prod).items() if name.startswith("flowise")}
    priority = {name: values[spec["priorityClassName"]] for name, spec in specs.items()}
    assert priority["flowise-server"] > priority["flowise-worker"] > 0
    assert priority["flowise-migration"] == priority["flowise-owner"] == priority["flowise-server"]


def test_a_change_of_configuration_or_of_a_secret_rolls_the_pods(dev: Recording) -> None:
    """Both have names that change with their content, which is immutable, and the pods refer to the names."""
    changed = recorded_with("dev", {"app.log_level": "debug"})
    names: list[set[str]] = []
    for recording in (dev, changed):
        sources = pod_specs(recording)["flowise-server"]["containers"][0]["envFrom"]
        names.append({next(iter(source.values()))["name"] for source in sources})
        for kind in ("ConfigMap", "Secret"):
            made = recording.only(f"kubernetes:core/v1:{kind}", "flowise")
            assert made.inputs["immutable"] is True
            assert "name" not in made.inputs["metadata"]
            assert made.outputs["metadata"]["name"] in names[-1]
    assert len(names[0] - names[1]) == 1


def test_the_migration_knows_which_version_the_image_must_hold(dev: Recording) -> None:
    package = json.loads(Path("image/package.json").read_text(encoding="utf-8"))
    (container,) = pod_specs(dev)["flowise-migration"]["containers"]
    assert container["env"] == [{"name": "FLOWISE_VERSION", "value": package["dependencies"]["flowise"]}]


def test_idle_connections_are_closed_by_the_load_balancer_first(recording: Recording) -> None:
    config = recording.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    idle = recording.only("aws:lb/loadBalancer:LoadBalancer").inputs["idleTimeout"]
    assert int(config["FLOWISE_KEEP_ALIVE_SECONDS"]) > idle


def test_prod_runs_in_queue_mode_with_two_of_everything(prod: Recording) -> None:
    config = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert config["MODE"] == "queue"
    assert config["REDIS_TLS"] == "true"
    assert int(config["WORKER_CONCURRENCY"]) <= 100
    assert {"REMOVE_ON_AGE", "REMOVE_ON_COUNT"} <= config.keys()
    for name in ("flowise-server", "flowise-worker"):
        deployment = prod.only("kubernetes:apps/v1:Deployment", name)
        assert deployment.inputs["spec"]["replicas"] == 2
        assert deployment.inputs["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        assert prod.only("kubernetes:policy/v1:PodDisruptionBudget", name).inputs["spec"]["maxUnavailable"] == 1
        assert deployment.ignore_changes == ("spec.replicas",), "the autoscaler's"


def test_dev_runs_one_server_and_never_two_at_once(dev: Recording) -> None:
    deployment = dev.only("kubernetes:apps/v1:Deployment")
    assert deployment.inputs["spec"]["replicas"] == 1
    assert deployment.inputs["spec"]["strategy"] == {"type": "Recreate"}
    assert "MODE" not in dev.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]


def test_nothing_secret_is_in_a_config_map(recording: Recording) -> None:
    for config_map in recording.of_type("kubernetes:core/v1:ConfigMap"):
        assert not config_map.secrets
        assert not [k for k in config_map.inputs["data"] if "PASSWORD" in k or k.endswith(("_SECRET", "_KEY"))]


def test_only_the_migration_may_read_the_administrators_secret(recording: Recording) -> None:
    with_access = [
        p.name for p in recording.of_type("aws:iam/rolePolicy:RolePolicy") if "secretsmanager:" in p.inputs["policy"]
    ]
    assert with_access == ["flowise-migration"]


def test_without_a_domain_the_pods_are_told_that_people_use_https(dev: Recording, prod: Recording) -> None:
    plain = dev.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    named = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert (plain.get("FLOWISE_EDGE_PROTO"), named.get("FLOWISE_EDGE_PROTO")) == ("https", None)
    assert (plain.get("APP_URL"), named.get("APP_URL")) == (None, "https://flowise.example.com")
