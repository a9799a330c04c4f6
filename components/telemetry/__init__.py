"""Telemetry: traces, metrics and logs of the cluster, on their way to whoever keeps them."""

from dataclasses import dataclass
from typing import final

import pulumi

from components.common.connections import ClusterAccess, DataStores, TelemetryAccess
from components.common.context import StackContext
from components.telemetry.archive import ArchiveArgs, archive_logs
from components.telemetry.collector import Collector, CollectorArgs
from components.telemetry.datadog import DatadogArgs, run_agents
from components.telemetry.fluentd import FluentdArgs, ship_logs
from components.telemetry.settings import FLUENTD_MILLICORES, TelemetrySettings

__all__ = ["FLUENTD_MILLICORES", "Telemetry", "TelemetryArgs", "TelemetrySecrets", "TelemetrySettings"]


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
    stores: DataStores
    """Stores whose metrics Datadog's agents read."""
    secrets: TelemetrySecrets


@final
class Telemetry(pulumi.ComponentResource):
    """OpenTelemetry Collector, Fluentd and Datadog's agents, as far as the stack wants them.

    Each has a namespace of its own with its own network policies. Flowise runs without any of them.
    """

    access: TelemetryAccess | None
    """Where Flowise sends traces and metrics; None: nowhere."""
    backlog: bool
    """Whether CloudWatch is told how many jobs wait in the queue."""

    def __init__(self, resource_name: str, args: TelemetryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:observability:Telemetry", resource_name, None, opts)
        settings = args.settings
        self.access = None
        datadog = None
        if settings.datadog and args.secrets.datadog_api_key is not None:
            agents = DatadogArgs(
                settings=settings.datadog,
                cluster=args.cluster,
                database=args.stores.database,
                queue=args.stores.queue,
                api_key=args.secrets.datadog_api_key,
            )
            datadog = run_agents(f"{resource_name}-datadog", agents, self)
        if settings.logs:
            fluentd = FluentdArgs(
                settings=settings.logs,
                stack=args.stack,
                cluster=args.cluster,
                datadog_site=settings.datadog.site if settings.datadog and settings.datadog.logs else None,
                datadog_api_key=args.secrets.datadog_api_key,
            )
            log_group = ship_logs(f"{resource_name}-logs", fluentd, self)
            if settings.logs.archive:
                archive = ArchiveArgs(
                    settings=settings.logs.archive,
                    stack=args.stack,
                    log_group=log_group,
                )
                archive_logs(f"{resource_name}-archive", archive, self)
        if settings.traces:
            collector = CollectorArgs(
                settings=settings.traces,
                stack=args.stack,
                cluster=args.cluster,
                otlp_authorization=args.secrets.otlp_authorization,
                datadog=datadog if "datadog" in settings.traces.exporters else None,
            )
            self.access = Collector(f"{resource_name}-collector", collector, self).access
        self.backlog = bool(args.stores.queue and settings.traces and "aws" in settings.traces.exporters)
        wanted = [name for name in ("traces", "logs", "datadog") if getattr(settings, name)]
        self.register_outputs({"parts": wanted})
