"""A whole environment from a small program: no Flowise, no packages, no AWS resources; everything else as it is."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pulumi
import pytest

from analysis.recorder import Provider
from analysis.stackfiles import StackConfig
from analysis.synthetic import SyntheticProvider
from local import daemon as daemons
from local import environment as environments
from local.cloud import LocalProvider
from local.daemon import Daemon
from local.environment import LocalEnvironment
from local.events import Event, EventLog, read_events
from local.layout import Layout
from local.packages import Packages
from local.processes.child import living
from local.processes.ports import free_port
from tests.local.rig import NODE_BIN, SERVER, container, server, shell, template, until

OWNER = [
    {"name": "FLOWISE_URL", "value": "http://flowise.flowise:3000"},
    {"name": "FLOWISE_OWNER_EMAIL", "value": "owner@example.com"},
    {"name": "FLOWISE_OWNER_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "password"}}},
]


def kubernetes(type_: str, name: str, depends_on: list[pulumi.Resource] | None = None, **body: Any) -> pulumi.Resource:
    metadata = {"name": name, "namespace": "flowise"}
    options = pulumi.ResourceOptions(depends_on=depends_on or [])
    return pulumi.CustomResource(f"kubernetes:{type_}", name, {"metadata": metadata, **body}, options)


def program() -> None:
    """Password, owner Job after the server, edge after the owner: the order of the real program."""
    secret = kubernetes("core/v1:Secret", "keys", stringData={"password": "first-p4ssword"})
    ports = [{"port": 3000, "targetPort": "http"}]
    service = kubernetes("core/v1:Service", "flowise", spec={"selector": {"app": "flowise"}, "ports": ports})
    binding = {"serviceRef": {"name": "flowise", "port": 3000}}
    bound = kubernetes("eks.amazonaws.com/v1:TargetGroupBinding", "flowise", [service], spec=binding)
    main = server()
    main["command"] = ["sh", "-c", "touch $HOME/ready; exec node /opt/flowise/server.cjs"]
    pods = template(main, volumes=[{"name": "home", "emptyDir": {}}], terminationGracePeriodSeconds=2)
    deployment = kubernetes("apps/v1:Deployment", "server", [bound, secret], spec={"replicas": 1, "template": pods})
    script = "fetch(process.env.FLOWISE_URL + '/api/v1/ping').then((r) => r.text()).then(console.log)"
    owner = template(container("owner", "node", "-e", script, env=OWNER), restartPolicy="Never")
    job = kubernetes("batch/v1:Job", "owner", [deployment], spec={"template": owner, "backoffLimit": 3})
    edge = pulumi.ResourceOptions(depends_on=[job])
    behavior = {"defaultCacheBehavior": {"allowedMethods": ["GET", "HEAD"]}}
    pulumi.CustomResource("aws:cloudfront/distribution:Distribution", "edge", behavior, edge)


def broken_program() -> None:
    """A Job that fails."""
    failing = template(shell("main", "echo no database; exit 4"), restartPolicy="Never")
    kubernetes("batch/v1:Job", "migrate", spec={"template": failing, "backoffLimit": 0})


def hanging_program() -> None:
    """A Job that never ends."""
    endless = template(shell("main", "exec sleep 600"), restartPolicy="Never", terminationGracePeriodSeconds=1)
    kubernetes("batch/v1:Job", "migrate", spec={"template": endless, "backoffLimit": 0})


@pytest.fixture
def layout(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    layout = Layout(root=directory)
    for path in (layout.tools, layout.image):
        path.mkdir()
    (layout.tools / "bin").symlink_to(NODE_BIN)
    (layout.image / "server.cjs").write_text(SERVER)

    class Installed:
        def __init__(self, *_: object) -> None:
            pass

        async def prepare(self, _: object) -> Packages:
            return Packages(node_bin=layout.tools / "bin", postgres=directory, image=layout.image)

    monkeypatch.setattr(environments, "Installer", Installed)
    return layout


def synthetic(region: str, endpoint: str) -> Provider:
    del endpoint
    return SyntheticProvider(region)


def run(
    layout: Layout,
    program: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    look: Callable[[Daemon, Callable[[], list[Event]]], Any],
) -> tuple[int, list[Event]]:
    """Run the daemon; `look` watches it and stops it."""
    monkeypatch.setattr(daemons, "run_main", program)
    stack = layout.stack("dev")
    stack.make()
    events = EventLog(stack.events)
    config = StackConfig(project="flowise", stack="dev", values={}, secret_keys=())

    async def main() -> int:
        region, port = "eu-central-1", free_port()
        local_env = LocalEnvironment(
            layout, stack, events, region=region, port=port, replicas=1, observe=False, aws=synthetic
        )
        cloud = LocalProvider(local_env, SyntheticProvider(region), asyncio.get_running_loop(), local_env.clients)
        daemon = Daemon(stack, config, events)
        running = asyncio.create_task(daemon.run(local_env, cloud))
        await look(daemon, lambda: read_events(stack.events))
        return await running

    code = asyncio.run(main())
    events.close()
    assert living(stack.children) == []
    assert not stack.daemon.exists()
    return code, read_events(stack.events)


def test_it_comes_up_in_order_and_goes_down_without_a_trace(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    urls: list[str] = []

    async def look(daemon: Daemon, events: Callable[[], list[Event]]) -> None:
        await until(lambda: any(event["kind"] in {"ready", "failed"} for event in events()))
        ready = events()[-1]
        urls.append(ready["url"])
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"{ready['url']}/api/v1/ping")).text == "pong"
        daemon.stop()

    code, events = run(layout, program, monkeypatch, look)
    assert code == 0
    done = [event["name"] for event in events if event["kind"] == "phase" and event["state"] == "done"]
    assert [name for name in done if name not in {"packages", "moto", "services"}] == [
        "deployment server",
        "job owner",
        "edge",
        "program",
    ]
    ready = next(event for event in events if event["kind"] == "ready")
    assert ready["components"] == [{"component": "(stack)", "type": "", "moto": 0, "process": 6, "recorded": 0}]
    owner = Path(ready["owner"])
    assert owner.stat().st_mode & 0o777 == 0o600
    assert "first-p4ssword" in owner.read_text()
    written = [path.read_text() for path in (layout.root / "dev").rglob("*.[jl]*") if path.is_file()]
    assert written
    assert not any("first-p4ssword" in text for text in written)
    with pytest.raises(httpx.ConnectError):
        httpx.get(urls[0], trust_env=False)


def test_a_failure_says_what_where_and_what_to_do(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(_daemon: Daemon, _events: Callable[[], list[Event]]) -> None:
        await asyncio.sleep(0)

    code, events = run(layout, broken_program, monkeypatch, look)
    assert code == 1
    failed = next(event for event in events if event["kind"] == "failed")
    assert "Job flowise/migrate failed (container main, exit code 4" in failed["message"]
    assert failed["tail"] == ["no database"]
    assert failed["log"].endswith("migrate-0.main.log")
    assert failed["hint"]


def test_a_start_can_be_interrupted(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    async def look(daemon: Daemon, events: Callable[[], list[Event]]) -> None:
        await until(lambda: any(event["kind"] == "pod" and event["state"] == "started" for event in events()))
        daemon.stop()

    code, events = run(layout, hanging_program, monkeypatch, look)
    assert code == 0
    assert not [event for event in events if event["kind"] in {"ready", "failed"}]
