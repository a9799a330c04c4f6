"""Flowise itself: our image's settings against stock ones, the queue with more workers, and what a prediction costs.

The flow needs no model: a Start and a Custom Function node. One that waits a second stands for a call of a model.
"""

import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import httpx

from bench.load import Load, load
from bench.processes import BenchError, BenchReport
from bench.usage import connections, cpu_seconds, descendants, memory_mib
from local.events import read_events
from local.pods import RunningContainer
from local.processes.ports import free_port
from tests.e2e.drills import Drill, until
from tests.e2e.environment import LocalEnvironment

_ROUNDS, _ROUND_SECONDS, _LONG_SECONDS = int(os.environ.get("BENCH_ROUNDS", "6")), 3, 15
_WORKERS = (1, 2, 4)
_UID = 1000
_OURS = ("NODE_OPTIONS", "FLOWISE_KEEP_ALIVE_SECONDS", "FLOWISE_DRAIN_SECONDS", "FLOWISE_EDGE_PROTO")
"""What a stock start does not have: preload and heap limit, and the preload's settings."""


@dataclass(frozen=True, kw_only=True)
class _Server:
    name: str
    url: str
    pid: int


def measure_app() -> BenchReport:
    """Measure dev (main mode) against stock settings, then prod (queue mode) with more and more workers."""
    return [*_measure_settings(), *_measure_queue()]


@contextmanager
def running_environment(stack: str) -> Generator[Drill]:
    """One stack without its data of before, with a flow to ask, stopped in the end."""
    local_env = LocalEnvironment(stack=stack, port=free_port())
    local_env.down()
    local_env.command("clean", stack, "--yes")
    started = local_env.up()
    try:
        if started.returncode != 0:
            raise BenchError(started.stdout[-2000:])
        with local_env.login() as api:
            yield Drill(local_env=local_env, flow=api.create_agent_flow("bench"))
    finally:
        local_env.down()


def _measure_settings() -> BenchReport:
    with running_environment("dev") as drill, tempfile.TemporaryDirectory(prefix="flowise-bench-") as home:
        pod = drill.servers[0]
        with _stock(pod, Path(home), drill.local_env) as stock:
            servers = (_Server(name="ours", url=pod.url, pid=pod.pid), stock)
            for server in servers:
                load(server.url, drill.flow, clients=8, seconds=3)  # warm
            few, many = (_in_turn(servers, drill.flow, clients=clients) for clients in (8, 32))
            memory = {s.name: (memory_mib(s.pid), memory_mib(s.pid, "VmHWM")) for s in servers}
            idle = {s.name: _idle_resets(s.url) for s in servers}
            cut = {s.name: _cut_by_sigterm(s, drill.flow) for s in servers}
    rows = [
        [
            server.name,
            *_speed(few[server.name].load),
            *_speed(many[server.name].load),
            f"{many[server.name].cpu_ms:.1f}",
            *(f"{mib:.0f}" for mib in memory[server.name]),
            idle[server.name],
            cut[server.name],
        ]
        for server in servers
    ]
    ratios = [f"{statistics.median(_ratios(each)):.2f}" for each in (few, many)]
    rows.append(["ours / stock, median of the rounds", ratios[0], "", "", ratios[1], *[""] * 7])
    whole = [f"{each['ours'].load.rate / each['stock'].load.rate:.2f}" for each in (few, many)]
    rows.append(["ours / stock, all rounds together", whole[0], "", "", whole[1], *[""] * 7])
    speed = ["a second", "p50 ms", "p99 ms"]
    header = [
        "settings",
        *(f"{what}, 8 clients" for what in speed),
        *(f"{what}, 32 clients" for what in speed),
        "CPU ms each",
        "MiB after it",
        "peak MiB",
        "kept connections cut, 6 s idle",
        "requests cut by SIGTERM",
    ]
    return [("Our settings against stock settings (main mode, one process each, in turn)", header, rows)]


@dataclass(kw_only=True)
class _Measured:
    load: Load = field(default_factory=Load)
    rates: list[float] = field(default_factory=list[float])
    """Of each round."""
    cpu: float = 0

    @property
    def cpu_ms(self) -> float:
        """CPU of the server for one answer."""
        return self.cpu * 1000 / max(1, len(self.load.times))


def _in_turn(servers: Sequence[_Server], flow: str, *, clients: int) -> dict[str, _Measured]:
    """Load them in short rounds, one after the other, so that a slow moment of the machine meets both."""
    found = {server.name: _Measured() for server in servers}
    for number in range(_ROUNDS):
        for server in servers[:: -1 if number % 2 else 1]:
            before = cpu_seconds([server.pid])
            part = load(server.url, flow, clients=clients, seconds=_ROUND_SECONDS)
            found[server.name].cpu += cpu_seconds([server.pid]) - before
            found[server.name].rates.append(part.rate)
            found[server.name].load.add(part)
    return found


def _ratios(measured: dict[str, _Measured]) -> list[float]:
    ours, stock = (each.rates for each in measured.values())
    return [mine / theirs for mine, theirs in zip(ours, stock, strict=True)]


def _speed(found: Load) -> tuple[str, str, str]:
    failed = f" ({found.failed} failed)" if found.failed else ""
    return f"{found.rate:.1f}{failed}", f"{found.percentile(50):.0f}", f"{found.percentile(99):.0f}"


@contextmanager
def _stock(pod: RunningContainer, home: Path, local_env: LocalEnvironment) -> Generator[_Server]:
    """`flowise start` with the same database and keys, and nothing of ours."""
    known = {name: value for name, value in pod.environment.items() if name not in _OURS}
    places = {"HOME": str(home), "TMPDIR": str(home), "LOG_PATH": str(home / "logs")}
    environment = known | places | {"HOST": "127.0.0.1", "PORT": str(free_port())}
    uid = _UID if os.geteuid() == 0 else None
    if uid:
        os.chown(home, uid, uid)
    with (home / "stock.log").open("wb") as log:
        process = subprocess.Popen(
            ["node", "node_modules/flowise/bin/run", "start"],
            cwd=local_env.image,
            env=environment,
            stdout=log,
            stderr=log,
            user=uid,
            group=uid,
            extra_groups=[] if uid else None,
        )
    url = f"http://127.0.0.1:{environment['PORT']}"
    try:
        _wait(url, process)
        yield _Server(name="stock", url=url, pid=process.pid)
    finally:
        process.kill()
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise BenchError(f"the stock server ended with {process.returncode}")
        try:
            if httpx.get(f"{url}/api/v1/ping", trust_env=False).text == "pong":
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise BenchError("the stock server does not answer")


def _idle_resets(url: str) -> str:
    """How many of 8 kept connections the server has closed after 6 s, which is shorter than any load balancer keeps."""
    place = httpx.URL(url)
    kept = [HTTPConnection(place.host, place.port, timeout=20) for _ in range(8)]
    for connection in kept:
        connection.request("GET", "/api/v1/ping")
        connection.getresponse().read()
        connection.auto_open = 0
    time.sleep(6)
    lost = 0
    for connection in kept:
        try:
            connection.request("GET", "/api/v1/ping")
            connection.getresponse().read()
        except (OSError, HTTPException):
            lost += 1
        connection.close()
    return f"{lost} of 8"


def _cut_by_sigterm(server: _Server, flow: str) -> str:
    """How many of 8 requests in flight are lost when the server is asked to stop."""
    with ThreadPoolExecutor(8) as pool:
        waiting = [
            pool.submit(load, server.url, flow, clients=1, seconds=0.1, question="wait 4000 sigterm") for _ in range(8)
        ]
        time.sleep(1.5)
        os.kill(server.pid, signal.SIGTERM)
        return f"{sum(each.result().failed > 0 for each in waiting)} of 8"


def _measure_queue() -> BenchReport:
    rows: list[list[str]] = []
    with running_environment("prod") as drill:
        url = drill.servers[0].url
        load(url, drill.flow, clients=8, seconds=3)
        cost = _cost(drill, url)
        for count in _WORKERS:
            drill.scale("worker", count)
            _wait_for_workers(drill, count)
            load(url, drill.flow, clients=8, seconds=3)
            busy = load(url, drill.flow, clients=32, seconds=12)
            waiting = load(url, drill.flow, clients=64, seconds=12, question="wait 1000 model")
            rows.append([str(count), *_speed(busy), *_speed(waiting)])
        held = _held(drill)
    speed = ["a second", "p50 ms", "p99 ms"]
    header = [
        "workers (concurrency 10)",
        *(f"{what}, 32 clients" for what in speed),
        *(f"{what}, 64 clients, a call of 1 s" for what in speed),
    ]
    return [
        ("Queue: one server and more and more workers, all on this machine", header, rows),
        ("What one prediction costs in queue mode", ["part", "figure"], cost),
        ("Connections of a process under load", ["process", "PostgreSQL", "Redis", "MiB", "peak MiB"], held),
    ]


def _wait_for_workers(drill: Drill, count: int) -> None:
    """A worker takes jobs once it has its connections to the queue."""
    port = int(drill.servers[0].environment["REDIS_PORT"])
    all_connections = connections(drill.workers[0].pid, port)
    until(
        lambda: [connections(worker.pid, port) for worker in drill.workers] == [all_connections] * count,
        f"{count} workers take jobs",
    )


def _cost(drill: Drill, url: str) -> Sequence[Sequence[str]]:
    """CPU, statements and commands of a prediction, with one server and one worker."""
    groups = {
        "server": [drill.servers[0].pid],
        "worker": [drill.workers[0].pid],
        "PostgreSQL": descendants(_pid(drill, "postgres-database")),
        "Valkey": [_pid(drill, "valkey-queue")],
    }
    before = {name: cpu_seconds(pids) for name, pids in groups.items()}
    commands, transactions = _commands(drill), _transactions(drill)
    found = load(url, drill.flow, clients=8, seconds=_LONG_SECONDS)
    count = len(found.times)
    rows = [
        [f"CPU of {name}, ms", f"{(cpu_seconds(pids) - before[name]) / count * 1000:.1f}"]
        for name, pids in groups.items()
    ]
    return [
        *rows,
        ["commands of Valkey", f"{(_commands(drill) - commands) / count:.0f}"],
        ["transactions of PostgreSQL", f"{(_transactions(drill) - transactions) / count:.0f}"],
        ["predictions a second meanwhile, 8 clients", f"{found.rate:.1f}"],
    ]


def _pid(drill: Drill, name: str) -> int:
    events = [e for e in read_events(drill.stack.events) if e["kind"] == "process" and e["name"] == name]
    return int(events[-1]["detail"].split()[1])


def _commands(drill: Drill) -> int:
    with drill.valkey() as valkey:
        lines = valkey.ask("INFO", "stats").splitlines()
    return int(next(line for line in lines if line.startswith("total_commands_processed")).split(":")[1])


def _transactions(drill: Drill) -> int:
    time.sleep(1.5)  # PostgreSQL's sessions report what they did with a delay
    rows = drill.rows("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'flowise'")
    return int(rows[0][0])


def _held(drill: Drill) -> list[list[str]]:
    environment = drill.servers[0].environment
    ports = int(environment["DATABASE_PORT"]), int(environment["REDIS_PORT"])
    return [
        [pod.pod, *(str(connections(pod.pid, port)) for port in ports), *_memory(pod.pid)]
        for pod in (*drill.servers, *drill.workers)
    ]


def _memory(pid: int) -> tuple[str, str]:
    return f"{memory_mib(pid):.0f}", f"{memory_mib(pid, 'VmHWM'):.0f}"
