"""The Collector's configuration: what comes in, what is taken out of it, where it goes."""

from collections.abc import Mapping
from typing import Any, Final

from components.common.metrics import NAMESPACE
from components.common.redaction import MASK, SECRET_NAME, SECRETS
from components.telemetry.settings import TracesSettings

OTLP_PORT: Final = 4318
HEALTH_PORT: Final = 13133
_DECISION_SECONDS: Final = 15
"""A trace is evaluated this long after its first span; what comes later follows that decision."""
_PROBES: Final = ("/readyz", "/api/v1/ping")
_ANNOTATIONS: Final = (
    "flowise.flow.id",
    "flowise.flow.type",
    "flowise.flow.nodes",
    "flowise.queue.wait_ms",
    "gen_ai.request.model",
    "aws.cloudfront.request_id",
    "otel.resource.k8s.pod.name",  # the exporter's name for an attribute of the resource, not of the span
)
"""Attributes by which traces can be searched in X-Ray."""

_Part = dict[str, Any]


def collector_config(
    settings: TracesSettings, *, stack: str, region: str, log_group: str, datadog_endpoint: str | None
) -> _Part:
    """Render the whole configuration.

    `datadog_endpoint` is the agents' URL for OTLP. Variables that the pod must have: `POD_IP`, and
    `OTLP_AUTHORIZATION` where the other collector wants one.
    """
    traces, metrics = _exporters(settings, region=region, log_group=log_group, datadog_endpoint=datadog_endpoint)
    redact = ["redaction", "transform/redact"]
    return {
        "extensions": {"health_check": {"endpoint": f"${{env:POD_IP}}:{HEALTH_PORT}"}},
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"${{env:POD_IP}}:{OTLP_PORT}"}}}},
        "processors": {
            "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
            "resource": {"attributes": _resource(stack, region)},
            "filter": {
                "error_mode": "ignore",
                # A dozen for every request; they say nothing.
                "traces": {"span": ['IsMatch(attributes["express.type"], "^(middleware|router)$")']},
            },
            "redaction": {
                "allow_all_keys": True,
                "blocked_key_patterns": [SECRET_NAME],
                "blocked_values": list(SECRETS),
                "summary": "silent",
            },
            "transform/redact": {"error_mode": "ignore", "trace_statements": _span_texts()},
            "transform/metrics": {"error_mode": "ignore", "metric_statements": _metrics(stack)},
            "tail_sampling": _sampling(settings),
            "batch": {"timeout": "5s", "send_batch_size": 512, "send_batch_max_size": 1024},
        },
        "exporters": {**traces, **metrics},
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    # Sampling before redaction: what is thrown away needs no redaction.
                    "processors": ["memory_limiter", "resource", "filter", "tail_sampling", *redact, "batch"],
                    "exporters": list(traces),
                },
                "metrics": {
                    "receivers": ["otlp"],
                    "processors": ["memory_limiter", "resource", "transform/metrics", "redaction", "batch"],
                    "exporters": list(metrics),
                },
            },
            "telemetry": {"logs": {"encoding": "json", "level": "info"}, "metrics": {"level": "none"}},
        },
    }


def _resource(stack: str, region: str) -> list[_Part]:
    values = {"deployment.environment.name": stack, "cloud.provider": "aws", "cloud.region": region}
    return [{"key": key, "value": value, "action": "upsert"} for key, value in values.items()]


def _span_texts() -> list[_Part]:
    """What the redaction processor leaves out: names and messages. Query strings go altogether."""
    replacements = [
        f'replace_pattern({field}, "{_quoted(secret)}", "{MASK}")'
        for field in ("span.name", "span.status.message")
        for secret in SECRETS
    ]
    urls = [
        f'replace_pattern(span.attributes["{key}"], "[?#].*$", "")'
        for key in ("http.url", "http.target", "url.full", "url.path")
    ]
    return [{"context": "span", "statements": [*urls, 'delete_key(span.attributes, "url.query")', *replacements]}]


def _quoted(expression: str) -> str:
    """An expression as text within OTTL's double quotes; a dollar sign would begin one of the Collector's variables."""
    return expression.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")


def _metrics(stack: str) -> list[_Part]:
    """Dimensions of the metrics: few, because each combination is paid for and paths are as many as people try."""
    path = 'datapoint.attributes["path"]'
    return [
        {
            "context": "datapoint",
            "statements": [
                f'set(datapoint.attributes["stack"], "{stack}")',
                f'replace_pattern({path}, "^(/api/v1/[a-z-]+).*$", "$$1")',
                f'set({path}, "other") where {path} != nil and not IsMatch({path}, "^/api/v1/[a-z-]+$")',
                'keep_keys(datapoint.attributes, ["stack", "queue", "method", "path", "status"])',
            ],
        }
    ]


def _sampling(settings: TracesSettings) -> _Part:
    probe = " or ".join(f'span.attributes["http.target"] == "{path}"' for path in _PROBES)
    return {
        "decision_wait": f"{_DECISION_SECONDS}s",
        "num_traces": 20_000,
        "decision_cache": {"sampled_cache_size": 50_000, "non_sampled_cache_size": 50_000},
        "policies": [
            {
                "name": "probes",
                "type": "drop",
                "drop": {
                    "drop_sub_policy": [
                        {
                            "name": "path",
                            "type": "ottl_condition",
                            "ottl_condition": {"error_mode": "ignore", "span": [probe]},
                        }
                    ]
                },
            },
            {"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}},
            {"name": "slow", "type": "latency", "latency": {"threshold_ms": round(settings.slow_seconds * 1000)}},
            {
                # By a hash of the trace's id, so that every replica decides alike.
                "name": "share",
                "type": "probabilistic",
                "probabilistic": {"sampling_percentage": settings.sampled_percent},
            },
        ],
    }


def _exporters(
    settings: TracesSettings, *, region: str, log_group: str, datadog_endpoint: str | None
) -> tuple[Mapping[str, _Part], Mapping[str, _Part]]:
    """Exporters of traces, exporters of metrics."""
    traces: dict[str, _Part] = {}
    metrics: dict[str, _Part] = {}
    if "aws" in settings.exporters:
        traces["awsxray"] = {"region": region, "indexed_attributes": list(_ANNOTATIONS)}
        metrics["awsemf"] = {
            "region": region,
            "namespace": NAMESPACE,
            "log_group_name": log_group,
            "log_stream_name": "metrics-${env:POD_NAME}",
            "dimension_rollup_option": "NoDimensionRollup",
            # What no declaration names becomes no metric; it stays in the log, to be asked with Logs Insights.
            "metric_declarations": [
                {"dimensions": [["stack", "queue"]], "metric_name_selectors": ["^queue_(backlog|active)$"]},
                {"dimensions": [["stack"], ["stack", "status"]], "metric_name_selectors": ["^http_requests_total$"]},
                {"dimensions": [["stack"]], "metric_name_selectors": ["^http_request_duration_ms$"]},
                {
                    "dimensions": [["stack", "status"]],
                    "metric_name_selectors": ["^(chatflow|agentflow)_prediction_(internal|external)$"],
                },
            ],
        }
    if settings.otlp and "otlp" in settings.exporters:
        headers = {"headers": {"Authorization": "${env:OTLP_AUTHORIZATION}"}} if settings.otlp.authorization else {}
        both = {"endpoint": settings.otlp.endpoint.rstrip("/"), **headers}
        traces["otlphttp/other"] = metrics["otlphttp/other"] = both
    if "datadog" in settings.exporters and datadog_endpoint:
        traces["otlphttp/datadog"] = metrics["otlphttp/datadog"] = {
            "endpoint": datadog_endpoint,
            "tls": {"insecure": True},  # within the cluster
        }
    return traces, metrics
