"""Alarms of the data stores: database, cache and queue.

Metrics and dimensions: RDS user guide, "Amazon CloudWatch metrics for Amazon RDS" and "for Performance Insights"
(DBLoad); ElastiCache user guide, "Metrics for Valkey and Redis OSS" and "Host-Level Metrics" (credits, network). Both
send a value a minute, of credits every five.
"""

from collections.abc import Callable, Iterator

import pulumi

from components.common.alarm import Alarm, Metric
from components.common.metrics import NAMESPACE, QUEUE_BACKLOG, QUEUES
from components.common.monitoring import CacheMetrics, DatabaseMetrics, ReplicationMetrics
from components.observability.instances import instance_size
from components.observability.settings import ThresholdSettings

_GIB = 1024**3


def database_alarms(database: DatabaseMetrics, limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of an RDS instance, with thresholds of its class."""
    size = instance_size(database.instance_class)
    seconds = limits.database_latency_milliseconds / 1000

    def metric(name: str, statistic: str = "Average") -> list[Metric]:
        dimensions = {"DBInstanceIdentifier": database.identifier}
        return [Metric(namespace="AWS/RDS", name=name, dimensions=dimensions, statistic=statistic)]

    yield Alarm(
        name="database-silent",
        description="The database has sent no metrics for five minutes: it is stopped, being replaced, or gone.",
        runbook="database-down",
        metrics=metric("DatabaseConnections", "SampleCount"),
        threshold=1,
        comparison="below",
        minutes=1,
        periods=5,
        treat_missing_data="breaching",  # a stopped instance sends nothing
    )
    yield Alarm(
        name="database-cpu",
        description=f"The database's CPU is above {limits.database_cpu_percent} %.",
        runbook="database-slow",
        metrics=metric("CPUUtilization"),
        threshold=limits.database_cpu_percent,
        treat_missing_data="ignore",  # database-silent says it
    )
    yield Alarm(
        name="database-memory",
        description=f"The database has less than {limits.database_free_memory_percent} % of its memory left.",
        runbook="database-slow",
        metrics=metric("FreeableMemory"),
        threshold=size.memory_bytes * limits.database_free_memory_percent / 100,
        comparison="below",
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="database-storage",
        description="The database's storage is nearly full and has not grown; a full one stops the database.",
        runbook="database-full",
        metrics=metric("FreeStorageSpace", "Minimum"),
        threshold=database.storage_gib.apply(lambda gib: gib * _GIB * limits.database_free_storage_percent / 100),
        comparison="below",
        periods=6,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="database-connections",
        description=f"The database has {limits.database_connections_percent} % of the connections that it takes.",
        runbook="database-connections",
        metrics=metric("DatabaseConnections", "Maximum"),
        threshold=size.max_connections * limits.database_connections_percent // 100,
        minutes=1,
        periods=5,
        treat_missing_data="ignore",
    )
    for direction in ("Read", "Write"):
        yield Alarm(
            name=f"database-{direction.lower()}-latency",
            description=f"A {direction.lower()} on the database's disk takes more than "
            f"{limits.database_latency_milliseconds} ms on average.",
            runbook="database-slow",
            metrics=metric(f"{direction}Latency"),
            threshold=seconds,
            treat_missing_data="ignore",
        )
    yield Alarm(
        name="database-load",
        description="More sessions of the database work or wait than it has vCPUs for.",
        runbook="database-slow",
        metrics=metric("DBLoad"),
        threshold=size.vcpus * limits.database_load_per_vcpu,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="database-transaction-ids",
        description="The database uses up its transaction ids: vacuuming does not keep up, and "
        "at 2.1 billion it stops.",
        runbook="database-transaction-ids",
        metrics=metric("MaximumUsedTransactionIDs", "Maximum"),
        threshold=limits.database_transaction_ids,
        minutes=60,
        periods=1,
        treat_missing_data="ignore",
    )
    yield from _burst_alarms(size.disk_burst, size.cpu_credits, limits, metric)


def _burst_alarms(
    disk: bool, cpu: bool, limits: ThresholdSettings, metric: Callable[[str, str], list[Metric]]
) -> Iterator[Alarm]:
    for part, name in (("throughput", "EBSByteBalance%"), ("operations", "EBSIOBalance%")) if disk else ():
        yield Alarm(
            name=f"database-disk-{part}",
            description=f"The database's burst of disk {part} is nearly used up; "
            "then it has the baseline of its class.",
            runbook="database-slow",
            metrics=metric(name, "Minimum"),
            threshold=limits.burst_balance_percent,
            comparison="below",
            treat_missing_data="notBreaching",  # not every class sends it
        )
    if cpu:
        yield Alarm(
            name="database-cpu-credits",
            description="The database has nearly no CPU credits; then each vCPU-hour beyond the baseline costs extra.",
            runbook="database-slow",
            metrics=metric("CPUCreditBalance", "Minimum"),
            threshold=limits.database_cpu_credits,
            comparison="below",
            treat_missing_data="ignore",
        )


def replication_alarms(replication: ReplicationMetrics) -> Iterator[Alarm]:
    """Alarm of the copies in the recovery region.

    Of S3's replication metrics this one is sent in the source's region, and only while operations fail (S3 user guide,
    "Using S3 Replication metrics").
    """
    yield Alarm(
        name="files-replication-failed",
        description="S3 could not copy files to the recovery region, and does not try them again by itself.",
        runbook="backup-failed",
        metrics=[
            Metric(
                namespace="AWS/S3",
                name="OperationsFailedReplication",
                dimensions={
                    "SourceBucket": replication.source,
                    "DestinationBucket": replication.destination,
                    "RuleId": replication.rule,
                },
                statistic="Sum",
            )
        ],
        threshold=0,
        periods=1,
        treat_missing_data="notBreaching",
    )


def cache_alarms(cache: CacheMetrics, limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of the nodes of a replication group; each is about the worst node."""

    def metrics(name: str, statistic: str = "Average") -> list[Metric]:
        return [
            Metric(namespace="AWS/ElastiCache", name=name, dimensions={"CacheClusterId": node}, statistic=statistic)
            for node in cache.node_ids
        ]

    yield Alarm(
        name="cache-silent",
        description="A node of the cache has sent no metrics for five minutes: it is being replaced, or gone.",
        runbook="queue-down",
        metrics=metrics("CurrConnections", "SampleCount"),
        expression=f"MIN([{', '.join(f'FILL(m{number}, 0)' for number in range(len(cache.node_ids)))}])",
        threshold=1,
        comparison="below",
        minutes=1,
        periods=5,
        treat_missing_data="breaching",
    )
    yield Alarm(
        name="cache-memory",
        description=f"The cache's memory is {limits.cache_memory_percent} % full; "
        "when it is full, no job can be queued.",
        runbook="queue-full",
        metrics=metrics("DatabaseMemoryUsagePercentage", "Maximum"),
        expression="MAX(METRICS())",
        threshold=limits.cache_memory_percent,
        minutes=1,
        periods=5,
        treat_missing_data="ignore",  # cache-silent says it
    )
    yield Alarm(
        name="cache-evictions",
        description="The cache has evicted keys, which must never happen: jobs are lost. Its policy is not noeviction.",
        runbook="queue-full",
        metrics=metrics("Evictions", "Sum"),
        expression="SUM(METRICS())",
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="notBreaching",
    )
    yield Alarm(
        name="cache-cpu",
        description=f"The cache's engine is busy for more than {limits.cache_cpu_percent} % of the time.",
        runbook="queue-slow",
        metrics=metrics("EngineCPUUtilization"),
        expression="MAX(METRICS())",
        threshold=limits.cache_cpu_percent,
        treat_missing_data="ignore",
    )
    if cache.cpu_credits:
        yield Alarm(
            name="cache-cpu-credits",
            description="A node of the cache has nearly no CPU credits; then it has the baseline of its class.",
            runbook="queue-slow",
            metrics=metrics("CPUCreditBalance", "Minimum"),
            expression="MIN(METRICS())",
            threshold=limits.cache_cpu_credits,
            comparison="below",
            treat_missing_data="ignore",
        )
    yield Alarm(
        name="cache-connections",
        description=f"A node of the cache has more than {limits.cache_connections} connections: something leaks them.",
        runbook="queue-slow",
        metrics=metrics("CurrConnections", "Maximum"),
        expression="MAX(METRICS())",
        threshold=limits.cache_connections,
        treat_missing_data="ignore",
    )
    for direction, verb in (("In", "receives"), ("Out", "sends")):
        yield Alarm(
            name=f"cache-network-{direction.lower()}",
            description=f"A node of the cache {verb} more than the network of its class allows: packets wait or are "
            "dropped, and jobs with them.",
            runbook="queue-slow",
            metrics=metrics(f"NetworkBandwidth{direction}AllowanceExceeded", "Sum"),
            expression="MAX(METRICS())",
            threshold=0,
            treat_missing_data="ignore",
        )
    if len(cache.node_ids) == 1:
        return
    yield Alarm(
        name="cache-failover",
        description="The cache has another primary: a node failed or was replaced. Connections broke and came back.",
        runbook="queue-down",
        metrics=metrics("IsMaster", "Maximum"),
        expression="MAX(ABS(DIFF(METRICS())))",
        threshold=0,
        minutes=1,
        periods=1,
        evaluation_periods=5,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="cache-replication-lag",
        description=f"A replica of the cache is {limits.cache_replication_lag_seconds} s behind; "
        "a failover would lose jobs.",
        runbook="queue-slow",
        metrics=metrics("ReplicationLag", "Maximum"),
        expression="MAX(METRICS())",
        threshold=limits.cache_replication_lag_seconds,
        minutes=1,
        periods=5,
        treat_missing_data="ignore",
    )


def queue_alarms(limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of the jobs that wait. Nothing counts their age: a queue that was never empty may hold one as old."""

    def waiting(statistic: str) -> list[Metric]:
        stack = pulumi.get_stack()
        return [
            Metric(
                namespace=NAMESPACE,
                name=QUEUE_BACKLOG,
                dimensions={"stack": stack, "queue": queue},
                statistic=statistic,
            )
            for queue in QUEUES
        ]

    yield Alarm(
        name="queue-backlog",
        description=f"More than {limits.queue_jobs} jobs wait for a worker.",
        runbook="queue-backlog",
        metrics=waiting("Maximum"),
        expression="SUM(METRICS())",
        threshold=limits.queue_jobs,
        minutes=1,
        periods=5,
        treat_missing_data="missing",  # whoever counts has fallen silent
    )
    yield Alarm(
        name="queue-stuck",
        description=f"Jobs have waited for {limits.queue_minutes} minutes without the queue ever being empty.",
        runbook="queue-backlog",
        metrics=waiting("Minimum"),
        expression="MAX(METRICS())",  # of one queue: the others may be empty
        threshold=0,
        minutes=limits.queue_minutes,
        periods=1,
        treat_missing_data="missing",
    )
