"""docs/alarms.md: every alarm of production, and which of them sees which failure, after how long."""

import importlib
import json
import math
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from types import ModuleType
from typing import Any, Final, cast

import components
from analysis.optional_sections import left_out_by_prod
from analysis.plan import record_stack
from analysis.recorder import Record, Recording
from analysis.stackfiles import ROOT, override, read_stack
from components.common.alarm import Failure

STACK: Final = "prod"
PATH: Final = ROOT / "docs" / "alarms.md"
_CANARY: Final = 'observability.canary={"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}'
_NATS: Final = ("network.nat=instance", "network.nat=per-zone")
"""A stack has one or the other, and each has an alarm."""
_MODULE: Final = "alarms"
METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
_LARGE: Final = 10_000
_MISSING: Final = {
    "breaching": "goes off",
    "notBreaching": "stays OK",
    "ignore": "stays as it is",
    "missing": "says that nothing is measured",
}


_OF_THE_STACK: Final = (
    Failure(what="A server pod is killed", seen_by=(), note="no alarm: the others serve, and it is back in a minute"),
    Failure(what="A server pod is killed again and again", seen_by=("server-crash-loop", "server-restarts")),
    Failure(what="All server pods are gone", seen_by=("servers-gone", "flowise-down", "canary-failed")),
    Failure(what="A pod uses more memory than it may", seen_by=("server-out-of-memory", "worker-out-of-memory")),
    Failure(
        what="The database is stopped or deleted",
        seen_by=("servers-gone", "flowise-down", "database-silent", "canary-failed"),
        note="pods leave the load balancer half a minute after they lose it; RDS's event comes besides",
    ),
    Failure(
        what="The database fails over",
        seen_by=(),
        note="RDS's event `failover`; one to two minutes of errors are fewer than an alarm needs",
    ),
    Failure(what="The database's storage is full", seen_by=("database-storage",), note="RDS's event `low storage` too"),
    Failure(what="The database runs out of connections", seen_by=("database-connections", "servers-errors")),
    Failure(what="The queue is stopped", seen_by=("servers-gone", "flowise-down", "cache-silent", "canary-failed")),
    Failure(what="The queue fails over", seen_by=("cache-failover",)),
    Failure(what="The queue is full", seen_by=("cache-memory", "servers-errors")),
    Failure(
        what="The queue's traffic is more than its class allows (jobs with pictures or files)",
        seen_by=("cache-network-in", "cache-network-out"),
    ),
    Failure(what="The queue evicts keys (its parameter group was changed)", seen_by=("cache-evictions",)),
    Failure(
        what="A worker is killed", seen_by=(), note="no alarm: its jobs go to the others, and it is back in a minute"
    ),
    Failure(
        what="No worker takes jobs", seen_by=("queue-backlog", "canary-failed", "queue-stuck", "worker-crash-loop")
    ),
    Failure(what="A node is lost", seen_by=("nodes-failed",), note="its pods start elsewhere at once"),
    Failure(what="No node can be had for a pod", seen_by=("server-pending", "worker-pending")),
    Failure(
        what="A deployment is bad: pods do not get ready",
        seen_by=("server-crash-loop", "worker-crash-loop"),
        note="the old pods serve on, and the deployment itself fails after 15 minutes",
    ),
    Failure(
        what="A deployment is bad: requests fail",
        seen_by=("availability-fast-burn", "servers-errors", "edge-errors"),
    ),
    Failure(what="A deployment is bad: answers are slow", seen_by=("latency-fast-burn", "servers-slow", "edge-slow")),
    Failure(what="The flows' model is down", seen_by=("servers-errors", "availability-fast-burn")),
    Failure(
        what="A few requests fail for hours",
        seen_by=("availability-slow-burn",),
        note="minutes are those of an outage; at 5 % of the requests it takes hours",
    ),
    Failure(what="The load balancer's certificate or name is wrong", seen_by=("edge-errors", "canary-failed")),
    Failure(what="A certificate is not renewed", seen_by=("certificate-edge",), note="30 days before it expires"),
    Failure(what="Somebody attacks, or a rule of the firewall refuses users", seen_by=("edge-blocked",)),
    Failure(what="A backup, a copy or a restore test fails", seen_by=(), note="AWS Backup's event, within 5 minutes"),
    Failure(what="Files cannot be copied to the recovery region", seen_by=("files-replication-failed",)),
    Failure(what="The month gets expensive", seen_by=(), note="the budget, within a day: AWS counts three times a day"),
    Failure(what="A vulnerability scan blocks a change", seen_by=(), note="no alarm: the delivery fails and says so"),
    Failure(
        what="The Collector, which counts the queue, is down",
        seen_by=(),
        note="queue-backlog and queue-stuck say that nothing is measured",
    ),
    Failure(
        what="The region is lost",
        seen_by=("edge-errors",),
        note="where the region is not us-east-1, in which this alarm is",
    ),
)
"""What the alarms see that `components/observability` describes; several components have a part in most of it."""


def described() -> Mapping[str, ModuleType]:
    """The modules in which components describe their alarms themselves, by the name of the component's package."""
    packages = [each.name for each in pkgutil.iter_modules(components.__path__) if each.ispkg]
    modules = {name: f"{components.__name__}.{name}.{_MODULE}" for name in packages}
    return {name: importlib.import_module(module) for name, module in modules.items() if find_spec(module)}


def failures() -> Sequence[Failure]:
    """Every failure; those that one component's alarms see are in `FAILURES` of the module that describes the alarms.

    Raises `LookupError` for a module without any.
    """
    return [*_OF_THE_STACK, *(each for name, module in described().items() for each in _failures(name, module))]


def _failures(name: str, module: ModuleType) -> Sequence[Failure]:
    found = cast("Sequence[Failure]", getattr(module, "FAILURES", ()))
    if not found:
        raise LookupError(
            f"components/{name}/{_MODULE}.py describes alarms and no failure that they see; add `FAILURES`, a sequence "
            "of `Failure`, each with the alarms that see it"
        )
    return found


def all_alarms() -> dict[str, Record]:
    """Alarms of production with everything that can be watched."""
    sections = [f"{name}={json.dumps(section)}" for name, section in left_out_by_prod().items()]
    recordings = [record_stack(override(read_stack(STACK), [_CANARY, nat, *sections])) for nat in _NATS]
    found = {name: record for recorded in recordings for name, record in alarms(recorded).items()}
    return dict(sorted(found.items(), key=lambda item: (item[1].type == COMPOSITE_ALARM, item[1].urn)))


def alarms(recorded: Recording) -> dict[str, Record]:
    """Alarms by their name without project and stack."""
    found = [*recorded.of_type(METRIC_ALARM), *recorded.of_type(COMPOSITE_ALARM)]
    return {_short(record.inputs.get("name") or record.inputs["alarmName"]): record for record in found}


def members(record: Record) -> list[str]:
    """Alarms that a composite alarm is made of."""
    return [_short(name) for name in re.findall(r'ALARM\("([^"]+)"\)', str(record.inputs["alarmRule"]))]


def minutes(name: str, known: Mapping[str, Record]) -> int:
    """How long a whole failure lasts before the alarm goes off, without the minute or two that metrics take.

    The window of an objective fills up with failures: it goes off when its share is reached, not at its end.
    """
    record = known[name]
    if record.type == COMPOSITE_ALARM:
        every = [minutes(member, known) for member in members(record)]
        return max(every) if " AND " in record.inputs["alarmRule"] else min(every)
    inputs = record.inputs
    period = _period(inputs) // 60
    if not inputs.get("alarmActions"):
        return math.ceil(period * float(inputs["threshold"]) / 100)
    return period * int(inputs["datapointsToAlarm"])


def page() -> str:
    """The page as Markdown."""
    known = all_alarms()
    lines = [
        "# Alarms",
        "",
        "What goes wrong, and who says so. `make docs` writes it from the program with prod's settings and a canary.",
        "Minutes count from the failure to the alarm, when everything fails at once; metrics take one or two more.",
        "An alarm's message says what it means and names its runbook. Where AWS documents the metrics is said beside",
        "the alarm, in `alarms.py` of its component or in `components/observability`; a test holds every alarm against",
        "the list. Failures that one component's alarms see come last.",
        "",
        "## Failures",
        "",
        "| failure | seen by, after minutes | besides |",
        "| --- | --- | --- |",
        *(_failure(failure, known) for failure in failures()),
        "",
        "## All alarms",
        "",
        "Windows of objectives are left out: they count for the alarms on burning budgets.",
        *_besides(known),
        "`nat-failed` is for stacks with `network.nat: instance`, `nat-ports` for those with NAT gateways.",
        "Only classes of family t have `database-cpu-credits` and `cache-cpu-credits`.",
        "Stacks outside us-east-1 have `certificate-load-balancer` too.",
        "",
        "| alarm | goes off | after minutes | without data | runbook |",
        "| --- | --- | --- | --- | --- |",
        *(_row(name, known) for name in known if known[name].inputs.get("alarmActions")),
    ]
    return "\n".join(lines) + "\n"


def _besides(known: Mapping[str, Record]) -> Iterator[str]:
    """Which alarms come with a section that prod leaves out: those that begin with the first word of its name."""
    for name in left_out_by_prod():
        word = name.partition("_")[0]
        theirs = [alarm for alarm in known if alarm.startswith(f"{word}-")]
        if theirs:
            yield f"`{word}-...` are for stacks with `flowise:{name}`, which prod leaves out."


def metrics(record: Record) -> list[tuple[str, str, tuple[str, ...]]]:
    """Namespace, name and names of the dimensions of what an alarm watches."""
    inputs = record.inputs
    queries = cast("list[dict[str, Any]]", inputs.get("metricQueries", []))
    watched = [query["metric"] for query in queries if query.get("metric")] or [inputs]
    return [(each["namespace"], each["metricName"], tuple(sorted(each["dimensions"]))) for each in watched]


def _failure(failure: Failure, known: Mapping[str, Record]) -> str:
    seen = sorted(failure.seen_by, key=lambda name: (minutes(name, known), failure.seen_by.index(name)))
    return f"| {failure.what} | {', '.join(f'{name} {minutes(name, known)}' for name in seen)} | {failure.note} |"


def _row(name: str, known: Mapping[str, Record]) -> str:
    record = known[name]
    means, runbook = record.inputs["alarmDescription"].split(" Runbook: docs/runbooks/")
    missing = _MISSING.get(record.inputs.get("treatMissingData", ""), "")
    link = f"[{runbook.removesuffix('.md')}](runbooks/{runbook})"
    return f"| {name} | {_condition(record)} {means} | {minutes(name, known)} | {missing} | {link} |"


def _condition(record: Record) -> str:
    inputs = record.inputs
    if record.type == COMPOSITE_ALARM:
        return ""
    names = " and ".join(dict.fromkeys(f"`{name}`" for _, name, _ in metrics(record)))
    sign = "above" if inputs["comparisonOperator"] == "GreaterThanThreshold" else "below"
    in_bytes = 2**20 if any(namespace == "AWS/ES" for namespace, *_ in metrics(record)) else 1
    threshold = float(inputs["threshold"])
    return f"{names} {sign} {_gib(threshold * in_bytes) if 'Free' in names else _amount(threshold)}:"


def _gib(size: float) -> str:
    return f"{size / 1024**3:.2g} GiB"


def _amount(value: float) -> str:
    return f"{value:,g}" if value < _LARGE else f"{value:,.0f}"


def _period(inputs: Mapping[str, Any]) -> int:
    queries = cast("list[dict[str, Any]]", inputs.get("metricQueries", []))
    return int(inputs.get("period") or queries[0]["metric"]["period"])


def _short(name: str) -> str:
    return name.split("-", 2)[2]
