"""Rollouts and scaling of Deployments, with real processes."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from local.cluster.deployment import Deployment, Strategy
from local.errors import LocalError
from tests.local.rig import HOME_VOLUME, Rig, server, shell, template, until

MakeRig = Callable[[], Rig]
DEPLOYMENT = "apps/v1:Deployment"
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


@pytest.mark.parametrize(
    ("strategy", "wanted", "limits"),
    [
        ({}, 1, (1, 0)),
        ({}, 4, (1, 1)),
        ({}, 10, (3, 2)),
        ({"rollingUpdate": {"maxSurge": "50%", "maxUnavailable": 0}}, 3, (2, 0)),
        ({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "10%"}}, 3, (0, 1)),
        (ROLLING, 2, (1, 0)),
        ({"type": "Recreate"}, 2, (0, 2)),
    ],
)
def test_limits_of_a_rollout_are_kubernetes_own(strategy: dict[str, Any], wanted: int, limits: tuple[int, int]) -> None:
    found = Strategy.of({"strategy": strategy}, wanted)
    assert (found.surge, found.unavailable) == limits


def run(make_rig: MakeRig, spec: dict[str, Any], scenario: Callable[[Rig], Coroutine[Any, Any, None]]) -> Rig:
    """Run a scenario beside two ready pods of the Deployment `server`."""

    async def main() -> Rig:
        rig = make_rig()
        rig.cluster.replicas = 5
        try:
            start = asyncio.create_task(rig.apply(DEPLOYMENT, "server", {"spec": {"replicas": 2} | spec}))
            await get_ready(rig, "server-0", "server-1")
            await start
            await scenario(rig)
        finally:
            await rig.close()
        return rig

    return asyncio.run(main())


def home(rig: Rig, pod: str) -> Path:
    return rig.stack.pods / pod / "volumes" / "home"


async def get_ready(rig: Rig, *pods: str) -> None:
    """Let pods become ready, once they are there."""
    for pod in pods:
        await until(home(rig, pod).exists)
        (home(rig, pod) / "ready").touch()


def deployment(rig: Rig) -> Deployment:
    return rig.cluster.deployment("server")


def names(rig: Rig) -> list[str]:
    return [pod.name for pod in rig.cluster.pods]


def probed(**spec: Any) -> dict[str, Any]:
    """A pod that is ready while `ready` is in its home, and says so when it ends in order."""
    probe = {"exec": {"command": ["sh", "-c", "test -e /home/flowise/ready"]}, "periodSeconds": 0.05}
    main = shell(
        "server",
        "trap 'echo drained; exit 0' TERM; while :; do sleep 0.02; done",
        readinessProbe=probe | {"failureThreshold": 1, "timeoutSeconds": 5},
        volumeMounts=[{"name": "home", "mountPath": "/home/flowise"}],
    )
    return {"strategy": ROLLING, "template": template(main, volumes=[HOME_VOLUME])} | spec


def test_an_old_pod_stays_until_a_new_one_is_ready(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        restart = asyncio.create_task(deployment(rig).restart())
        await until(home(rig, "server-2").exists)
        assert names(rig) == ["server-0", "server-1", "server-2"]  # one more, none less
        await get_ready(rig, "server-2")
        await until(lambda: names(rig) == ["server-1", "server-2", "server-3"])
        assert not restart.done()
        await get_ready(rig, "server-3")
        await restart
        assert names(rig) == ["server-2", "server-3"]
        assert all(pod.ready for pod in rig.cluster.pods)
        assert "drained" in rig.log("server-0", "server")

    rig = run(make_rig, probed(), scenario)
    order = [(pod, state) for pod, _, state, _ in rig.seen]
    assert order.index(("server-2", "ready")) < order.index(("server-0", "unready"))
    assert order.index(("server-3", "ready")) < order.index(("server-1", "unready"))


def test_a_pod_in_its_pre_stop_hook_gets_no_traffic_though_its_probe_succeeds(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        ports = [{"port": 3000, "targetPort": "http"}]
        await rig.apply("core/v1:Service", "flowise", {"spec": {"selector": {"app": "flowise"}, "ports": ports}})
        backend = {"serviceRef": {"name": "flowise", "port": 3000}}
        await rig.apply("eks.amazonaws.com/v1:TargetGroupBinding", "flowise", {"spec": backend})
        leaving = rig.cluster.pods[1]
        scale = asyncio.create_task(deployment(rig).scale(1))
        await until(lambda: len(rig.cluster.exposed() or []) == 1)
        await asyncio.sleep(0.3)  # three probes, within the hook
        assert not leaving.ready
        assert not scale.done()
        await scale

    main = server(lifecycle={"preStop": {"sleep": {"seconds": 0.6}}})
    rig = run(make_rig, {"template": template(main, volumes=[HOME_VOLUME])}, scenario)
    assert [state for pod, _, state, _ in rig.seen if pod == "server-1"].count("ready") == 1


def test_recreate_stops_all_before_it_starts_one(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        restart = asyncio.create_task(deployment(rig).restart())
        await get_ready(rig, "server-2", "server-3")
        await restart

    rig = run(make_rig, probed(strategy={"type": "Recreate"}), scenario)
    order = [(pod, state) for pod, _, state, _ in rig.seen]
    assert order.index(("server-1", "stopped")) < order.index(("server-2", "started"))


def test_a_new_pod_that_does_not_become_ready_goes_and_the_old_ones_stay(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(LocalError, match="not ready after 1 s: pod server-2"):
            await deployment(rig).restart()
        assert names(rig) == ["server-0", "server-1"]

    run(make_rig, probed(progressDeadlineSeconds=1), scenario)


def test_scaling_goes_down_to_nothing_and_up_again(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        await deployment(rig).scale(0)
        assert names(rig) == []
        grow = asyncio.create_task(deployment(rig).scale(1))
        await get_ready(rig, "server-2")
        await grow
        assert names(rig) == ["server-2"]

    run(make_rig, probed(), scenario)


def test_an_unknown_deployment_is_answered_with_the_known_ones(make_rig: MakeRig) -> None:
    async def scenario(rig: Rig) -> None:
        with pytest.raises(LocalError, match="'worker'") as caught:
            rig.cluster.deployment("worker")
        assert "server" in caught.value.hint

    run(make_rig, probed(), scenario)
