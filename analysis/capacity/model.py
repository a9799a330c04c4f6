"""From what one prediction takes to what each part of a stack serves, and from there to its size.

Everything is linear in the rate. The CPU of a prediction is what `python -m bench app` measured on a quiet machine
(docs/benchmarks.md) and a margin of a third to three quarters: why, docs/decisions/0081-margin-of-capacity.md.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from components.observability.instances import InstanceSize, instance_size
from components.queue import usable_memory_mib

SERVER_CPU_MS: Final = 10.0
WORKER_CPU_MS: Final = 24.0
DATABASE_CPU_MS: Final = 7.0
QUEUE_CPU_MS: Final = 1.5
PLAIN_CPU_MS: Final = 25.0
"""Of the one process that does all in main mode."""
DATABASE_CONNECTIONS: Final = 10
"""Of each server and worker: the limit of Flowise's pool."""
PLAIN_CONNECTIONS: Final = 20
"""In main mode the sessions have a pool of their own."""
QUEUE_CONNECTIONS_SERVER: Final = 18
QUEUE_CONNECTIONS_WORKER: Final = 17

JOB_MIB: Final = 0.22
"""Of Valkey's memory, by a job with a flow of 200 KiB; one with a picture takes ten times as much."""
KEPT_JOBS: Final = 5
"""The default of `queue.kept_jobs`."""
KEPT_ANSWERS: Final = 800
"""Of the last jobs, in the stream of messages about them; each is at most as large as its job."""
MEMORY_USED: Final = 0.75
"""Part of Valkey's usable memory that jobs take on purpose; beyond it the alarm `cache-memory` goes off."""

PLACES_USED: Final = 0.8
"""Part of the workers' places that is taken on purpose: arrivals are not even, and who waits for a place waits long."""
CONNECTIONS_USED: Final = 0.8
"""The rest is for the canary, for people, and for pods that come before others go."""
MOST_CACHE_CONNECTIONS: Final = 65_000
"""Of a node (ElastiCache quotas)."""
MOST_PODS: Final = 50
"""Servers or workers that a stack file allows (docs/settings.md)."""
FEWEST_PODS: Final = 2
"""So that one may go with its node."""
PLACED: Final = 0.75
"""Part of the nodes' vCPU that pods can have: three pods of a half on a node of two, beside what runs on every node."""
_BASELINE: Final = {"micro": 0.1, "small": 0.2, "medium": 0.2, "large": 0.3, "xlarge": 0.4, "2xlarge": 0.4}
"""CPU of family t that lasts, a vCPU (EC2 user guide, "Burstable performance instances")."""

DATABASES: Final = ("db.t4g.medium", "db.m7g.large", "db.m7g.xlarge", "db.m7g.2xlarge", "db.m7g.4xlarge")
CACHES: Final = ("cache.t4g.small", "cache.m7g.large")
"""Classes to choose from, the cheapest first. A larger cache has no faster core."""


class CapacityError(Exception):
    """A size cannot be worked out; the message says why and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is asked of all cells together."""

    rate: float
    """Predictions a second, at the busiest."""
    wait_seconds: float = 5
    """How long a flow waits for its models."""
    concurrency: int = 10
    """Flows that a worker runs at once."""
    cpu_percent: int = 60
    """How far CPU is used on purpose."""
    hours: float = 730
    """Hours of a month at that rate; in the others there is nothing to do."""


@dataclass(frozen=True, kw_only=True)
class StackCapacity:
    """What of a stack decides how much it serves."""

    servers: int
    """Pods at most, as of the workers."""
    workers: int
    """0 in main mode."""
    concurrency: int
    server_cores: float = 1
    worker_cores: float = 1
    database: str
    cache: str | None
    """None in main mode."""
    kept_jobs: int = KEPT_JOBS
    """Finished, and failed, jobs that stay in Valkey's memory."""
    cpu_percent: int
    max_vcpus: int | None = None
    """Of servers and workers each; None without nodes of Flowise's own."""

    @property
    def database_connections(self) -> int:
        """Connections when all pods are there."""
        return (
            (self.servers + self.workers) * DATABASE_CONNECTIONS if self.workers else self.servers * PLAIN_CONNECTIONS
        )

    @property
    def cache_connections(self) -> int:
        """Connections when all pods are there."""
        return self.servers * QUEUE_CONNECTIONS_SERVER + self.workers * QUEUE_CONNECTIONS_WORKER


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A part of a stack, and how much it serves."""

    part: str
    rate: float
    """Predictions a second."""
    change: str
    """What lets it serve more."""


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """Equal cells that together serve a load; the figures are those of one."""

    cells: int
    rate: float
    servers: int
    """At the full rate."""
    workers: int
    shape: StackCapacity
    bottleneck: Limit
    """What the largest cell that a stack file allows ends at."""


def limits(shape: StackCapacity, wait_seconds: float) -> list[Limit]:
    """What each part serves, the one that saturates first at the front. Raises `CapacityError` for a strange class."""
    return sorted(_limits(shape, wait_seconds), key=lambda limit: limit.rate)


def size(load: Load, like: StackCapacity) -> Sizing:
    """The fewest equal cells, each the smallest that serves its share; pods are as large as those of `like`.

    Raises `CapacityError`.
    """
    like = replace(like, concurrency=load.concurrency, cpu_percent=load.cpu_percent, max_vcpus=None)
    largest = replace(like, servers=MOST_PODS, workers=MOST_PODS, database=DATABASES[-1], cache=CACHES[-1])
    bottleneck = limits(largest, load.wait_seconds)[0]
    cells = _up(load.rate / bottleneck.rate)
    share = load.rate / cells
    servers = max(FEWEST_PODS, _up(share / _server_rate(largest)))
    workers = max(FEWEST_PODS, _up(share / _worker_rate(largest, load.wait_seconds)))
    most = [min(MOST_PODS, max(FEWEST_PODS + 1, count)) for count in (servers, workers)]
    for database, cache in ((d, c) for d in DATABASES for c in CACHES):
        shape = replace(like, servers=most[0], workers=most[1], database=database, cache=cache)
        fits = shape.database_connections <= _connections(database)
        if fits and limits(shape, load.wait_seconds)[0].rate >= share * (1 - _ROUNDING):
            return Sizing(cells=cells, rate=share, servers=servers, workers=workers, shape=shape, bottleneck=bottleneck)
    raise AssertionError("the largest classes serve the share of a cell")


_ROUNDING: Final = 1e-9


def _up(number: float) -> int:
    return max(1, math.ceil(number * (1 - _ROUNDING)))


def _server_rate(shape: StackCapacity) -> float:
    """Of one pod; more than one core does not help Node.js."""
    cost = SERVER_CPU_MS if shape.workers else PLAIN_CPU_MS
    return min(shape.server_cores, 1) * shape.cpu_percent * 10 / cost


def _places_rate(shape: StackCapacity, wait_seconds: float) -> float:
    return shape.concurrency * PLACES_USED / (wait_seconds + WORKER_CPU_MS / 1000)


def _worker_cpu_rate(shape: StackCapacity) -> float:
    return min(shape.worker_cores, 1) * shape.cpu_percent * 10 / WORKER_CPU_MS


def _worker_rate(shape: StackCapacity, wait_seconds: float) -> float:
    return min(_places_rate(shape, wait_seconds), _worker_cpu_rate(shape))


def _limits(shape: StackCapacity, wait_seconds: float) -> Iterator[Limit]:
    server = _server_rate(shape)
    yield Limit(
        part="CPU of the servers",
        rate=shape.servers * server,
        change="app.server.max_replicas" if shape.workers else "a flowise:queue section: queue mode, with workers",
    )
    pods_for_one = 1 / server
    if shape.workers:
        worker = _worker_rate(shape, wait_seconds)
        pods_for_one += 1 / worker
        yield Limit(
            part="places of the workers",
            rate=shape.workers * _places_rate(shape, wait_seconds),
            change="app.worker.concurrency (if the memory of your flows allows), app.worker.max_replicas",
        )
        yield Limit(
            part="CPU of the workers",
            rate=shape.workers * _worker_cpu_rate(shape),
            change="app.worker.max_replicas",
        )
        if shape.max_vcpus is not None:
            placed = shape.max_vcpus * PLACED
            yield Limit(
                part="vCPU of the nodes",
                rate=min(placed / shape.worker_cores * worker, placed / shape.server_cores * server),
                change="nodes.max_vcpus",
            )
    connections = DATABASE_CONNECTIONS if shape.workers else PLAIN_CONNECTIONS
    yield Limit(
        part="connections of the database",
        rate=_connections(shape.database) / connections / pods_for_one,
        change="database.instance_class",
    )
    yield Limit(
        part="CPU of the database",
        rate=_vcpus(shape.database) * shape.cpu_percent * 10 / DATABASE_CPU_MS,
        change="database.instance_class",
    )
    if shape.cache:
        burst = _baseline(shape.cache)
        yield Limit(
            part="Valkey's one core",
            rate=burst * shape.cpu_percent * 10 / QUEUE_CPU_MS,
            change="queue.node_type of family m" if burst < 1 else "another cell",
        )
        room = usable_memory_mib(shape.cache) * MEMORY_USED / JOB_MIB - 2 * shape.kept_jobs - KEPT_ANSWERS
        yield Limit(
            part="memory of Valkey, for the jobs that run",
            rate=max(room, 0) / (wait_seconds + WORKER_CPU_MS / 1000),
            change="queue.kept_jobs, then queue.node_type",
        )
        held = QUEUE_CONNECTIONS_SERVER / server + QUEUE_CONNECTIONS_WORKER / _worker_rate(shape, wait_seconds)
        yield Limit(
            part="connections of Valkey", rate=MOST_CACHE_CONNECTIONS * CONNECTIONS_USED / held, change="another cell"
        )


def _connections(database: str) -> float:
    return _instance(database).max_connections * CONNECTIONS_USED


def _vcpus(database: str) -> float:
    """That last: those of family t are lent."""
    return _instance(database).vcpus * _baseline(database)


def _instance(database: str) -> InstanceSize:
    try:
        return instance_size(database)
    except ValueError as error:
        raise CapacityError(
            f"database.instance_class {database}: its CPU and memory are not known here; "
            "choose a class of family c, m, r, t or x, such as db.m7g.large"
        ) from error


def _baseline(class_: str) -> float:
    _, family, size_ = class_.split(".")
    return _BASELINE.get(size_, 1.0) if family.startswith("t") else 1.0
