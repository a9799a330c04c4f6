"""Two processes run every test once between them."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT

FILES = {
    "a/test_one.py": "def test_first(ran): ran('one first')\ndef test_second(ran): ran('one second')\n",
    "a/test_two.py": "def test_first(ran): ran('two first')\n",
    "b/test_three.py": "def test_first(ran): ran('three first')\ndef test_second(ran): ran('three second')\n",
    "test_four.py": "def test_first(ran): ran('four first')\n",
}
CONFTEST = """
from pathlib import Path
import pytest

@pytest.fixture(scope="module")
def ran():
    def write(line):
        with Path("ran").open("a") as file:
            file.write(line + "\\n")
    yield write
    write("module ends")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A few test files, and a folder for what is taken."""
    for name, text in {**FILES, "conftest.py": CONFTEST, "pytest.ini": "[pytest]\n", "taken/.keep": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def start(project: Path, *options: str) -> subprocess.Popen[str]:
    """One of the two processes."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.divided", "--divided=taken", *options]
    return subprocess.Popen(
        [*command, "--import-mode=importlib", "-p", "no:cloudcoil", "-p", "no:cacheprovider"],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_every_test_runs_once(project: Path) -> None:
    both = [start(project), start(project, "--from-end")]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    ran = Counter((project / "ran").read_text(encoding="utf-8").splitlines())
    assert ran.pop("module ends") == len(FILES)
    assert ran == Counter(["one first", "one second", "two first", "three first", "three second", "four first"])


def test_a_failure_is_one_of_the_process_that_ran_it(project: Path) -> None:
    (project / "test_four.py").write_text("def test_first(): assert False\n", encoding="utf-8")
    (project / "taken" / "2").touch()  # by the process that goes from the start
    process = start(project, "--from-end")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1, said
    assert "1 failed" in said
    assert "three" not in said
