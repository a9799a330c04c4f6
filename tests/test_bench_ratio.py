"""The ratio of two commits: what it says of measurements, and the files that it takes them with."""

import subprocess

from bench.processes import ROOT, Timing, run
from bench.ratio import checkout, compared


def timings(*cpu_seconds: float) -> list[Timing]:
    return [Timing(seconds=2 * each, cpu_seconds=each, peak_mib=10 * each) for each in cpu_seconds]


def test_the_ratio_is_that_of_medians() -> None:
    assert compared(timings(10, 8, 30), timings(4, 5, 3)) == ["10.0", "4.0", "0.40", "0.40", "300, 50"]


def test_the_files_of_a_commit_are_gone_afterwards() -> None:
    with checkout("HEAD") as folder:
        assert (folder / "__main__.py").exists()
        assert run(["git", "rev-parse", "HEAD"], root=folder).cpu_seconds >= 0
    assert not folder.exists()
    known = subprocess.run(["git", "worktree", "list"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    assert str(folder) not in known
