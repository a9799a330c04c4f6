"""What a person sees when a start fails, on real processes; nothing is left running."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT
from tests.e2e.conftest import LocalEnvironment, free_port


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[LocalEnvironment]:
    """A copy of the checkout, to be broken on purpose; shares the installed packages."""
    checkout = tmp_path / "checkout"
    left_out = shutil.ignore_patterns(".*", "tests", "bench", "docs", "node_modules", "__pycache__")
    shutil.copytree(ROOT, checkout, ignore=left_out)
    local_env = LocalEnvironment(stack="dev", port=free_port(), checkout=checkout)
    yield local_env
    local_env.down()
    assert local_env.processes() == []
    shutil.rmtree((checkout / ".local").resolve(), ignore_errors=True)  # as root it is a link out of the checkout


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('        "NODE_EXTRA_CA_CERTS": f"{settings.distribution.root}/certs/rds.pem",', "certificate"),
        ('        "DATABASE_USER": database.username,', "DATABASE_USER"),
    ],
)
def test_a_variable_that_the_component_forgets_is_missing_in_the_pod(
    copy: LocalEnvironment, line: str, says: str
) -> None:
    source = copy.checkout / "components" / "app" / "environment.py"
    text = source.read_text()
    assert line in text
    source.write_text("\n".join(kept for kept in text.split("\n") if not kept.startswith(line)))
    failed = copy.up()
    assert failed.returncode != 0
    assert says in failed.stdout + failed.stderr


def test_a_busy_port_is_named_with_the_way_out(copy: LocalEnvironment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        local_env = LocalEnvironment(stack="dev", port=int(taken.getsockname()[1]), checkout=copy.checkout)
        failed = local_env.up()
    assert failed.returncode == 1
    text = failed.stdout + failed.stderr
    assert f"port {local_env.port}" in text
    assert "--port" in text


def test_ctrl_c_during_the_start_leaves_nothing(copy: LocalEnvironment) -> None:
    with _starting(copy) as start:
        _wait_for(copy.directory / "events.jsonl", '"postgres')
        start.send_signal(signal.SIGINT)
        output, _ = start.communicate(timeout=60)
    assert start.returncode != 0
    assert "Traceback" not in output
    assert copy.processes() == []


def test_a_killed_child_ends_the_start_with_its_name(copy: LocalEnvironment) -> None:
    with _starting(copy) as start:
        line = _wait_for(copy.directory / "events.jsonl", '"process", "name": "postgres-database", "state": "started"')
        subprocess.run(["kill", "-KILL", line.split("pid ")[1].split('"')[0]], check=True)
        output, _ = start.communicate(timeout=120)
    assert start.returncode != 0
    assert "postgres" in output
    assert "Traceback" not in output


def _starting(local_env: LocalEnvironment) -> "subprocess.Popen[str]":
    """A start as a person sees it, still under way."""
    return subprocess.Popen(
        [sys.executable, "-m", "local", "up", local_env.stack, "--port", str(local_env.port)],
        cwd=local_env.checkout,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _wait_for(path: Path, text: str) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if path.exists():
            for line in path.read_text().splitlines():
                if text in line:
                    return line
        time.sleep(0.05)
    raise AssertionError(f"{text} never appeared in {path.name}")
