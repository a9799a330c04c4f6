"""A model on paper: pods, nodes, connections and money for a number of predictions a second (docs/capacity.md).

Figures of one prediction come from `make bench` (docs/benchmarks.md). Prices are us-east-1 on demand, USD, 730 hours.
"""

import math
from dataclasses import dataclass

from bench.processes import Report

RATES = (100, 1_000, 10_000)
CALL_SECONDS = 5
"""How long a flow waits for its models: chat flows with one call of a large model take 2 to 10 s."""
LOAD = 0.6
"""How far CPU is used on purpose: the target of the autoscaler, and room for a zone that fails."""

SERVER_CPU_MS, WORKER_CPU_MS, DATABASE_CPU_MS, VALKEY_CPU_MS = 10.0, 24.0, 7.0, 1.5
CONNECTIONS = 10
"""To PostgreSQL, of each server and worker: the limit of Flowise's pool."""
REDIS_SERVER, REDIS_WORKER = 18, 17

_HOURS = 730
_VCPU_MONTH = (0.0816 + 0.00979) / 2 * _HOURS
"""m7g with EKS Auto Mode's fee: both are linear in the size."""
_PACKING = 0.9
_DATABASES = (
    ("db.m7g.large", 2, 901, 246),
    ("db.m7g.xlarge", 4, 1802, 492),
    ("db.m7g.2xlarge", 8, 3604, 984),
    ("db.m7g.4xlarge", 16, 5000, 1968),
)
"""Class, vCPU, max_connections (memory / 9531392, at most 5,000), USD a month in two zones (linear in the size)."""
_VALKEY_MONTH = 2 * 92
"""Two cache.m7g.large at about 0.126 an hour."""
_FIXED_MONTH = 73 + 3 * 33 + 16.4 + 20
"""A stack whatever its load: EKS, three NAT gateways, load balancer, addresses and keys."""
_REQUEST_MILLION = 0.60 + 1.00
"""AWS WAF, and CloudFront's price for HTTPS requests."""
_KIB = 8
"""Question and answer."""
_LCU_MONTH = 0.008 * _HOURS
_CDN_GB = 0.085


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a rate needs; the data stores are those of one stack (cell) out of `cells`."""

    rate: int
    concurrency: int
    servers: int
    workers: int
    cells: int
    database: str
    costs: dict[str, float]

    @property
    def pods(self) -> int:
        """Servers and workers of one cell."""
        return self.servers + self.workers

    @property
    def month(self) -> float:
        """USD a month, all cells."""
        return sum(self.costs.values())


def plan(rate: int, concurrency: int) -> Plan:
    """Work out the smallest number of equal cells whose database and queue can bear their share."""
    for cells in range(1, 1000):
        found = _cell(rate, concurrency, cells)
        if found:
            return found
    raise ValueError(f"{rate} predictions a second with concurrency {concurrency} need more than 1,000 cells")


def _cell(rate: int, concurrency: int, cells: int) -> Plan | None:
    share = rate / cells
    servers = max(2, math.ceil(share * SERVER_CPU_MS / 1000 / LOAD))
    by_cpu = math.ceil(share * WORKER_CPU_MS / 1000 / LOAD)
    by_waiting = math.ceil(share * (CALL_SECONDS + WORKER_CPU_MS / 1000) / concurrency)
    workers = max(2, by_cpu, by_waiting)
    if share * VALKEY_CPU_MS / 1000 > LOAD:  # it runs commands on one core
        return None
    needed, cpu = (servers + workers) * CONNECTIONS / 0.8, share * DATABASE_CPU_MS / 1000 / LOAD
    fitting = [each for each in _DATABASES if each[2] >= needed and each[1] >= cpu]
    if not fitting:
        return None
    millions, gigabytes = rate * 3600 * _HOURS / 1e6, rate * _KIB * 1024 * 3600 * _HOURS / 1e9
    return Plan(
        rate=rate,
        concurrency=concurrency,
        servers=servers,
        workers=workers,
        cells=cells,
        database=fitting[0][0],
        costs={
            "nodes": cells * (servers + workers) / _PACKING * _VCPU_MONTH,
            "database": cells * fitting[0][3],
            "queue": cells * _VALKEY_MONTH,
            "edge": millions * _REQUEST_MILLION + gigabytes * _CDN_GB + gigabytes / _HOURS * _LCU_MONTH,
            "fixed": cells * _FIXED_MONTH,
        },
    )


def model_capacity() -> Report:
    """The model for three rates, with the default concurrency of a worker and with a higher one."""
    plans = [plan(rate, concurrency) for concurrency in (10, 50) for rate in RATES]
    sizes = [
        [
            f"{each.rate:,}",
            str(each.concurrency),
            str(each.cells),
            f"{each.servers} + {each.workers}",
            f"{math.ceil(each.pods / _PACKING / 16)}",
            f"{each.pods * CONNECTIONS:,}",
            each.database,
            f"{each.servers * REDIS_SERVER + each.workers * REDIS_WORKER:,}",
            f"{each.rate / each.cells * VALKEY_CPU_MS / 10:.0f} %",
        ]
        for each in plans
    ]
    money = [
        [
            f"{each.rate:,}",
            str(each.concurrency),
            *(f"{cost:,.0f}" for cost in each.costs.values()),
            f"{each.month:,.0f}",
            f"{each.month / (each.rate * 3600 * _HOURS / 1e6):.2f}",
        ]
        for each in plans
    ]
    return [
        (
            "What it takes",
            [
                "predictions a second",
                "concurrency of a worker",
                "cells",
                "servers + workers of a cell",
                "nodes of 16 vCPU of a cell",
                "database connections of a cell",
                "database of a cell",
                "Redis connections of a cell",
                "Valkey's core",
            ],
            sizes,
        ),
        (
            "What it costs, USD a month",
            ["predictions a second", "concurrency of a worker", *plans[0].costs, "all", "USD a million predictions"],
            money,
        ),
    ]
