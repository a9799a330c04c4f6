"""The entry point and the Services' own addresses: one Caddy."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import httpx

from local.backends.wait import until_ready
from local.cluster.cluster import Cluster, Upstream
from local.edge.firewall import Route
from local.edge.names import ServiceNames
from local.edge.rendered import EdgeRoutes
from local.errors import LocalError
from local.layout import StackLayout
from local.loopback import loopback_client
from local.processes.child import Child, Command
from local.processes.ports import free_port, loopbacks
from local.processes.supervisor import Supervisor

_PING = "/api/v1/ping"
"""The only path whose answer says that Flowise, and not its catch-all page, is there."""
_GRACE = "180s"
"""How long a request in flight outlives a new configuration."""
_EDGE = "edge"
_UNAVAILABLE: Mapping[str, Any] = {"handler": "static_response", "status_code": 503, "body": "no pod is ready\n"}
"""What a load balancer answers without a healthy target."""
_VIEWER: Mapping[str, list[str]] = {"X-Forwarded-Proto": ["https"]}
"""The load balancer's own listener is HTTPS, which is what Flowise's Secure cookies ask for."""
_NAMELESS: Sequence[Mapping[str, Any]] = (
    {"handler": "headers", "response": {"delete": ["Server"]}},  # at once: errors of Caddy's own have it too
    {"handler": "headers", "response": {"deferred": True, "delete": ["Via"]}},  # added to what a pod has answered
)
"""On AWS nobody is told that there is a Caddy."""


@final
class Edge:
    """Sends traffic to the pods that are ready, and to nobody else."""

    def __init__(self, port: int, cluster: Cluster, stack: StackLayout, supervisor: Supervisor) -> None:
        self._port = port
        self._cluster = cluster
        self._stack = stack
        self._supervisor = supervisor
        self._log = stack.logs / "caddy.log"
        self._admin = f"127.0.0.1:{free_port()}"
        self._child: Child | None = None
        self._open = False
        self._routes = EdgeRoutes()
        self._names = ServiceNames(self._endpoints)
        self._loaded: dict[str, Any] = {}
        self._stale = asyncio.Event()
        self._loading = asyncio.Lock()
        self._updates: asyncio.Task[None] | None = None
        self.url = f"http://localhost:{port}"
        """Where a browser finds Flowise. Plain HTTP: browsers keep Secure cookies of localhost."""

    async def start(self) -> None:
        """Start Caddy with the Services' addresses; the edge stays closed."""
        self._supervisor.watch("caddy", await self._run(), self._log, self._restart)
        self._cluster.on_change = self._stale.set
        self._updates = asyncio.create_task(self._keep_current())

    @property
    def port(self) -> int:
        """Port of localhost on which it listens once it is open."""
        return self._port

    @property
    def is_open(self) -> bool:
        """Whether it listens on its port."""
        return self._open

    @property
    def not_emulated(self) -> Sequence[str]:
        """Names of the firewall's rules that only AWS can apply."""
        return self._routes.not_emulated

    async def open(self, routes: EdgeRoutes | None = None) -> None:
        """Listen on the edge's port; without routes everything goes to the pods.

        Raises `LocalError` when another program took the port meanwhile.
        """
        self._open = True
        self._routes = routes or self._routes
        await self._load()

    async def close(self) -> None:
        """Stop listening on the edge's port."""
        self._open = False
        if self._child:
            await self._load()

    async def answers(self) -> bool:
        """Whether Flowise answers through the edge."""
        async with loopback_client(5) as client:
            try:
                return (await client.get(self.url + _PING)).text == "pong"
            except httpx.HTTPError:
                return False

    async def wait(self, seconds: float = 60) -> None:
        """Wait until Flowise answers through the edge."""
        await until_ready("Flowise (through the edge)", self.answers, log=self._log, seconds=seconds)

    async def _run(self) -> Child:
        home = self._stack.dir / "caddy"
        home.mkdir(mode=0o700, exist_ok=True)
        command = Command(
            argv=(str(Path(sys.executable).with_name("caddy")), "run"),
            env={"PATH": "/usr/bin:/bin", "HOME": str(home), "CADDY_ADMIN": self._admin},
            cwd=home,
        )
        self._child = await Child.start(command, log=self._log, registry=self._stack.children)
        await until_ready("caddy", self._has_admin, log=self._log, child=self._child)
        return self._child

    async def _restart(self) -> Child:
        child = await self._run()
        await self._load()
        return child

    async def _has_admin(self) -> bool:
        async with loopback_client(2) as client:
            try:
                return (await client.get(f"http://{self._admin}/config/")).is_success
            except httpx.HTTPError:
                return False

    async def _keep_current(self) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            if self._configuration() == self._loaded:
                continue  # Caddy asks for the pods themselves
            try:
                await self._load()
            except (LocalError, httpx.HTTPError):
                await asyncio.sleep(1)  # Caddy is being restarted, which loads it as well
                self._stale.set()

    async def _load(self) -> None:
        async with self._loading:
            configuration = self._configuration()
            response = await self._post(configuration)
        self._loaded = configuration if response.is_success else {}
        if not response.is_success:
            hint = f"When its port is taken: stop what listens on {self._port}, or choose another with --port."
            raise LocalError(f"Caddy refuses its configuration: {response.text.strip()}", hint=hint, log=self._log)

    async def _post(self, configuration: dict[str, Any]) -> httpx.Response:
        # A load replaces the admin server as well, which may hang up on the next one.
        async with loopback_client(10, retries=3) as client:
            for _ in range(5):
                try:
                    return await client.post(f"http://{self._admin}/load", json=configuration)
                except (httpx.RemoteProtocolError, httpx.ReadError):
                    await asyncio.sleep(0.05)
            return await client.post(f"http://{self._admin}/load", json=configuration)

    def _configuration(self) -> dict[str, Any]:
        servers = {
            upstream.listener.address: _server([upstream.listener.address], self._proxy(_name(upstream)))
            for upstream in self._cluster.upstreams()
        }
        if self._open:
            addresses = [f"{host}:{self._port}" for host in loopbacks()]
            servers[_EDGE] = _server(addresses, self._proxy(_EDGE), self._routes.routes)
        return {
            "admin": {"listen": self._admin, "config": {"persist": False}},
            "apps": {"http": {"servers": servers, "grace_period": _GRACE}},
        }

    def _endpoints(self, service: str) -> Sequence[str]:
        """Return the ready pods behind the edge, or behind a Service's port."""
        if service == _EDGE:
            return self._cluster.exposed() or []
        found = [each.endpoints for each in self._cluster.upstreams() if _name(each) == service]
        return found[0] if found else []

    def _proxy(self, service: str) -> Mapping[str, Any]:
        """Return what sends requests to the ready pods, or refuses them while there is none."""
        if not self._endpoints(service):
            return _UNAVAILABLE
        # flush_interval: a stream's events go out at once.
        proxy: dict[str, Any] = {"handler": "reverse_proxy", "flush_interval": -1, **self._names.upstreams(service)}
        if service == _EDGE:
            proxy["headers"] = {"request": {"set": _VIEWER}}
            if (seconds := self._routes.read_timeout_seconds) is not None:
                # As CloudFront ends a request: 504 before the first byte of the answer, a closed connection after it.
                # The time is between bytes, so that a stream with heartbeats goes on (CloudFront API reference,
                # VpcOriginConfig).
                limit = f"{seconds:g}s"
                proxy["transport"] |= {"response_header_timeout": limit, "read_timeout": limit}
        return proxy

    async def stop(self) -> None:
        """Stop Caddy."""
        if self._updates:
            self._updates.cancel()
        if self._child:
            await self._child.stop(grace=5)
        self._names.close()


def _name(upstream: Upstream) -> str:
    """Name a Service's port by the port of this machine, which no other has."""
    return upstream.listener.address.rpartition(":")[2]


def _server(listen: list[str], last: Mapping[str, Any], routes: Sequence[Route] = ()) -> dict[str, Any]:
    return {
        "listen": listen,
        "automatic_https": {"disable": True},
        "routes": [{"handle": _NAMELESS}, *routes, {"handle": [last]}],
    }
