"""Runs commands as whole processes and says how long they took and how much memory they held."""

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BenchReport = list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]
"""Tables: title, header, rows."""


class BenchError(Exception):
    """A measured command failed, so there is nothing to report."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """One run of a command."""

    seconds: float
    cpu_seconds: float
    """Of this command and every process it waited for, in user and system mode: other work distorts it less."""
    peak_mib: float
    """Most memory that the command, or any process it waited for, held (resident set)."""


def run(arguments: Sequence[str], *, environment: Mapping[str, str] | None = None, root: Path = ROOT) -> Timing:
    """Run a command to its end. Raises `BenchError` with what it printed when it fails."""
    started = time.perf_counter()
    # A process of its own in between, so that the peak is that of this command alone.
    probe = (
        "import resource, subprocess, sys; "
        "code = subprocess.run(sys.argv[1:]).returncode; "
        "used = resource.getrusage(resource.RUSAGE_CHILDREN); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *arguments],
        cwd=root,
        env=dict(environment) if environment else None,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise BenchError(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    cpu_seconds, peak = done.stderr.split()[-2:]
    return Timing(seconds=seconds, cpu_seconds=float(cpu_seconds), peak_mib=int(peak) / 1024)


def own_peak_mib() -> float:
    """Most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spread(timings: Sequence[Timing]) -> tuple[str, str]:
    """Median with the range, in seconds; and the highest peak in MiB."""
    seconds = [timing.seconds for timing in timings]
    text = f"{statistics.median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"
    return text, f"{max(timing.peak_mib for timing in timings):.0f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
