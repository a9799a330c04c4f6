"""The queue, on ElastiCache for Valkey."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage


class QueueUsage(Usage):
    """What is kept of it."""

    queue_snapshots_gb: Figure = 1
    """GB of snapshots of the queue."""


def _queue(resource: Resource) -> Amounts:
    inputs = resource.inputs
    yield Amount(what=inputs["nodeType"], price=f"valkey.{inputs['nodeType']}", quantity=inputs["numCacheClusters"])
    if inputs.get("snapshotRetentionLimit"):
        size = resource.usage.of(QueueUsage).queue_snapshots_gb
        yield Amount(what="snapshots", price="valkey.snapshots", quantity=size, part="use")


SERVICE: Final = Service(
    usage=QueueUsage,
    prices={
        "valkey.cache.t4g.micro": Price(0.0128, "hour", "quoted"),
        "valkey.cache.t4g.small": Price(0.0256, "hour", "quoted"),
        "valkey.cache.t4g.medium": Price(0.052, "hour", "quoted"),
        "valkey.cache.m7g.large": Price(0.1264, "hour", "derived", at="four fifths of Redis OSS, 0.158 an hour"),
        "valkey.cache.r7g.large": Price(0.1752, "hour", "derived", at="four fifths of Redis OSS, 0.219 an hour"),
        "valkey.snapshots": Price(0.085, "GB", "infracost", at="elasticache_replication_group_test"),
    },
    rules={"aws:elasticache/replicationGroup:ReplicationGroup": _queue},
)
