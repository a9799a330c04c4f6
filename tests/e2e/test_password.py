"""A lost password of the owner is set anew: the new one logs in, the old one does not, and old sessions are over."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi, FlowiseError

NEW = "Another-passw0rd with spaces"
KUBECTL = """#!{python}
import subprocess, sys
words = sys.argv[1:]
open({seen!r}, "w").write(repr(words))
place, rest = words[: words.index("--")], words[words.index("--") + 1 :]
assert place == "--namespace flowise exec --stdin deployment/flowise-server --container server".split()
local = [sys.executable, "-m", "local", "execute", {stack!r}, "server", "--", *rest]
sys.exit(subprocess.run(local, cwd={root!r}).returncode)
"""
"""Stands for kubectl: it starts the program in the local environment's pod, and keeps what was on its command line."""


def ops(local_env: LocalEnvironment, password: str, *options: str, path: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", "set-password", "--stack", local_env.stack, *options],
        input=password,
        cwd=ROOT,
        env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def can_log_in(local_env: LocalEnvironment, password: str) -> bool:
    with FlowiseApi(local_env.url) as api:
        try:
            api.login(local_env.owner()[0], password)
        except FlowiseError:
            return False
        return True


@pytest.fixture
def first_password(local_env: LocalEnvironment) -> str:
    return local_env.owner()[1]


def test_a_new_password_logs_in_and_the_old_one_does_not(
    local_env: LocalEnvironment, first_password: str, tmp_path: Path
) -> None:
    seen, kubectl = tmp_path / "seen", tmp_path / "kubectl"
    kubectl.write_text(KUBECTL.format(python=sys.executable, seen=str(seen), stack=local_env.stack, root=str(ROOT)))
    kubectl.chmod(kubectl.stat().st_mode | stat.S_IXUSR)
    with local_env.login() as before:
        done = ops(local_env, f"{NEW}\n", path=str(tmp_path))
        assert done.returncode == 0, done.stderr
        with pytest.raises(FlowiseError, match="401"):
            before.list_flows()
    assert "sessions ended: 0" not in done.stdout
    assert (can_log_in(local_env, NEW), can_log_in(local_env, first_password)) == (True, False)
    assert NEW not in seen.read_text() + done.stdout + done.stderr + local_env.log("server")

    # And back, by the way of somebody without a cluster.
    assert ops(local_env, first_password, "--local", "--email", local_env.owner()[0]).returncode == 0
    assert (can_log_in(local_env, NEW), can_log_in(local_env, first_password)) == (False, True)


@pytest.mark.parametrize(
    ("password", "options", "said"),
    [
        ("Weak1", (), "at least 8 characters"),
        (NEW, ("--email", "nobody@example.com"), "No account is called nobody@example.com"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    local_env: LocalEnvironment, first_password: str, password: str, options: tuple[str, ...], said: str
) -> None:
    done = ops(local_env, password, "--local", *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert password not in done.stdout + done.stderr
    assert can_log_in(local_env, first_password)
