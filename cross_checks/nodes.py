"""Nodes and the pods that are to fit."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings, ServerSettings
from components.nodes import NodesSettings
from components.observability import AGENT_REQUEST, ObservabilitySettings
from components.telemetry import FLUENTD_MILLICORES, TelemetrySettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _pods_without_a_node(sections)


def _pods_without_a_node(sections: Mapping[str, Any]) -> Iterable[str]:
    """A pod that fits no node which may be made waits for one, and `pulumi up` with it, until both give up."""
    app = cast(AppSettings | None, sections.get("app"))
    nodes = cast(NodesSettings | None, sections.get("nodes"))
    if not app or not nodes:
        return
    telemetry = cast(TelemetrySettings | None, sections.get("telemetry"))
    observability = cast(ObservabilitySettings | None, sections.get("observability"))
    everywhere = [
        *([(FLUENTD_MILLICORES, telemetry.logs.memory_mib)] if telemetry and telemetry.logs else []),
        *([AGENT_REQUEST] if observability and observability.container_insights else []),
    ]
    for name in ("server", "worker") if sections.get("queue") else ("server",):
        pod = cast(ServerSettings, getattr(app, name))
        wanted = pod.cpu_millicores + sum(cpu for cpu, _ in everywhere), pod.memory_mib + sum(m for _, m in everywhere)
        if why := nodes.too_small_for(*wanted):
            yield (
                f"app.{name}: a pod of cpu_millicores {pod.cpu_millicores} and memory_mib {pod.memory_mib} fits no "
                f"node that flowise:nodes allows: with what runs on every node it takes {wanted[0]:,} millicores and "
                f"{wanted[1]:,} MiB, and {why}"
            )
