"""The environment: everything that runs, started as the program asks for it, stopped in order."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, final

from analysis.recorder import Provider
from local.backends.authority import Authority
from local.backends.aws import AwsClients
from local.backends.databases import Databases, Wanted
from local.backends.moto import Moto
from local.backends.objects import ObjectStore
from local.backends.random_values import RandomValues
from local.backends.valkey import Valkey
from local.cluster.cluster import Cluster
from local.cluster.node import Node
from local.cluster.platform import Platform
from local.cluster.services import Services
from local.cluster.store import Store
from local.edge import Edge, EdgeRoutes
from local.errors import LocalError
from local.events import EventLog
from local.identity import PodIdentityAgent
from local.layout import Layout, StackLayout
from local.packages import Installer, Packages
from local.processes.ports import PodNetwork
from local.processes.supervisor import Supervisor
from local.requests import ControlRequest, take
from local.running import write_running
from local.state import State

T = TypeVar("T")
_SAVE_SECONDS = 10
"""How much of the buckets a killed daemon can lose."""


@final
class LocalEnvironment:
    """One stack on this machine. Lives on the daemon's event loop."""

    def __init__(
        self,
        layout: Layout,
        stack: StackLayout,
        events: EventLog,
        *,
        region: str,
        port: int,
        replicas: int,
        observe: bool,
        aws: Callable[[str, str], Provider],
    ) -> None:
        """`aws` makes the AWS side for a region and the endpoint of a moto server; `port` is the edge's.

        With `observe` the Collector's pods run.
        """
        self._layout = layout
        self._stack = stack
        self._events = events
        self._aws = aws
        self._region = region
        self._observe = observe
        self.supervisor = Supervisor(events)
        self._authority = Authority(layout.ca)
        self._endpoints: dict[str, str | int] = {}
        self._network = PodNetwork(str(stack.dir))
        self._moto = Moto(stack, self.supervisor)
        self.clients = AwsClients(self._moto.url, region)
        self._agent = PodIdentityAgent(self.clients, region)
        self._state = State(stack.state)
        self._serving: set[asyncio.Task[None]] = set()
        self._databases = Databases(
            stack,
            supervisor=self.supervisor,
            authority=self._authority,
            state=self._state,
            aws=self.clients,
            events=events,
        )
        self._caches: list[Valkey] = []
        self.store = Store()
        self.objects = ObjectStore(stack.objects, self.clients)
        self.random = RandomValues(self._state)
        services = Services()
        # Paths are known before what lies there is installed: `ready_for_pods` waits for that.
        platform = Platform(
            node_bin=layout.tools / "bin",
            image=layout.image,
            aws_endpoint=self._moto.url,
            region=region,
            collector=layout.collector if observe else None,
        )
        node = Node(
            store=self.store,
            platform=platform,
            network=self._network,
            agent=self._agent,
            stack=stack,
            notify=self._on_pod,
            changed=self._on_change,
            resolve=services.resolver,
            as_root=os.geteuid() == 0,
        )
        self.cluster = Cluster(node, self.store, services, events, replicas=replicas)
        self.edge = Edge(port, self.cluster, stack, self.supervisor)
        self._announce("aws", self._moto.url)
        self._saving: asyncio.Task[None] | None = None
        self._packages = self._begin(self._prepare_packages())
        self._aws_side = self._begin(self._start_moto())
        self._network_side = self._begin(self._start_network())

    def _begin(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Start a part at once; its failure ends the environment even while nobody waits for it."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._report)
        return task

    def _report(self, task: "asyncio.Task[Any]") -> None:
        if not task.cancelled() and (error := task.exception()):
            self.supervisor.fail(error)

    async def _prepare_packages(self) -> Packages:
        installer = Installer(self._layout, self._stack.logs / "packages.log", self._events, self._stack.children)
        with self._events.phase("packages"):
            packages = await installer.prepare(self._authority)
            if self._observe:
                await installer.prepare_collector()
            return packages

    async def _start_moto(self) -> Provider:
        with self._events.phase("moto"):
            await self._moto.start()
        self._saving = asyncio.create_task(self._keep_objects())
        return await asyncio.to_thread(self._aws, self._region, self._moto.url)

    async def _start_network(self) -> None:
        with self._events.phase("services"):
            await asyncio.gather(self._agent.start(), self.edge.start())

    async def _keep_objects(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_SECONDS)
            await asyncio.to_thread(self.objects.save)

    def _on_pod(self, pod: str, container: str, state: str, detail: str) -> None:
        self._events.emit("pod", pod=pod, container=container, state=state, detail=detail)

    def _announce(self, name: str, endpoint: str | int) -> None:
        """Say where a part listens, for commands and for people who look: URL of AWS, ports of the data stores."""
        self._endpoints[name] = endpoint
        write_running(self._stack, port=self.edge.port, url=self.edge.url, endpoints=self._endpoints)

    def _on_change(self) -> None:
        self.cluster.wake()

    # What the cloud asks for (`local.cloud.EnvironmentServices`).

    async def moto(self) -> Provider:
        """Return the AWS side once its server answers."""
        return await asyncio.shield(self._aws_side)

    async def postgres(self, wanted: Wanted) -> int:
        """Start a database; return its port."""
        packages = await asyncio.shield(self._packages)
        with self._events.phase(f"postgres {wanted.name}"):
            port = await self._databases.start(wanted, packages.postgres)
        self._announce(wanted.name, port)
        return port

    async def valkey(self, name: str, token: str) -> int:
        """Start a cache; return its TLS port."""
        with self._events.phase(f"valkey {name}"):
            new = Valkey(name, self._stack, self.supervisor, self._authority)
            self._caches.append(new)
            await new.start(token)
        self._announce(name, new.port)
        return new.port

    async def ready_for_pods(self) -> None:
        """Wait for what every pod needs."""
        await asyncio.gather(asyncio.shield(self._packages), asyncio.shield(self._network_side))

    def associate(self, namespace: str, service_account: str, role_arn: str) -> None:
        """Give a service account a role."""
        self._agent.associate(namespace, service_account, role_arn)

    async def open_edge(self, routes: EdgeRoutes | None = None) -> None:
        """Open the entry point, by way of a distribution's routes if there is one.

        Raises `LocalError` when nothing is bound to the load balancer.
        """
        await asyncio.shield(self._network_side)
        if self.cluster.exposed() is None:
            hint = "A TargetGroupBinding or an Ingress must name the Service before the edge is made."
            raise LocalError("the edge leads nowhere: no Service is bound to the load balancer", hint=hint)
        with self._events.phase("edge"):
            await self.edge.open(routes)
            await self.edge.wait()

    def serve(self) -> None:
        """Do what commands ask for, each on its own."""
        for request in take(self._stack):
            task = asyncio.create_task(self._serve(request))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, request: ControlRequest) -> None:
        state, message, hint = "done", "", ""
        try:
            with self._events.phase(f"{request.operation} {request.target}"):
                await self._do(request)
        except LocalError as error:
            state, message, hint = "failed", error.message, error.hint
        self._events.emit("request", id=request.id, state=state, message=message, hint=hint)

    async def _do(self, request: ControlRequest) -> None:
        match request.operation:
            case "restart":
                await self.cluster.deployment(request.target).restart()
            case "scale":
                await self.cluster.deployment(request.target).scale(int(request.amount))
            case "outage":
                await self.supervisor.outage(request.target, request.amount)
            case "snapshot":
                await self._databases.snapshot(request.target)
            case "simulate-loss":
                await self._lose(request.target)

    async def _lose(self, what: str) -> None:
        """Do what a disaster does; what the program and its state know is all that is left."""
        if what == "namespace":
            await self.cluster.simulate_loss()
        else:
            self._databases.simulate_loss(what)

    async def stop(self) -> None:
        """Close the edge, stop the pods, then what they use, the database last. Never raises."""
        every: list[asyncio.Task[Any] | None] = [
            *self._serving,
            self._packages,
            self._aws_side,
            self._network_side,
            self._saving,
        ]
        parts = [task for task in every if task]
        for task in parts:
            task.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await self.supervisor.close()
        for step in (
            self.edge.close,
            self.cluster.stop,
            self._save,
            self.edge.stop,
            self._agent.stop,
            *(cache.stop for cache in self._caches),
            self._moto.stop,
            self._databases.stop,
        ):
            try:
                await step()
            except Exception as error:  # noqa: BLE001  # the next ones must be stopped whatever happened to this one
                self._events.emit("process", name="stop", state="failed", detail=f"{type(error).__name__}: {error}")
        self._network.close()

    async def _save(self) -> None:
        await asyncio.to_thread(self.objects.save)
