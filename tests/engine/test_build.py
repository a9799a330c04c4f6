"""Where Pulumi's CLI comes from, and what a person hears when it cannot be had."""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analysis.stackfiles import ROOT
from engine import build, go_builds, kubernetes
from engine.__main__ import app
from engine.errors import EngineError


def program(path: Path, text: str) -> Path:
    """A shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Go that builds in no time, and notes that it was started."""
    made = f'echo built >> {tmp_path}/builds; while [ "$1" != -o ]; do shift; done; echo cli > "$2"'
    path = program(tmp_path / "go" / "go", made)

    def found(_: Mapping[str, str]) -> Path:
        return path

    monkeypatch.setattr(go_builds, "find_go", found)
    return path


def test_a_pulumi_of_this_version_is_used_as_it_is(tmp_path: Path, environment: dict[str, str], go: Path) -> None:
    del go
    own = program(tmp_path / "bin" / "pulumi", f"echo v{build.version()}")
    assert build.provide(environment) == own
    assert not (tmp_path / "builds").exists()


def test_a_pulumi_of_another_version_is_not(tmp_path: Path, environment: dict[str, str], go: Path) -> None:
    del go
    program(tmp_path / "bin" / "pulumi", "echo v3.0.0")
    found = build.provide(environment)
    assert found.parent.parent == tmp_path / "cache" / "flowise-on-aws"
    assert build.version() in found.parent.name


def test_it_is_built_once_for_what_it_was_made_of(tmp_path: Path, environment: dict[str, str], go: Path) -> None:
    del go
    first = build.provide(environment)
    assert build.provide(environment) == first
    assert (tmp_path / "builds").read_text() == "built\n"
    other = tmp_path / "other"
    shutil.copytree(build.SOURCE, other)
    with (other / "go.sum").open("a") as sums:
        sums.write("one more module\n")
    assert build.provide(environment, other) != first


def test_neither_engine_nor_go(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_: Mapping[str, str]) -> None:
        return None

    monkeypatch.setattr(go_builds, "find_go", nothing)
    with pytest.raises(EngineError, match=f"neither a pulumi {build.version()} on the PATH nor a Go") as caught:
        build.provide(environment)
    assert "make setup" in caught.value.hint


@pytest.mark.parametrize(
    ("says", "hint"),
    [
        ("write /x: no space left on device", "is full"),
        ("dial tcp: lookup proxy: no such host", "module proxy cannot be reached"),
        ("go.mod requires go >= 1.30", "older than engine/cli/go.mod"),
        ("something else", "Nothing was left half made"),
    ],
)
def test_a_failed_build_leaves_nothing(environment: dict[str, str], go: Path, says: str, hint: str) -> None:
    program(go, f'while [ "$1" != -o ]; do shift; done; echo half > "$2"; echo "{says}" >&2; exit 1')
    with pytest.raises(EngineError) as caught:
        build.provide(environment)
    assert hint in caught.value.hint
    assert says in caught.value.output
    kept = Path(environment["XDG_CACHE_HOME"]) / "flowise-on-aws"
    assert [path.name for path in kept.iterdir()] == ["build.lock"]


def test_a_full_disk_is_said_before(environment: dict[str, str], go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del go
    monkeypatch.setattr(build, "NEEDED_GIB", 10**6)
    with pytest.raises(EngineError, match=r"GiB free; building Pulumi's CLI needs"):
        build.provide(environment)


def test_a_cache_that_cannot_be_made(tmp_path: Path, environment: dict[str, str], go: Path) -> None:
    del go
    (tmp_path / "file").touch()
    with pytest.raises(EngineError, match="cache directory") as caught:
        build.provide({**environment, "XDG_CACHE_HOME": str(tmp_path / "file")})
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_the_cache_is_outside_of_the_checkout() -> None:
    assert go_builds.cache_directory({}) == Path.home() / ".cache" / "flowise-on-aws"
    assert os.path.commonpath([go_builds.cache_directory(), build.SOURCE]) != str(build.SOURCE.parent.parent)


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("engine-test", "cli"),
        ("engine-mutations", "cli"),
        ("kubernetes", "control-plane"),
        ("engine-kubernetes", "cli control-plane provider"),
    ],
)
def test_what_tests_run_is_built_before_they_are_timed(target: str, parts: str) -> None:
    """A test is stopped after 20 minutes, and a build may take longer."""
    would_run = subprocess.run(
        ["make", "-n", "-o", "setup", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    builds = [line for line in would_run if line.endswith(f"-m engine build {parts}")]
    tests = [line for line in would_run if "/pytest " in line]
    assert len(builds) == len(tests) == 1
    assert would_run.index(builds[0]) < would_run.index(tests[0])


@pytest.mark.parametrize("part", ["cli", "control-plane", "provider"])
def test_what_cannot_be_built_is_said_without_a_traceback(tmp_path: Path, part: str) -> None:
    (tmp_path / "file").touch()
    environment = {"XDG_CACHE_HOME": str(tmp_path / "file"), "PATH": "/usr/bin:/bin"}
    asked = CliRunner().invoke(app, ["build", part], env=environment, catch_exceptions=False)
    assert asked.exit_code == 2
    assert "XDG_CACHE_HOME" in asked.stderr


def test_a_machine_without_a_build_of_kubernetes_is_told_and_builds_nothing(tmp_path: Path) -> None:
    """What the gate asks first (.ci/run)."""
    asked = subprocess.run(
        [sys.executable, "-m", "engine.kubernetes"],
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (asked.returncode, asked.stderr) == (1, "")
    assert "left to the nightly workflow" in asked.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_a_build_of_the_provider_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes 20 minutes, which only the nightly workflow spends."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kubernetes, "built", lambda: True)
    monkeypatch.setattr(sys, "argv", ["", "provider"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("engine.kubernetes", run_name="__main__")
    assert ended.value.code == 1
    assert "provider is not built here: its tests are left to the nightly workflow" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
