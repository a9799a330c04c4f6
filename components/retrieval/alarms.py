"""Alarms of the OpenSearch domain.

Metrics, statistics and thresholds: OpenSearch Service developer guide, "Recommended CloudWatch alarms for Amazon
OpenSearch Service" and "Monitoring OpenSearch cluster metrics with Amazon CloudWatch" (dimensions; one value a minute).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import pulumi

from components.common.alarm import Alarm, Failure, Metric
from components.common.monitoring import Monitoring, Widget
from components.retrieval.settings import RetrievalSettings

_MIB_A_GIB: Final = 1024
FAILURES: Final[Sequence[Failure]] = (
    Failure(
        what="A node of OpenSearch is lost (`flowise:retrieval`)",
        seen_by=("retrieval-yellow",),
        note="searches go on; AWS replaces it within the hour",
    ),
    Failure(
        what="OpenSearch is lost, or the only copy of an index",
        seen_by=("retrieval-red", "retrieval-snapshot-failed"),
        note="retrieval flows fail, all others go on",
    ),
    Failure(what="The KMS key is taken from OpenSearch", seen_by=("retrieval-key",)),
    Failure(what="OpenSearch is full", seen_by=("retrieval-storage", "retrieval-writes-blocked")),
    Failure(
        what="OpenSearch has more to do than it was made for",
        seen_by=("retrieval-memory", "retrieval-vectors", "retrieval-cpu"),
    ),
)
"""What goes wrong, and which alarms see it."""


def domain_monitoring(
    settings: RetrievalSettings, *, domain_name: pulumi.Output[str], account_id: pulumi.Output[str]
) -> Monitoring:
    """Alarms and graphs of a domain, whose metrics have the account's number as `ClientId`."""

    def metric(name: str, statistic: str = "Maximum") -> Metric:
        dimensions = {"DomainName": domain_name, "ClientId": account_id}
        return Metric(namespace="AWS/ES", name=name, dimensions=dimensions, statistic=statistic)

    widgets = [
        Widget(
            title="OpenSearch: CPU and memory of Java in %",
            metrics=[metric("CPUUtilization"), metric("JVMMemoryPressure")],
            labels=["CPU", "memory"],
        ),
        Widget(
            title="OpenSearch: free MiB of the fullest node",
            metrics=[metric("FreeStorageSpace", "Minimum")],
            labels=["storage"],
        ),
    ]
    return Monitoring(alarms=list(_alarms(settings, metric)), widgets=widgets)


def _alarms(settings: RetrievalSettings, metric: Callable[..., Metric]) -> Iterator[Alarm]:
    limits = settings.thresholds
    yield Alarm(
        name="retrieval-red",
        description="An index of OpenSearch has lost a part of its data: no copy of it is on any node.",
        runbook="retrieval-down",
        metrics=[metric("ClusterStatus.red")],
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="breaching",  # a domain that is gone sends nothing
    )
    if settings.nodes > 1:
        yield Alarm(
            name="retrieval-yellow",
            description="Copies of an index of OpenSearch are missing: the next lost node loses data.",
            runbook="retrieval-down",
            metrics=[metric("ClusterStatus.yellow")],
            threshold=0,
            minutes=1,
            periods=5,
            treat_missing_data="ignore",
        )
    yield Alarm(
        name="retrieval-storage",
        description=f"A node of OpenSearch has less than {limits.free_storage_percent} % of its storage.",
        runbook="retrieval-full",
        metrics=[metric("FreeStorageSpace", "Minimum")],  # in MiB, of the node with the least
        threshold=settings.volume_gib * _MIB_A_GIB * limits.free_storage_percent / 100,
        comparison="below",
        minutes=1,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-writes-blocked",
        description="OpenSearch refuses writes: its storage or its memory is used up.",
        runbook="retrieval-full",
        metrics=[metric("ClusterIndexWritesBlocked")],
        threshold=0,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-cpu",
        description=f"The CPU of a node of OpenSearch is above {limits.cpu_percent} %.",
        runbook="retrieval-slow",
        metrics=[metric("CPUUtilization")],
        threshold=limits.cpu_percent,
        minutes=15,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-memory",
        description=f"Java uses more than {limits.memory_percent} % of its memory on a node of OpenSearch.",
        runbook="retrieval-slow",
        metrics=[metric("JVMMemoryPressure")],
        threshold=limits.memory_percent,
        minutes=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-vectors",
        description="The vectors of OpenSearch no longer fit into memory: searches read them from the disk.",
        runbook="retrieval-slow",
        metrics=[metric("KNNCircuitBreakerTriggered")],
        threshold=0,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-snapshot-failed",
        description="AWS could not take the hourly snapshot of OpenSearch, mostly because the cluster is red.",
        runbook="retrieval-down",
        metrics=[metric("AutomatedSnapshotFailure")],
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="ignore",
    )
    yield Alarm(
        name="retrieval-key",
        description="OpenSearch cannot use the KMS key of its data, and loses the domain if that does not change.",
        runbook="retrieval-down",
        metrics=[metric("KMSKeyError"), metric("KMSKeyInaccessible")],
        expression="MAX(METRICS())",
        threshold=0,
        minutes=1,
        periods=1,
        treat_missing_data="notBreaching",  # sent only while something is wrong
    )
