"""The program and its tests."""

import shutil
import sys

from bench.processes import ROOT, BenchReport, run, spread

_RUNS = 5
RECORDINGS = ROOT / ".pytest_cache/recordings"
"""What tests/conftest.py keeps from run to run."""
_RECORD = (
    "import sys, time\n"
    "from analysis.plan import record_stack\n"
    "from analysis.stackfiles import read_stack\n"
    "count = sum(len(record_stack(read_stack('prod')).records) for _ in range(int(sys.argv[1])))\n"
)
_JUDGE = (
    "import sys\n"
    "from analysis.evaluation import evaluate_recording, today\n"
    "from analysis.plan import record_stack\n"
    "from analysis.stackfiles import read_stack\n"
    "config = read_stack(sys.argv[1])\n"
    "recording = record_stack(config)\n"
    "for _ in range(int(sys.argv[2])):\n"
    "    evaluate_recording(recording, config, today())\n"
)


def measure_plan() -> BenchReport:
    """`plan prod` as a whole process, and one process that records the environment 1, 2 and 4 times."""
    runs = [run([sys.executable, "-m", "local", "plan", "prod"]) for _ in range(_RUNS)]
    rows = [["`.venv/bin/python -m local plan prod`", *spread(runs)]]
    for times in (1, 2, 4):
        runs = [run([sys.executable, "-c", _RECORD, str(times)]) for _ in range(_RUNS)]
        rows.append([f"record the environment of prod {times} x", *spread(runs)])
    return [("Plan", ["command", f"seconds, median of {_RUNS}", "peak MiB"], rows)]


def measure_policy() -> BenchReport:
    """`policy` as a whole process for each stack, and the rules alone on a stack that is recorded already."""
    rows = [
        [
            f"`.venv/bin/python -m local policy {stack}`",
            *spread([run([sys.executable, "-m", "local", "policy", stack]) for _ in range(_RUNS)]),
        ]
        for stack in ("dev", "prod")
    ]
    for stack in ("dev", "prod"):
        once, ten = (
            [run([sys.executable, "-c", _JUDGE, stack, str(times)]) for _ in range(_RUNS)] for times in (1, 11)
        )
        extra = (sum(t.seconds for t in ten) - sum(t.seconds for t in once)) / _RUNS / 10
        rows.append([f"all rules on {stack}, recorded already", f"{extra:.3f}", ""])
    return [("Policy", ["command", f"seconds, median of {_RUNS}", "peak MiB"], rows)]


def measure_tests() -> BenchReport:
    """`make test` with nothing recorded yet, and again."""
    shutil.rmtree(RECORDINGS, ignore_errors=True)
    command = ["make", "--no-print-directory", "test"]
    rows = [
        ["`make test`, nothing recorded yet", *spread([run(command)])],
        ["`make test`, a second run", *spread([run(command) for _ in range(3)])],
    ]
    return [("Tests", ["command", "seconds", "peak MiB"], rows)]
