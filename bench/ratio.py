"""This commit beside an earlier one: what a plan and the tests take, as a ratio."""

import os
import statistics
import subprocess
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import ROOT, BenchReport, Timing, run

_RUNS = 5
_BASE = "feb9360"
"""0.1.0, unless BENCH_BASE names another commit."""

COMMANDS = {
    "`.venv/bin/python -m local plan prod`": [".venv/bin/python", "-m", "local", "plan", "prod"],
    "`make test`, a second run": ["make", "--no-print-directory", "test"],
}


def measure_ratio() -> BenchReport:
    """Run each command at the base and here, one after the other, so that both meet the same other work."""
    base = os.environ.get("BENCH_BASE", _BASE)
    rows: list[Sequence[str]] = []
    with checkout(base) as folder:
        run(["make", "--no-print-directory", "setup"], root=folder)  # with the packages of its own day
        for name, command in COMMANDS.items():
            for root in (folder, ROOT):
                run(command, root=root)  # makes what later runs find: byte code, recordings
            pairs = [(run(command, root=folder), run(command)) for _ in range(_RUNS)]
            rows.append([name, *compared([old for old, _ in pairs], [new for _, new in pairs])])
    header = [
        "command",
        f"CPU s at {base}",
        "CPU s here",
        "ratio of CPU s",
        "ratio of seconds",
        "peak MiB, before and now",
    ]
    return [(f"Ratio to {base}, medians of {_RUNS}", header, rows)]


def compared(old: Sequence[Timing], new: Sequence[Timing]) -> list[str]:
    """Medians of both, and what is left of the first."""
    before, now = (statistics.median(timing.cpu_seconds for timing in timings) for timings in (old, new))
    wall = [statistics.median(timing.seconds for timing in timings) for timings in (old, new)]
    peaks = [max(timing.peak_mib for timing in timings) for timings in (old, new)]
    return [
        f"{before:.1f}",
        f"{now:.1f}",
        f"{now / before:.2f}",
        f"{wall[1] / wall[0]:.2f}",
        f"{peaks[0]:.0f}, {peaks[1]:.0f}",
    ]


@contextmanager
def checkout(commit: str) -> Generator[Path]:
    """The files of a commit, in a folder of their own for as long as they are needed."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "base"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(folder), commit], cwd=ROOT, check=True)
        try:
            yield folder
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(folder)], cwd=ROOT, check=True)
