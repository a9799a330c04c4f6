"""What a stack decides about traces and metrics of Flowise."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from components.common.model import LogRetentionDays, Settings
from components.common.spelling import ImageByDigest, Spelling

FLUENTD_MILLICORES: Final = 100
"""CPU that Fluentd asks for on every node."""


class OtlpSettings(Settings):
    """Somebody else's collector, or a product that takes OTLP."""

    endpoint: Annotated[
        str,
        Spelling(
            pattern=r"^https://[\w.-]+(:\d{1,5})?(/[\w./-]*)?$",
            is_="the base URL of an OTLP endpoint over HTTPS",
            examples=["https://otlp.example.com"],
            wrong=(
                (r"^http://", "it is not encrypted (http)"),
                (r"^(?!https://)", "it has no https:// before it; OTLP over gRPC is not spoken"),
                (r"[?#]", "it has a query"),
            ),
        ),
    ]
    """Base URL for OTLP over HTTP, always with TLS; `/v1/traces` and `/v1/metrics` are added."""
    authorization: bool = False
    """Whether it wants an `Authorization` header; its value is the secret `flowise:otlp_authorization`."""

    @property
    def port(self) -> int:
        """Port of the endpoint."""
        return int(self.endpoint.removeprefix("https://").partition("/")[0].partition(":")[2] or 443)


class TracesSettings(Settings):
    """Traces and metrics of Flowise, by way of an OpenTelemetry Collector in the cluster."""

    exporters: Annotated[list[Literal["aws", "otlp", "datadog"]], Field(min_length=1, max_length=3)] = ["aws"]
    """Where they go: X-Ray and CloudWatch (`aws`), another collector (`otlp`), the Datadog agents (`datadog`)."""
    otlp: OtlpSettings | None = None
    """The other collector, for `otlp` in `exporters`."""
    sampled_percent: Annotated[float, Field(ge=0, le=100, strict=False)] = 10
    """Share of the ordinary traces that is kept. Errors and slow requests are always kept, probes never."""
    slow_seconds: Annotated[float, Field(ge=0.1, le=600, strict=False)] = 10
    """A request that takes longer is slow."""
    metrics_retention_days: LogRetentionDays = 30
    """Days to keep the log events that CloudWatch makes metrics from; the metrics themselves stay 15 months."""
    replicas: Annotated[int, Field(ge=1, le=10)] = 2
    """Collector pods. Each evaluates the part of a trace that it sees (docs/observability.md)."""
    memory_mib: Annotated[int, Field(ge=256, le=8192)] = 512
    """Memory of a Collector pod. It refuses data when 80 % are in use, and the senders try again."""
    image: ImageByDigest = (
        "docker.io/otel/opentelemetry-collector-contrib:0.160.0"
        "@sha256:799dc6cf12c96192af37b5bdba804da8c10b3bc563b43cb90c3f3c58d9572ad6"
    )
    """Image of the Collector (contrib distribution) by digest."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "otlp" in self.exporters and self.otlp is None:
            raise ValueError("exporters has otlp, but there is no otlp.endpoint to send to; add it, or remove otlp")
        if self.otlp is not None and "otlp" not in self.exporters:
            raise ValueError("otlp.endpoint is set, but nothing is sent there; add otlp to exporters, or remove otlp")
        return self


class ArchiveSettings(Settings):
    """Copies of the logs in S3, where a GB costs little and nobody asks for one every day."""

    retention_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """Days until a copy is deleted."""


class LogsSettings(Settings):
    """Logs of all containers of the cluster, by way of Fluentd on every node."""

    retention_days: LogRetentionDays = 30
    """Days to keep them in CloudWatch Logs."""
    archive: ArchiveSettings | None = None
    """Copies in a bucket of their own, by a subscription of the log group; none given: no copies."""
    buffer_mib: Annotated[int, Field(ge=64, le=10240)] = 512
    """Disk of a node for what cannot be sent, for each receiver. When it is full, reading waits until there is room."""
    memory_mib: Annotated[int, Field(ge=256, le=4096)] = 512
    """Memory of a Fluentd pod."""
    image: ImageByDigest = (
        "docker.io/fluent/fluentd-kubernetes-daemonset:v1.19.3-debian-cloudwatch-1.1"
        "@sha256:268c29d7908ce779e200cf08d26e3ab52c0eb965fdae51e8d424730c0e311166"
    )
    """Image of Fluentd (its DaemonSet image for CloudWatch) by digest."""


class DatadogSettings(Settings):
    """Datadog's agents on every node; the key is the secret `flowise:datadog_api_key`."""

    site: Literal[
        "datadoghq.com", "us3.datadoghq.com", "us5.datadoghq.com", "datadoghq.eu", "ap1.datadoghq.com",
        "ap2.datadoghq.com",
    ]  # fmt: skip
    """Where your Datadog account lives."""
    logs: bool = True
    """Whether Fluentd sends the logs there too, after it has taken secrets out; the agents themselves collect none."""
    integrations: bool = True
    """Whether the agents ask PostgreSQL and Valkey how they are, with Flowise's own role and password."""


class TelemetrySettings(Settings):
    """What is told about the cluster and Flowise, and to whom."""

    traces: TracesSettings | None = TracesSettings()
    """Traces and metrics of Flowise; null: it makes none."""
    logs: LogsSettings | None = LogsSettings()
    """Logs of the containers; null: they stay on the nodes, and go with them."""
    datadog: DatadogSettings | None = None
    """Datadog's agents; none given: no Datadog."""

    @property
    def needed_secrets(self) -> list[tuple[str, str]]:
        """Flat keys of secrets, each with the setting that needs it."""
        needed: list[tuple[str, str]] = []
        if self.traces and self.traces.otlp and self.traces.otlp.authorization:
            needed.append(("otlp_authorization", "telemetry.traces.otlp.authorization"))
        if self.datadog:
            needed.append(("datadog_api_key", "telemetry.datadog"))
        return needed

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.datadog is None and self.traces and "datadog" in self.traces.exporters:
            raise ValueError(
                "traces.exporters has datadog, but there are no agents to send to; add telemetry.datadog with its site"
            )
        if self.datadog and self.datadog.logs and self.logs is None:
            raise ValueError(
                "datadog.logs needs telemetry.logs, which collects them; add it, or set datadog.logs to false"
            )
        return self
