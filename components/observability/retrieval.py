"""Alarms of the OpenSearch domain.

Metrics, statistics and thresholds: OpenSearch Service developer guide, "Recommended CloudWatch alarms for Amazon
OpenSearch Service" and "Monitoring OpenSearch cluster metrics with Amazon CloudWatch" (dimensions; one value a minute).
"""

from collections.abc import Iterator

from components.common.monitoring import RetrievalMetrics
from components.observability.alarm import Alarm, Metric
from components.observability.settings import ThresholdSettings

_MIB_A_GIB = 1024


def metric(domain: RetrievalMetrics, name: str, statistic: str = "Maximum") -> Metric:
    """A metric of the whole domain."""
    dimensions = {"DomainName": domain.domain_name, "ClientId": domain.account_id}
    return Metric(namespace="AWS/ES", name=name, dimensions=dimensions, statistic=statistic)


def retrieval_alarms(domain: RetrievalMetrics, limits: ThresholdSettings) -> Iterator[Alarm]:
    """Alarms of a domain, with thresholds of its size."""
    yield Alarm(
        name="retrieval-red",
        description="An index of OpenSearch has lost a part of its data: no copy of it is on any node.",
        runbook="retrieval-down",
        metrics=[metric(domain, "ClusterStatus.red")],
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="breaching",  # a domain that is gone sends nothing
    )
    if domain.nodes > 1:
        yield Alarm(
            name="retrieval-yellow",
            description="Copies of an index of OpenSearch are missing: the next lost node loses data.",
            runbook="retrieval-down",
            metrics=[metric(domain, "ClusterStatus.yellow")],
            threshold=0,
            minutes=1,
            periods=5,
            treat_missing_data="ignore",
        )
    yield Alarm(
        name="retrieval-storage",
        description=f"A node of OpenSearch has less than {limits.retrieval_free_storage_percent} % of its storage.",
        runbook="retrieval-full",
        metrics=[metric(domain, "FreeStorageSpace", "Minimum")],  # in MiB, of the node with the least
        threshold=domain.volume_gib * _MIB_A_GIB * limits.retrieval_free_storage_percent / 100,
        comparison="below",
        minutes=1,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-writes-blocked",
        description="OpenSearch refuses writes: its storage or its memory is used up.",
        runbook="retrieval-full",
        metrics=[metric(domain, "ClusterIndexWritesBlocked")],
        threshold=0,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-cpu",
        description=f"The CPU of a node of OpenSearch is above {limits.retrieval_cpu_percent} %.",
        runbook="retrieval-slow",
        metrics=[metric(domain, "CPUUtilization")],
        threshold=limits.retrieval_cpu_percent,
        minutes=15,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-memory",
        description=f"Java uses more than {limits.retrieval_memory_percent} % of its memory on a node of OpenSearch.",
        runbook="retrieval-slow",
        metrics=[metric(domain, "JVMMemoryPressure")],
        threshold=limits.retrieval_memory_percent,
        minutes=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-vectors",
        description="The vectors of OpenSearch no longer fit into memory: searches read them from the disk.",
        runbook="retrieval-slow",
        metrics=[metric(domain, "KNNCircuitBreakerTriggered")],
        threshold=0,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-snapshot-failed",
        description="AWS could not take the hourly snapshot of OpenSearch, mostly because the cluster is red.",
        runbook="retrieval-down",
        metrics=[metric(domain, "AutomatedSnapshotFailure")],
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-key",
        description="OpenSearch cannot use the KMS key of its data, and loses the domain if that does not change.",
        runbook="retrieval-down",
        metrics=[metric(domain, "KMSKeyError"), metric(domain, "KMSKeyInaccessible")],
        expression="MAX(METRICS())",
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="notBreaching",  # sent only while something is wrong
    )
