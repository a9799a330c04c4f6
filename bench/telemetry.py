"""What tracing costs: predictions of a flow without a model, in queue mode, without and with a Collector."""

import json
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from bench.processes import ROOT, BenchReport, run
from tests.e2e.flowise_api import FlowiseApi

_PORT = 18081
_CLIENTS = 8
_WARM, _ASKED = 100, 400
_COUNTED = ("flowise-server-0", "flowise-worker-0", "collector-0")


def measure_telemetry() -> BenchReport:
    """One run of each; both keep every trace that is asked for, as `--observe` does."""
    rows: list[list[str]] = []
    for title, options in (("without", ()), ("with", ("--observe",))):
        functions = ("--set", 'app.code_execution="sandbox"')  # the flow that is asked answers by a function
        run([sys.executable, "-m", "local", "up", "prod", "--port", str(_PORT), *functions, *options])
        try:
            seconds, times = _ask()
            memory = _memory()
        finally:
            run([sys.executable, "-m", "local", "down", "prod"])
        p99 = statistics.quantiles(times, n=100)[98]
        figures = [f"{_ASKED / seconds:.1f}", f"{statistics.median(times) * 1000:.0f}", f"{p99 * 1000:.0f}"]
        rows.append([title, *figures, *(memory.get(name, "") for name in _COUNTED)])
    header = ["traces", "predictions/s", "p50 ms", "p99 ms", *(f"{name} MiB" for name in _COUNTED)]
    return [(f"Traces: {_ASKED} predictions, {_CLIENTS} clients, queue mode, everything on this machine", header, rows)]


def _ask() -> tuple[float, list[float]]:
    words = (line.split(maxsplit=1) for line in (ROOT / ".local/prod/owner.txt").read_text("utf-8").splitlines()[:3])
    owner = {word[0]: word[1] for word in words if len(word) > 1}
    with FlowiseApi(f"http://localhost:{_PORT}") as api, ThreadPoolExecutor(_CLIENTS) as pool:
        api.login(owner["email"], owner["password"])
        flow = api.create_agent_flow("bench", public=True)

        def ask(number: int) -> float:
            began = time.perf_counter()
            api.predict(flow, f"question {number}")
            return time.perf_counter() - began

        list(pool.map(ask, range(_WARM)))
        began = time.perf_counter()
        times = list(pool.map(ask, range(_ASKED)))
        return time.perf_counter() - began, times


def _memory() -> dict[str, str]:
    """Resident set of each pod's process now, in MiB."""
    found: dict[str, str] = {}
    for line in (ROOT / ".local/prod/events.jsonl").read_text("utf-8").splitlines():
        event = cast("dict[str, Any]", json.loads(line))
        detail = str(event.get("detail", ""))
        if event["kind"] == "pod" and event["state"] == "started" and event["pod"] in _COUNTED:
            status = Path(f"/proc/{detail.split()[1]}/status")
            if status.exists():
                resident = next(each for each in status.read_text("utf-8").splitlines() if each.startswith("VmRSS"))
                found[event["pod"]] = f"{int(resident.split()[1]) / 1024:.0f}"
    return found
