"""Between the model and a stack: what its settings come to, what to write into them, and what that costs."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.capacity.model import FEWEST_PODS, KEPT_JOBS, PLACED, Load, Sizing, StackCapacity
from analysis.cost.estimate import Estimate, estimate
from analysis.cost.nodes import Nodes, nodes_of
from analysis.cost.prices import HOURS
from analysis.cost.service import Usage
from analysis.cost.services.cluster import ClusterUsage
from analysis.cost.usage import assumed
from analysis.plan import record_stack
from analysis.recorder import Recording
from analysis.stackfiles import StackConfig, override
from settings import StackSettings, parse_settings

Changes = Mapping[str, Any]
"""Keys of a stack file such as `app.worker.replicas`, with their values."""

_EDGE_KIB: Final = 8
"""Question and answer, to and from people."""
_MODEL_KIB: Final = 16
"""The same with its context, to and from a model."""
_ZONE_KIB: Final = 32
"""Between zones: some 90 commands and statements, two thirds of them to another zone."""
_LOG_KIB: Final = 1
_OTHER_PODS: Final = 16
"""Of the 20 that `ClusterUsage.observations_millions` assumes, those that are not Flowise's."""
_MILLION: Final = 1_000_000
_DEFAULT_MAX_VCPUS: Final = 64
_DEFAULT_CACHE_CONNECTIONS: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Month:
    """What cells of a size cost, and what they stand on at the full rate."""

    by_component: Mapping[str, float]
    """USD of one cell."""
    nodes: tuple[Nodes, ...]

    @property
    def cell(self) -> float:
        """USD of one cell."""
        return sum(self.by_component.values())


def shape_of(settings: StackSettings) -> StackCapacity:
    """What a stack's settings come to, with as many pods as they allow."""
    server, worker, queue = settings.app.server, settings.app.worker, settings.queue
    return StackCapacity(
        servers=server.max_replicas,
        workers=worker.max_replicas if queue else 0,
        concurrency=worker.concurrency,
        server_cores=server.cpu_millicores / 1000,
        worker_cores=worker.cpu_millicores / 1000,
        database=settings.database.instance_class,
        cache=queue.node_type if queue else None,
        kept_jobs=queue.kept_jobs if queue else KEPT_JOBS,
        cpu_percent=server.cpu_percent_target,
        max_vcpus=settings.nodes.max_vcpus if settings.nodes else None,
    )


def changes(size: Sizing, settings: StackSettings) -> dict[str, Any]:
    """What a cell's stack file says for this size. The rest stays as it is."""
    shape = size.shape
    found: dict[str, Any] = {
        "app.server.replicas": FEWEST_PODS,
        "app.server.max_replicas": shape.servers,
        "app.worker.replicas": FEWEST_PODS,
        "app.worker.max_replicas": shape.workers,
        "app.worker.concurrency": shape.concurrency,
        "database.instance_class": shape.database,
        "queue.node_type": shape.cache,
        "queue.nodes": 2,
    }
    if settings.app.server.cpu_percent_target != shape.cpu_percent:
        found["app.server.cpu_percent_target"] = shape.cpu_percent
    if settings.nodes:
        cores = max((shape.servers + 1) * shape.server_cores, (shape.workers + 1) * shape.worker_cores)
        wanted = math.ceil(cores / PLACED)  # a rollout brings one more
        found["nodes.max_vcpus"] = max(_DEFAULT_MAX_VCPUS, wanted)
    if not settings.cluster.metrics_server:
        found["cluster.metrics_server"] = True  # servers scale on CPU
    if settings.observability:
        held = math.ceil(shape.cache_connections * 1.25 / 100) * 100
        found["observability.thresholds.queue_jobs"] = shape.workers * shape.concurrency
        found["observability.thresholds.cache_connections"] = max(_DEFAULT_CACHE_CONNECTIONS, held)
    return found


def with_changes(config: StackConfig, changed: Changes) -> StackConfig:
    """A stack's configuration with these keys set."""
    return override(config, [f"{path}={json.dumps(value)}" for path, value in changed.items()])


def usage(size: Sizing, load: Load, settings: StackSettings) -> Usage:
    """What a cell is used for in a month: what one team does anyway, and its share of the predictions."""
    team = assumed()
    predictions = size.rate * load.hours * 3600
    traces = settings.telemetry.traces if settings.telemetry else None
    kept = 0.0
    if traces:
        kept = 1.0 if load.wait_seconds > traces.slow_seconds else traces.sampled_percent / 100
    gigabytes = predictions * 1024 / 1e9
    more_pods = size.servers + size.workers - 2 * FEWEST_PODS
    observations = team.of(ClusterUsage).observations_millions / (_OTHER_PODS + 2 * FEWEST_PODS)
    more = {
        "requests_millions": predictions / _MILLION,
        "edge_out_gb": gigabytes * _EDGE_KIB,
        "load_balancer_lcu": gigabytes * _EDGE_KIB / HOURS,  # a unit is a GB an hour, which a prediction has most of
        "nat_gb": gigabytes * _MODEL_KIB,
        "zone_crossing_gb": gigabytes * _ZONE_KIB,
        "container_log_gb": gigabytes * _LOG_KIB,
        "traces_millions": kept * predictions / _MILLION,
        "observations_millions": observations * more_pods,
    }
    figures = team.model_dump()
    return assumed({**figures, **{name: figures[name] + figure for name, figure in more.items()}})


def month(config: StackConfig, size: Sizing, load: Load) -> Month:
    """What a cell costs: hours at the full rate, and in the others the fewest pods. Raises `PriceError`."""
    settings = parse_settings(config.values, config.secret_keys, config.stack)
    changed = changes(size, settings)
    quiet = with_changes(config, changed)
    full = {
        "app.server.replicas": size.servers,
        "app.worker.replicas": size.workers,
        "app.worker.min_replicas": None,
    }
    busy = record_stack(with_changes(quiet, full))
    used = usage(size, load, settings)

    def estimated(recording: Recording) -> Estimate:
        return estimate(recording, stack=config.stack, region=settings.region, usage=used)

    at_work = estimated(busy).by_component()
    at_rest = at_work if load.hours >= HOURS else estimated(record_stack(quiet)).by_component()
    share = load.hours / HOURS
    return Month(
        by_component={name: at_work[name] * share + at_rest.get(name, 0) * (1 - share) for name in at_work},
        nodes=tuple(nodes_of(busy)),
    )


def budget(usd: float) -> int:
    """Limit of a month that leaves a fifth for what is not as assumed."""
    return math.ceil(usd * 1.2 / 50) * 50


def as_stack_file(changed: Changes) -> dict[str, Any]:
    """Keys as a stack file holds them, by section."""
    document: dict[str, Any] = {}
    for path, value in changed.items():
        section, *rest = path.split(".")
        inner = document.setdefault(f"flowise:{section}", {})
        for part in rest[:-1]:
            inner = inner.setdefault(part, {})
        inner[rest[-1]] = value
    return document
