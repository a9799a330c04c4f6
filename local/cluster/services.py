"""Services: names, addresses and the ready pods behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from local.cluster.pod import Pod
from local.cluster.rewrite import Resolve
from local.cluster.store import KubernetesObject, items_of, part_of
from local.processes.ports import free_port

_DOMAIN = "cluster.local"


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Where a Service's port is reached on this machine."""

    service: str
    """`namespace/name`."""
    port: int
    """The Service's own port."""
    target: int | str
    """Container port, by number or name."""
    address: str
    """Local `host:port`."""


@final
class Services:
    """All Services of the cluster."""

    def __init__(self) -> None:
        self._services: dict[str, KubernetesObject] = {}
        self._listeners: dict[tuple[str, int], Listener] = {}

    def add(self, service: KubernetesObject) -> None:
        """Give each port of a new Service a local one."""
        self._services[service.id] = service
        for entry in items_of(service.spec, "ports"):
            port = int(entry["port"])
            self._listeners[service.id, port] = Listener(
                service=service.id,
                port=port,
                target=entry.get("targetPort") or port,
                address=f"127.0.0.1:{free_port()}",
            )

    @property
    def listeners(self) -> Sequence[Listener]:
        """Every port of every Service."""
        return list(self._listeners.values())

    def endpoints(self, listener: Listener, pods: Sequence[Pod]) -> list[str]:
        """Return `host:port` of the ready pods behind a listener."""
        service = self._services[listener.service]
        selector = part_of(service.spec, "selector")
        return [
            f"{pod.address}:{port}"
            for pod in pods
            if selector
            and pod.ready
            and pod.namespace == service.namespace
            and selector.items() <= pod.labels.items()
            and (port := pod.port(listener.target)) is not None
        ]

    def find(self, service_id: str, port: int | str | None) -> Listener | None:
        """Return the listener of a Service's port, given by number or name; the first one for None."""
        service = self._services.get(service_id)
        if service is None:
            return None
        for entry in items_of(service.spec, "ports"):
            if port is None or port in (entry["port"], entry.get("name"), str(entry["port"])):
                return self._listeners[service_id, int(entry["port"])]
        return None

    def resolver(self, namespace: str) -> Resolve:
        """Return the cluster's DNS as a pod of this namespace sees it."""

        def resolve(host: str, port: int | None) -> str | None:
            labels = host.removesuffix(".").removesuffix(f".{_DOMAIN}").split(".")
            if len(labels) > 1 and labels[-1] == "svc":
                labels.pop()
            if len(labels) > 2:  # noqa: PLR2004  # name and namespace
                return None
            name, home = labels[0], labels[1] if len(labels) > 1 else namespace
            listener = self._listeners.get((f"{home}/{name}", port or 80))
            return listener.address if listener else None

        return resolve
