"""What the commands say to a person."""

import fcntl
import io
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console
from typer.testing import CliRunner

from analysis.stackfiles import ROOT
from local import layout as layouts
from local.__main__ import make_app
from local.commands import change, down, logs, status, up
from local.commands.progress import Progress, show_ready
from local.errors import LocalError
from local.events import Event, EventLog
from local.layout import Layout, StackLayout


@pytest.fixture
def dev(directory: Path, monkeypatch: pytest.MonkeyPatch) -> StackLayout:
    """The stack dev of a checkout of its own."""
    layout = Layout(root=directory)
    for module in (change, up, down, logs, status):
        monkeypatch.setattr(module, "find_layout", lambda: layout)
    stack = layout.stack("dev")
    stack.make()
    return stack


@pytest.fixture
def running(dev: StackLayout) -> Iterator[StackLayout]:
    """As a daemon that is up leaves it."""
    with dev.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dev.daemon.write_text(json.dumps({"pid": 1, "port": 8080, "url": "http://localhost:8080"}))
        events = EventLog(dev.events)
        events.emit("pod", pod="flowise-0", container="server", state="ready", detail="")
        events.emit("ready", url="http://localhost:8080", owner="", components=[], seconds=1)
        events.close()
        yield dev


def call(*words: str, answer: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(make_app(words[0]), words, input=answer, env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_up_says_that_it_is_up_already(running: StackLayout) -> None:
    assert call("up", running.name) == (0, "The environment 'dev' is up already: http://localhost:8080\n")


def test_up_refuses_a_taken_port(dev: StackLayout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, text = call("up", dev.name, "--port", str(taken.getsockname()[1]))
    assert code == 1
    assert "is taken by another program" in text
    assert "--port" in text


def test_up_names_the_stacks_there_are(dev: StackLayout) -> None:
    code, text = call("up", f"{dev.name}2")
    assert code == 1
    assert "there is no stack 'dev2'" in text


def test_status(running: StackLayout) -> None:
    code, text = call("status", running.name)
    assert code == 0
    assert "'dev' is up: http://localhost:8080" in text
    assert "flowise-0/server" in text


def test_nothing_is_up(dev: StackLayout) -> None:
    assert call("status", dev.name) == (3, "'dev' is not up.\n")
    assert call("down", dev.name) == (0, "The environment 'dev' is not up.\n")


def test_logs_carry_the_name_of_their_process(dev: StackLayout) -> None:
    (dev.logs / "moto.log").write_text("one\ntwo\n")
    (dev.logs / "caddy.log").write_text("\x1b[31mthree\x1b[0m\nunfinished")
    code, text = call("logs", dev.name, "-n", "1")
    assert code == 0
    assert [line.split() for line in text.splitlines()] == [["caddy", "three"], ["moto", "two"]]


@pytest.mark.parametrize("words", [(), ("--follow",)])
def test_without_logs_it_says_how_to_start(dev: StackLayout, words: tuple[str, ...]) -> None:
    assert call("logs", dev.name, *words) == (0, "There are no logs of 'dev'. Start it: make local STACK=dev\n")


def test_clean_asks_for_the_name(dev: StackLayout) -> None:
    assert call("clean", dev.name, answer="prod\n")[0] == 1
    assert dev.dir.exists()
    assert call("clean", dev.name, answer="dev\n")[0] == 0
    assert not dev.dir.exists()
    assert "no data" in call("clean", dev.name, "--yes")[1]


def test_clean_refuses_while_it_is_up(running: StackLayout) -> None:
    assert call("clean", running.name, "--yes")[0] == 1
    assert running.dir.exists()


# Only as root do pods run under other users, so only then is there something to enter; the gate runs as root.
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_closed_checkout_gets_a_directory_that_pods_can_enter(directory: Path) -> None:
    closed = directory / "home" / "checkout"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    found = layouts.find_layout(closed)
    try:
        assert found.root.parent == Path("/var/tmp")  # noqa: S108
        assert layouts.is_passable(found.root)
        assert layouts.find_layout(closed).root == found.root
    finally:
        found.root.rmdir()


def test_up_refuses_a_change_that_makes_no_sense(dev: StackLayout) -> None:
    code, text = call("up", dev.name, "--set", "edge.admin_cidrs")
    assert code == 1
    assert "write KEY=JSON" in text


def test_a_start_names_the_rules_that_only_aws_applies() -> None:
    console = Console(file=io.StringIO(), width=60)
    rules = ["Rate", "AWSManagedRulesCommonRuleSet"]
    event: Event = {"url": "http://localhost:8080", "owner": "", "components": [], "not_emulated": rules}
    show_ready(console, "dev", event)
    text = cast("io.StringIO", console.file).getvalue()
    assert "only on AWS: the firewall's rules Rate, AWSManagedRulesCommonRuleSet\n" in text


def test_a_start_shows_what_is_otherwise_here_than_the_stack_file_says() -> None:
    console = Console(file=io.StringIO(), width=60, emoji=False)
    Progress(console).show({"at": 0, "kind": "note", "text": "flowise:runner: none is started here [docs/runner.md]"})
    text = cast("io.StringIO", console.file).getvalue()
    assert text == "flowise:runner: none is started here [docs/runner.md]\n"


def test_no_key_such_as_flowise_runner_is_printed_as_a_picture() -> None:
    packages = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
    for path in (path for name in packages for path in (ROOT / name).rglob("*.py")):
        for arguments in re.findall(r"\bConsole\(([^)]*)\)", path.read_text(encoding="utf-8")):
            assert "emoji=False" in arguments, f"{path.relative_to(ROOT)}: rich prints :runner: as a picture"


@pytest.mark.parametrize(
    "words", [("restart", "dev", "server"), ("scale", "dev", "server", "2"), ("outage", "dev", "database")]
)
def test_a_change_to_a_stack_that_is_not_up_says_how_to_start_it(dev: StackLayout, words: tuple[str, ...]) -> None:
    code, text = call(*words)
    assert code == 1
    assert "is not up" in text
    assert f"make local STACK={dev.name}" in text


@pytest.mark.parametrize("failure", ["", "there is no Deployment called 'sever'"])
def test_a_change_ends_with_what_the_daemon_says(
    dev: StackLayout, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    def answer(*_: object, **__: object) -> None:
        if failure:
            raise LocalError(failure, hint="There are: flowise-server.")

    monkeypatch.setattr(change, "ask", answer)
    code, text = call("scale", dev.name, "server", "2")
    assert code == (1 if failure else 0)
    assert (failure or "server has 2 pod(s)") in text
    assert ("There are: flowise-server." in text) == bool(failure)
