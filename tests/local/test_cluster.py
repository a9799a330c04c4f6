"""Jobs, Deployments, probes and Services, with real processes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from local.errors import LocalError
from tests.local.rig import HOME_VOLUME, Rig, server, shell, template, until

MakeRig = Callable[[], Rig]
TMP = "/tmp"  # noqa: S108  # the container's
JOB, DEPLOYMENT = "batch/v1:Job", "apps/v1:Deployment"


def run(make_rig: MakeRig, scenario: Callable[[Rig], Coroutine[Any, Any, None]], *, replicas: int = 1) -> Rig:
    """Run a scenario in a new cluster, and stop it."""

    async def main() -> Rig:
        rig = make_rig()
        rig.cluster.replicas = replicas
        try:
            await scenario(rig)
        finally:
            await rig.close()
        return rig

    return asyncio.run(main())


def test_a_job_runs_its_init_containers_in_order(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        await rig.apply("core/v1:Secret", "keys", {"stringData": {"TOKEN": "t0ken"}})
        mount = [{"name": "work", "mountPath": "/shared"}]
        spec = template(
            shell("main", "cat /shared/all", volumeMounts=mount),
            initContainers=[
                shell(
                    "one", "echo $TOKEN >> /shared/all", volumeMounts=mount, envFrom=[{"secretRef": {"name": "keys"}}]
                ),
                shell("two", "echo two >> /shared/all", volumeMounts=mount),
            ],
            volumes=[{"name": "work", "emptyDir": {}}],
            restartPolicy="Never",
        )
        created = await rig.apply(JOB, "migrate", {"spec": {"template": spec, "backoffLimit": 0}})
        assert created is not None
        assert (created.backing, created.outputs["metadata"]["name"]) == ("process", "migrate")
        assert rig.log("migrate-0", "main") == "t0ken\ntwo\n"

    rig = run(make_rig, scenario)
    assert [name for _, name, state, _ in rig.seen if state == "started"] == ["one", "two", "main"]


def test_a_failing_job_is_tried_again_and_then_shows_its_log(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        spec = template(shell("main", "echo it broke; exit 3"), restartPolicy="Never")
        with pytest.raises(
            LocalError, match=r"Job flowise/migrate failed \(container main, exit code 3, attempt 3\)"
        ) as e:
            await rig.apply(JOB, "migrate", {"spec": {"template": spec, "backoffLimit": 2}})
        assert e.value.tail == ["it broke"]

    assert run(make_rig, scenario).states("main").count("failed") == 3


def test_a_job_that_takes_too_long_is_ended(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        spec = template(shell("main", "sleep 600"), restartPolicy="Never", terminationGracePeriodSeconds=1)
        with pytest.raises(LocalError, match="did not finish within"):
            await rig.apply(JOB, "slow", {"spec": {"template": spec, "activeDeadlineSeconds": 0.2}})

    run(make_rig, scenario)


def test_a_missing_secret_stops_a_deployment_before_anything_runs(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        spec = template(shell("main", "echo ran", envFrom=[{"secretRef": {"name": "gone"}}]))
        with pytest.raises(LocalError, match="Secret flowise/gone"):
            await rig.apply(DEPLOYMENT, "server", {"spec": {"replicas": 1, "template": spec}})

    assert "started" not in run(make_rig, scenario).states("main")


def test_a_container_that_ends_is_started_again(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        spec = template(shell("main", "echo up; sleep 0.1; exit 1"))
        await rig.apply(DEPLOYMENT, "server", {"spec": {"template": spec}})
        await until(lambda: rig.states("main").count("restarted") >= 2)
        assert rig.log("server-0", "main").count("up") >= 2

    assert run(make_rig, scenario).states("main")[:4] == ["started", "ready", "unready", "exited"]


def test_a_failing_startup_probe_ends_with_the_deadline(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        probe = {"exec": {"command": ["false"]}, "periodSeconds": 0.05, "failureThreshold": 2}
        spec = template(shell("main", "echo waiting; exec sleep 600", startupProbe=probe))
        with pytest.raises(LocalError, match="not ready after 2 s: pod server-0") as caught:
            await rig.apply(DEPLOYMENT, "server", {"spec": {"template": spec, "progressDeadlineSeconds": 2}})
        assert "waiting" in caught.value.tail
        await until(lambda: "restarted" in rig.states("main"))

    assert "ready" not in run(make_rig, scenario).states("main")


def test_a_failing_liveness_probe_restarts_after_the_pre_stop_hook(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        mount = [{"name": "home", "mountPath": "/home/flowise"}]
        dead = {
            "exec": {"command": ["sh", "-c", "! test -e /home/flowise/dead"]},
            "periodSeconds": 0.05,
            "failureThreshold": 2,
        }
        hook = {"preStop": {"exec": {"command": ["sh", "-c", "echo hook >> /home/flowise/hooks"]}}}
        spec = template(
            shell(
                "main",
                "cat /home/flowise/hooks; rm -f /home/flowise/dead; echo up; exec sleep 600",
                volumeMounts=mount,
                livenessProbe=dead | {"timeoutSeconds": 5},
                lifecycle=hook,
            ),
            volumes=[HOME_VOLUME],
            terminationGracePeriodSeconds=2,
        )
        await rig.apply(DEPLOYMENT, "server", {"spec": {"template": spec}})
        home = rig.stack.pods / "server-0" / "volumes" / "home"
        await until(lambda: "up" in rig.log("server-0", "main"))
        (home / "dead").touch()
        await until(lambda: "restarted" in rig.states("main"))
        await until(lambda: "hook" in rig.log("server-0", "main"))

    assert "unhealthy" in run(make_rig, scenario).states("main")


def test_sigterm_comes_before_sigkill(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        script = "trap 'echo drained; exit 0' TERM; echo up; while :; do sleep 0.05; done"
        await rig.apply(DEPLOYMENT, "server", {"spec": {"template": template(shell("main", script))}})
        await until(lambda: "up" in rig.log("server-0", "main"))

    assert "drained" in run(make_rig, scenario).log("server-0", "main")


def test_services_follow_readiness(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        ports = [{"port": 3000, "targetPort": "http"}]
        await rig.apply("core/v1:Service", "flowise", {"spec": {"selector": {"app": "flowise"}, "ports": ports}})
        backend = {"serviceRef": {"name": "flowise", "port": 3000}}
        await rig.apply("eks.amazonaws.com/v1:TargetGroupBinding", "flowise", {"spec": backend})
        assert rig.cluster.exposed() == []
        spec = template(server(), volumes=[HOME_VOLUME], terminationGracePeriodSeconds=2)
        start = asyncio.create_task(rig.apply(DEPLOYMENT, "server", {"spec": {"replicas": 5, "template": spec}}))
        homes = [rig.stack.pods / f"server-{number}" / "volumes" / "home" for number in (0, 1)]
        await until(lambda: all(home.exists() for home in homes))
        (homes[0] / "ready").touch()
        await until(lambda: len(rig.cluster.exposed() or []) == 1)
        assert not start.done()
        (homes[1] / "ready").touch()
        await start
        assert len(rig.cluster.pods) == 2
        assert rig.cluster.exposed() == [f"{pod.address}:3000" for pod in rig.cluster.pods]
        (homes[0] / "ready").unlink()
        await until(lambda: rig.cluster.exposed() == [f"{rig.cluster.pods[1].address}:3000"])

    run(make_rig, scenario, replicas=2)


def test_pods_see_their_volumes_and_nothing_of_the_daemon(make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOT_FOR_PODS", "1")

    async def scenario(rig: Rig) -> None:
        await rig.apply("core/v1:ConfigMap", "files", {"data": {"a.conf": "hello\n"}})
        volumes: list[dict[str, Any]] = [
            {"name": "conf", "configMap": {"name": "files"}},
            {"name": "all", "projected": {"sources": [{"downwardAPI": {"items": [POD_NAME_ITEM]}}]}},
            {"name": "tmp", "emptyDir": {}},
        ]
        main = shell(
            "main",
            "cat /etc/app/a.conf /etc/all/name; pwd; env | cut -d= -f1 | sort; echo $(cd $TMPDIR && pwd)",
            volumeMounts=[
                {"name": "conf", "mountPath": "/etc/app", "readOnly": True},
                {"name": "all", "mountPath": "/etc/all"},
                {"name": "tmp", "mountPath": TMP},
            ],
            env=[{"name": "HOME", "value": TMP}],
        )
        spec = template(main, volumes=volumes, restartPolicy="Never")
        await rig.apply(JOB, "look", {"spec": {"template": spec, "backoffLimit": 0}})
        lines = rig.log("look-0", "main").splitlines()
        assert lines[:2] == ["hello", f"look-0{rig.image}"]
        names = {"AWS_ENDPOINT_URL", "HOME", "HOST", "PATH", "PWD", "TMPDIR"}
        assert set(lines[2:-1]) - {"OLDPWD", "SHLVL", "_"} == names
        assert lines[-1] == str(rig.stack.pods / "look-0" / "volumes" / "tmp")

    run(make_rig, scenario)


POD_NAME_ITEM = {"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}


def test_containers_of_other_makers_are_not_run(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        agent = {"name": "agent", "image": "public.example/fluentd:1", "command": ["false"]}
        assert await rig.apply(DEPLOYMENT, "agent", {"spec": {"template": template(agent)}}) is None
        assert await rig.apply("policy/v1:PodDisruptionBudget", "pdb", {"spec": {}}) is None
        await rig.apply(DEPLOYMENT, "server", {"spec": {"template": template(shell("main", "exec sleep 600"), agent)}})

    assert run(make_rig, scenario).states("agent") == []


def test_an_unnamed_object_keeps_its_name_from_start_to_start(make_rig: MakeRig) -> None:
    names: list[str] = []

    async def scenario(rig: Rig) -> None:
        created = await rig.apply("core/v1:ConfigMap", "config", {"metadata": {"namespace": "flowise"}, "data": {}})
        assert created is not None
        names.append(created.outputs["metadata"]["name"])

    for _ in range(2):
        run(make_rig, scenario)
    assert names[0] == names[1]
    assert names[0].startswith("config-")
