"""The entry point, through a real Caddy."""

import asyncio
import socket
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.edge import Edge
from local.errors import LocalError
from local.layout import StackLayout
from local.loopback import loopback_client
from local.processes.ports import free_port
from local.processes.supervisor import Supervisor
from tests.local.rig import HOME_VOLUME, Rig, server, template, until


def run(
    stack: StackLayout, make_rig: Callable[[], Rig], scenario: Callable[[Rig, Edge], Coroutine[Any, Any, None]]
) -> None:
    async def main() -> None:
        rig = make_rig()
        supervisor = Supervisor(rig.events)
        edge = Edge(free_port(), rig.cluster, stack, supervisor)
        await edge.start()
        try:
            await scenario(rig, edge)
        finally:
            await supervisor.close()
            await edge.stop()
            await rig.close()

    asyncio.run(main())


async def start(rig: Rig, replicas: int = 1) -> None:
    ports = [{"name": "http", "port": 3000, "targetPort": "http"}]
    await rig.apply("core/v1:Service", "flowise", {"spec": {"selector": {"app": "flowise"}, "ports": ports}})
    backend = {"serviceRef": {"name": "flowise", "port": "http"}}
    await rig.apply("eks.amazonaws.com/v1:TargetGroupBinding", "flowise", {"spec": backend})
    spec = template(server(), volumes=[HOME_VOLUME], terminationGracePeriodSeconds=2)
    rig.cluster.replicas = replicas
    body = {"spec": {"replicas": replicas, "template": spec}}
    deploying = asyncio.create_task(rig.apply("apps/v1:Deployment", "server", body))
    for number in range(replicas):
        home = home_of(rig, number)
        await until(home.exists)
        (home / "ready").touch()
    await deploying


def home_of(rig: Rig, number: int) -> Path:
    return rig.stack.pods / f"server-{number}" / "volumes" / "home"


def test_the_edge_opens_late_and_sends_to_ready_pods_only(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    async def scenario(rig: Rig, edge: Edge) -> None:
        assert not await edge.answers()
        await start(rig)
        assert not await edge.answers()  # closed until the distribution is made
        await edge.open()
        await edge.wait()
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = (await client.get(f"{edge.url}/x", headers={"Host": "flowise.example.com"})).json()
            assert answer["pod"] == "server-0"
            assert answer["headers"]["x-forwarded-proto"] == "https"
            assert answer["headers"]["host"] == "flowise.example.com"
            async with client.stream("GET", f"{edge.url}/stream") as response:
                lines = response.aiter_lines()
                assert await anext(lines) == "first"  # before the pod has written the rest
                assert await anext(lines) == "last"
            (home_of(rig, 0) / "ready").unlink()
            await until(lambda: rig.cluster.exposed() == [])
            await edge.open()  # loads at once what a change brings soon
            response = await client.get(edge.url)
            assert (response.status_code, response.text) == (503, "no pod is ready\n")
        await edge.close()
        assert not await edge.answers()

    run(stack, make_rig, scenario)


def test_no_request_is_lost_when_pods_come_and_go(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    async def ask(edge: Edge, until_set: asyncio.Event) -> set[str]:
        pods: set[str] = set()
        while not until_set.is_set():
            # A connection for each request, and a kind of request that nobody sends a second time.
            async with loopback_client(60) as client:
                pods.add((await client.post(f"{edge.url}/x")).json()["pod"])
        return pods

    async def scenario(rig: Rig, edge: Edge) -> None:
        await start(rig, replicas=2)
        await edge.open()
        await edge.wait()
        enough = asyncio.Event()
        asking = [asyncio.create_task(ask(edge, enough)) for _ in range(8)]
        for _ in range(10):
            (home_of(rig, 1) / "ready").unlink()
            await until(lambda: len(rig.cluster.exposed() or []) == 1)
            (home_of(rig, 1) / "ready").touch()
            await until(lambda: len(rig.cluster.exposed() or []) == 2)
        enough.set()
        assert set().union(*await asyncio.gather(*asking)) == {"server-0", "server-1"}

    run(stack, make_rig, scenario)


def test_pods_reach_a_service_by_its_name(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    async def scenario(rig: Rig, edge: Edge) -> None:
        await start(rig)
        # A server that is late with an answer to its probe is not ready for a moment.
        script = """
          const ask = async () => {
            const response = await fetch(process.env.URL);
            if (response.ok) console.log(await response.text());
            else setTimeout(ask, 100);
          };
          ask();"""
        client = {
            "name": "client",
            "image": "flowise",
            "command": ["node", "-e", script],
            "env": [{"name": "URL", "value": "http://flowise.flowise:3000/api/v1/ping"}],
        }
        # With a label of its own, or the service would lead to this pod, too.
        spec = template(client, labels={"app": "client"}, restartPolicy="Never")
        await rig.apply("batch/v1:Job", "client", {"spec": {"template": spec, "backoffLimit": 3}})
        assert rig.log("client-0", "client") == "pong\n"
        assert not edge.is_open

    run(stack, make_rig, scenario)


def test_a_taken_port_is_an_error_with_advice(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    async def scenario(rig: Rig, edge: Edge) -> None:
        del rig
        with socket.create_server(("127.0.0.1", int(edge.url.rpartition(":")[2]))):
            with pytest.raises(LocalError, match="address already in use") as caught:
                await edge.open()
            assert "--port" in caught.value.hint

    run(stack, make_rig, scenario)
