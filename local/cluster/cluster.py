"""The cluster as the program sees it: objects come in, workloads run."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

from analysis.recorder import Created, Request
from components.common.catalogue import KUBERNETES
from local.cluster.deployment import Deployment
from local.cluster.node import Node
from local.cluster.pod import Pod
from local.cluster.services import Listener, Services
from local.cluster.store import KubernetesObject, Store, items_of, kind_of, outputs_of, part_of, to_object
from local.cluster.workloads import can_run, run_job
from local.errors import LocalError
from local.events import EventLog
from local.observe.rendered import keep_in_files


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A local port and the pods behind it."""

    listener: Listener
    endpoints: Sequence[str]


@final
class Cluster:
    """Runs on the daemon's event loop."""

    def __init__(self, node: Node, store: Store, services: Services, events: EventLog, *, replicas: int) -> None:
        """`replicas` caps every Deployment."""
        self._node = node
        self._store = store
        self._services = services
        self._events = events
        self.replicas = replicas
        """Most pods of one Deployment."""
        self._deployments: list[Deployment] = []
        self._backend: _Backend | None = None
        self.on_change: Callable[[], None] = lambda: None
        """Called when a Service or the pods behind it changed."""

    async def create(self, request: Request) -> Created | None:
        """Make an object; returns when a Job succeeded, when a Deployment is ready. None for what is only recorded."""
        kind, entry = kind_of(request.type), KUBERNETES.get(request.type)
        if entry is None or entry.local == "recorded":
            return None
        new = to_object(request)
        if entry.local == "run" and not can_run(new, self._node.platform):
            return None
        if self._node.platform.collector:
            new = keep_in_files(new, self._node.stack.telemetry)
        self._store.put(new)
        if kind == "Service":
            self._services.add(new)
            self.on_change()
        elif entry.local == "entry":
            self._backend = _backend(new)  # the Service itself may come later
        elif kind == "Job":
            with self._events.phase(f"job {new.name}"):
                await run_job(new, self._node)
        elif kind == "Deployment":
            with self._events.phase(f"deployment {new.name}"):
                await self._deploy(new)
        return Created(id=new.id, outputs=outputs_of(new), backing="process")

    async def _deploy(self, new: KubernetesObject) -> None:
        deployment = Deployment(new, self._node, replicas=self.replicas)
        self._deployments.append(deployment)
        await deployment.start()

    def deployment(self, name: str) -> Deployment:
        """Return the Deployment of this name, which may be without its prefix; raises `LocalError` for another."""
        found = [each for each in self._deployments if name in (each.name, each.name.rpartition("-")[2])]
        if len(found) != 1:
            known = ", ".join(each.name for each in self._deployments) or "none"
            raise LocalError(f"there is no Deployment called '{name}'", hint=f"There are: {known}.")
        return found[0]

    def wake(self) -> None:
        """A pod became ready or unready."""
        for deployment in self._deployments:
            deployment.wake()
        self.on_change()

    def upstreams(self) -> list[Upstream]:
        """Return every Service port with its ready pods."""
        return [Upstream(listener=each, endpoints=self._endpoints(each)) for each in self._services.listeners]

    def exposed(self) -> list[str] | None:
        """Return the ready pods behind the load balancer; None when nothing binds a Service to it."""
        listener = self._services.find(self._backend.service, self._backend.port) if self._backend else None
        return None if listener is None else self._endpoints(listener)

    def _endpoints(self, listener: Listener) -> list[str]:
        return self._services.endpoints(listener, self.pods)

    @property
    def pods(self) -> list[Pod]:
        """All pods of all Deployments."""
        return [pod for deployment in self._deployments for pod in deployment.pods]

    async def simulate_loss(self) -> None:
        """Lose everything in it: pods, ConfigMaps, Secrets. It can be made again by a new start only."""
        await self.stop()
        self._deployments.clear()
        self._store.clear()
        self.on_change()

    async def stop(self) -> None:
        """Stop every pod, all at the same time."""
        await asyncio.gather(*(deployment.stop() for deployment in self._deployments))


class _Backend(NamedTuple):
    """The Service behind the load balancer."""

    service: str
    port: int | str | None


def _backend(new: KubernetesObject) -> _Backend:
    """Read it from a TargetGroupBinding, or from the first path of an Ingress."""
    if new.kind == "TargetGroupBinding":
        reference = part_of(new.spec, "serviceRef")
        return _Backend(f"{new.namespace}/{reference['name']}", reference.get("port"))
    paths = [path for rule in items_of(new.spec, "rules") for path in items_of(part_of(rule, "http"), "paths")]
    backend = part_of(paths[0], "backend") if paths else part_of(new.spec, "defaultBackend")
    service = part_of(backend, "service")
    port = part_of(service, "port")
    return _Backend(f"{new.namespace}/{service['name']}", port.get("number") or port.get("name"))
