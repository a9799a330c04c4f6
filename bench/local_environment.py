"""`make local`: how long until Flowise answers, and what its processes hold in memory."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from bench.processes import ROOT, BenchReport, run

_PORT = "18080"


def measure_local() -> BenchReport:
    """Start each stack with empty package caches, then warm; the phases are those of the start's own event log."""
    reports: BenchReport = []
    for stack in ("dev", "prod"):
        rows: list[list[str]] = []
        memory: list[list[str]] = []
        with tempfile.TemporaryDirectory(prefix="flowise-bench-") as empty:
            caches = {"BUN_INSTALL_CACHE_DIR": f"{empty}/bun", "npm_config_cache": f"{empty}/npm"}
            for state, environment in (("cold", os.environ | caches), ("warm", dict(os.environ))):
                _forget(stack, packages=state == "cold")
                timing = run([sys.executable, "-m", "local", "up", stack, "--port", _PORT], environment=environment)
                events = _events(stack)
                memory = _memory(events)
                run([sys.executable, "-m", "local", "down", stack])
                phases = [e for e in events if e["kind"] == "phase" and e["state"] == "done"]
                rows.append([state, "until Flowise answers", f"{timing.seconds:.1f}"])
                rows += [[state, str(e["name"]), f"{e['seconds']:.1f}"] for e in phases]
        reports.append((f"`make local STACK={stack}`", ["caches", "phase (some run beside others)", "seconds"], rows))
        reports.append((f"Memory of {stack}", ["process", "peak MiB"], memory))
    return reports


def _forget(stack: str, *, packages: bool) -> None:
    """Remove the stack's data and, for a cold start, everything that was installed for the local environment."""
    run([sys.executable, "-m", "local", "clean", stack, "--yes"])
    if packages:
        for part in ("tools", "image", "cache"):
            run(["rm", "-rf", str(ROOT / ".local" / part)])


def _events(stack: str) -> list[dict[str, Any]]:
    lines = (ROOT / ".local" / stack / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [cast("dict[str, Any]", json.loads(line)) for line in lines]


def _memory(events: list[dict[str, Any]]) -> list[list[str]]:
    """Highest resident set of each process that is still there, as the kernel kept it."""
    rows: list[list[str]] = []
    for event in events:
        detail = str(event.get("detail", ""))
        if event["kind"] not in {"process", "pod"} or event["state"] != "started" or not detail.startswith("pid "):
            continue
        name = str(event.get("name") or f"{event['pod']}/{event['container']}")
        status = Path(f"/proc/{detail.split()[1]}/status")
        if status.exists():
            peak = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
            rows.append([name, f"{int(peak.split()[1]) / 1024:.0f}"])
    return rows
