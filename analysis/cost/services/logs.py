"""Log groups with what comes through them, and the archive of logs."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage

_FREE_TRACES_MILLIONS: Final = 0.1
_TELEMETRY_GROUPS: Final = ("/containers", "/metrics")


class LogsUsage(Usage):
    """What is taken in and kept."""

    log_gb: Figure = 2
    """GB that each log group of AWS's services takes in."""
    container_log_gb: Figure = 5
    """GB of container logs that Fluentd sends to CloudWatch."""
    metric_log_gb: Figure = 1
    """GB of log events that CloudWatch makes the Collector's metrics from."""
    custom_metrics: Figure = 24
    """Metrics of the Collector: each name for each value of its dimensions (docs/observability.md)."""
    traces_millions: Figure = 0.02
    """Traces that are kept in X-Ray, in millions: a tenth of the predictions, errors and slow ones."""
    log_kept_gb: Figure = 2
    """GB that each log group keeps, compressed."""


def _log_group(resource: Resource) -> Amounts:
    """Of Telemetry's two, one is where metrics come from; the traces go beside it, to where no resource is."""
    usage, name = resource.usage.of(LogsUsage), str(resource.inputs["name"])
    telemetry = ":Telemetry" in resource.record.parent
    of_containers, of_metrics = (telemetry and name.endswith(end) for end in _TELEMETRY_GROUPS)
    taken_in = usage.container_log_gb if of_containers else usage.metric_log_gb if of_metrics else usage.log_gb
    what = "logs of containers taken in" if of_containers else "metrics taken in" if of_metrics else "logs taken in"
    yield Amount(what=what, price="logs.ingested", quantity=taken_in, part="use")
    yield Amount(what="logs kept", price="logs.stored", quantity=usage.log_kept_gb, part="use")
    if of_metrics:
        yield Amount(what="custom metrics", price="cloudwatch.metric", quantity=usage.custom_metrics, part="use")
        traces = max(0.0, usage.traces_millions - _FREE_TRACES_MILLIONS)
        yield Amount(what="traces in X-Ray", price="xray.traces", quantity=traces, part="use")


def _archive(resource: Resource) -> Amounts:
    taken_in = resource.usage.of(LogsUsage).log_gb
    yield Amount(what="logs to the archive", price="firehose.data", quantity=taken_in, part="use")


SERVICE: Final = Service(
    usage=LogsUsage,
    prices={
        "logs.ingested": Price(0.50, "GB", "infracost", at="cloudwatch_log_group_test"),
        "logs.stored": Price(0.03, "GB", "infracost", at="cloudwatch_log_group_test"),
        "cloudwatch.metric": Price(0.30, "metric", "article", at="signoz.io/guides/cloudwatch-pricing"),
        "xray.traces": Price(5.00, "M traces", "quoted"),  # reading them is free up to a million a month
        "firehose.data": Price(0.029, "GB", "known"),  # each record counts as 5 KB at the least
    },
    rules={
        "aws:cloudwatch/logGroup:LogGroup": _log_group,
        "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _archive,
    },
)
