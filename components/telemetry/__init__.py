"""Telemetry: traces, metrics and logs of the cluster, on their way to whoever keeps them."""

from dataclasses import dataclass
from typing import final

import pulumi

from components.common.connections import ClusterAccess, DatabaseConnection, QueueConnection, TelemetryAccess
from components.common.context import NetworkAddresses, StackContext
from components.telemetry.collector import Collector, CollectorArgs
from components.telemetry.settings import TelemetrySettings

__all__ = ["Telemetry", "TelemetryArgs", "TelemetrySecrets", "TelemetrySettings"]


@dataclass(frozen=True, kw_only=True)
class TelemetrySecrets:
    """Secrets that people bring."""

    otlp_authorization: pulumi.Output[str] | None
    """Value of the Authorization header for another collector."""
    datadog_api_key: pulumi.Output[str] | None


@dataclass(frozen=True, kw_only=True)
class TelemetryArgs:
    """What a stack decides about its telemetry, and what it looks at."""

    settings: TelemetrySettings
    stack: StackContext
    cluster: ClusterAccess
    addresses: NetworkAddresses
    database: DatabaseConnection
    queue: QueueConnection | None
    secrets: TelemetrySecrets


@final
class Telemetry(pulumi.ComponentResource):
    """OpenTelemetry Collector, Fluentd and Datadog's agents, as far as the stack wants them.

    Each has a namespace of its own with its own network policies. Flowise runs without any of them.
    """

    access: TelemetryAccess | None
    """Where Flowise sends traces and metrics; None: nowhere."""

    def __init__(self, resource_name: str, args: TelemetryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:observability:Telemetry", resource_name, None, opts)
        settings = args.settings
        self.access = None
        if settings.traces:
            collector = CollectorArgs(
                settings=settings.traces,
                stack=args.stack,
                cluster=args.cluster,
                addresses=args.addresses,
                otlp_authorization=args.secrets.otlp_authorization,
                datadog=None,
            )
            self.access = Collector(f"{resource_name}-collector", collector, self).access
        self.register_outputs({"endpoint": self.access and self.access.endpoint, "namespaces": ["observability"]})
