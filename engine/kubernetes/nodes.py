"""Stands for the nodes of a cluster, and for the controller of its ingresses.

Pods become ready, those of Jobs succeed, ingresses get an address, and no container runs.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, Self, cast, final

import httpx

from engine.kubernetes.client import Client

_PAUSE_SECONDS: Final = 0.3
_INGRESSES: Final = "/apis/networking.k8s.io/v1/ingresses"
_STARTED: Final = "2026-01-01T00:00:00Z"


@final
class Nodes:
    """Gives every pod the status that a kubelet would report when all goes well, and every ingress an address."""

    def __init__(self, admin: Client) -> None:
        self.failing: set[str] = set()
        """Beginnings of the names of pods that fail, such as `flowise-migration`."""
        self._admin = admin
        self._ended = threading.Event()
        self._addresses: dict[str, str] = {}

    @contextmanager
    def running(self) -> Generator[Self]:
        """Look after the pods until the context ends."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE_SECONDS):
            try:
                for pod in cast("list[dict[str, Any]]", self._admin.get("/api/v1/pods").json().get("items", [])):
                    self._look_after(pod)
                for ingress in cast("list[dict[str, Any]]", self._admin.get(_INGRESSES).json().get("items", [])):
                    self._publish(ingress)
            except httpx.TransportError:
                continue  # the server is busy, or ends

    def _look_after(self, pod: dict[str, Any]) -> None:
        metadata, phase = pod["metadata"], pod["status"].get("phase")
        path = f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
        if "deletionTimestamp" in metadata:
            self._admin.delete(f"{path}?gracePeriodSeconds=0")
        elif phase == "Pending":
            self._admin.merge(f"{path}/status", {"status": self._status(pod)})

    def _publish(self, ingress: dict[str, Any]) -> None:
        metadata = ingress["metadata"]
        if not ingress["status"].get("loadBalancer"):
            path = f"{_INGRESSES.removesuffix('/ingresses')}/namespaces/{metadata['namespace']}/ingresses"
            balancer = {"ingress": [{"hostname": "ingress.example.com"}]}
            self._admin.merge(f"{path}/{metadata['name']}/status", {"status": {"loadBalancer": balancer}})

    def _status(self, pod: dict[str, Any]) -> dict[str, Any]:
        name = str(pod["metadata"]["name"])
        owners = cast("list[dict[str, Any]]", pod["metadata"].get("ownerReferences", []))
        ends = any(owner["kind"] == "Job" for owner in owners)
        fails = any(name.startswith(beginning) for beginning in self.failing)
        address = self._addresses.setdefault(
            name, f"10.0.{len(self._addresses) // 250}.{len(self._addresses) % 250 + 1}"
        )
        state = (
            {"terminated": {"exitCode": int(fails), "startedAt": _STARTED, "finishedAt": _STARTED}}
            if ends or fails
            else {"running": {"startedAt": _STARTED}}
        )
        phase = "Failed" if fails else "Succeeded" if ends else "Running"
        ready = "True" if phase == "Running" else "False"
        return {
            "phase": phase,
            "podIP": address,
            "podIPs": [{"ip": address}],
            "startTime": _STARTED,
            "conditions": [
                {"type": kind, "status": ready if kind in {"Ready", "ContainersReady"} else "True"}
                for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
            ],
            "containerStatuses": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "imageID": container["image"],
                    "ready": phase == "Running",
                    "started": phase == "Running",
                    "restartCount": 0,
                    "state": state,
                }
                for container in pod["spec"]["containers"]
            ],
        }
