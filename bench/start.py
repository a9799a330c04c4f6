"""A server and a worker at rest: memory, CPU of the start, and how many modules that loads, against stock Flowise."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.app import running_environment
from bench.processes import BenchError, BenchReport
from bench.usage import cpu_seconds, memory_mib
from local.pods import RunningContainer
from local.processes.ports import free_port
from tests.e2e.environment import LocalEnvironment

_ROUNDS = 5
_SETTLED_SECONDS = 40
"""V8 gives back what a start took once the process has been idle for a while."""
_ALL_NODES = {"FLOWISE_LOAD_ALL_NODES": "true"}
_VARIANTS: Mapping[str, Mapping[str, str]] = {
    "stock way: all nodes loaded, nothing compiled before": {**_ALL_NODES, "NODE_DISABLE_COMPILE_CACHE": "1"},
    "all nodes loaded, compiled before": _ALL_NODES,
    "nodes when used, nothing compiled before": {"NODE_DISABLE_COMPILE_CACHE": "1"},
    "nodes when used, compiled before (the image)": {},
}


@dataclass(frozen=True, kw_only=True)
class _Start:
    seconds: float
    cpu: float
    ready: float
    rest: float


def measure_start() -> BenchReport:
    """Start the server of dev and the worker of prod again and again, in turn, beside the running ones."""
    reports: BenchReport = []
    for stack, container, command in (("dev", "server", "start"), ("prod", "worker", "worker")):
        with running_environment(stack) as drill:
            pod = (drill.servers if container == "server" else drill.workers)[0]
            found: dict[str, list[_Start]] = {name: [] for name in _VARIANTS}
            for _ in range(_ROUNDS):
                for name, changes in _VARIANTS.items():
                    found[name].append(_start(pod, drill.local_env, command, changes))
        reports.append((f"Start of a {container}, medians of {_ROUNDS}", _HEADER, _rows(found)))
    return reports


_HEADER = ("what", "seconds to ready", "CPU s", "MiB when ready", "MiB at rest", "CPU, ratio", "MiB at rest, ratio")


def _rows(found: Mapping[str, list[_Start]]) -> list[list[str]]:
    rows: list[list[str]] = []
    base: tuple[float, float] | None = None
    for name, starts in found.items():
        seconds, cpu, ready, rest = (statistics.median(values) for values in zip(*map(_values, starts), strict=True))
        base = base or (cpu, rest)
        ratios = [f"{cpu / base[0]:.2f}", f"{rest / base[1]:.2f}"]
        rows.append([name, f"{seconds:.1f}", f"{cpu:.1f}", f"{ready:.0f}", f"{rest:.0f}", *ratios])
    return rows


def _values(start: _Start) -> tuple[float, float, float, float]:
    return start.seconds, start.cpu, start.ready, start.rest


def _start(pod: RunningContainer, local_env: LocalEnvironment, command: str, changes: Mapping[str, str]) -> _Start:
    """Start a process like a pod's until it is ready and has settled, and end it."""
    uid = int(pod.status("Uid").split()[0]) if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="flowise-bench-") as home:
        places = {"HOME": home, "TMPDIR": home, "LOG_PATH": f"{home}/logs"}
        own = {"HOST": "127.0.0.1", "PORT": str(free_port())}
        environment = {**pod.environment, **places, **own, **changes}
        if uid:
            os.chown(home, uid, uid)
        began = time.monotonic()
        process = subprocess.Popen(
            ["node", "node_modules/flowise/bin/run", command],
            cwd=local_env.image,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=uid,
            group=uid,
            extra_groups=[] if uid else None,
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{environment['PORT']}/readyz", process)
            seconds, cpu, ready = time.monotonic() - began, cpu_seconds([process.pid]), memory_mib(process.pid)
            time.sleep(_SETTLED_SECONDS)
            return _Start(seconds=seconds, cpu=cpu, ready=ready, rest=memory_mib(process.pid))
        finally:
            process.kill()
            process.wait()
            _forget_logs(Path(home))


def _forget_logs(home: Path) -> None:
    """What another user wrote goes with the directory; this makes it removable."""
    for path in home.rglob("*"):
        if path.is_dir():
            path.chmod(0o777)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise BenchError(f"the process ended with {process.returncode}")
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.25)
    raise BenchError("the process is not ready after five minutes")
