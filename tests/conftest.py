"""What all tests share: recordings of the two stacks of this repository."""

import fcntl
import gc
import hashlib
import json
import os
import pickle
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import pytest

from analysis import plan, policy
from analysis.plan import record_stack
from analysis.recorder import Provider, Recording, record
from analysis.rights import account
from analysis.stackfiles import ROOT, StackConfig, override, read_stack
from analysis.synthetic import SyntheticProvider

STACKS = ("dev", "small", "prod")
Kept = TypeVar("Kept")

pytest_plugins = ("tests.divided", "tests.moto_short_cuts")

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # none is here, and to look for them takes 0.2 s
gc.disable()  # while the SDKs are imported: their thousands of classes all stay


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` write the goldens, and a person the pictures of docs/local.md."""
    parser.addoption("--write-pictures", action="store_true", help="keep the browser test's pictures in docs/pictures")
    parser.addoption("--write-goldens", action="store_true", help="write the goldens of the stacks anew")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # what a test leaves behind is little beside what a search walks through
    gc.enable()


def pytest_sessionfinish() -> None:
    """Search for garbage once, because pytest does so five times afterwards, over all that was recorded."""
    gc.collect()
    gc.freeze()


_CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
_LAYERS = next(contract["layers"] for contract in _CONTRACTS if contract["type"] == "layers")
PROGRAM = (
    *sorted(path.name for path in ROOT.glob("*.py")),
    *("VERSION", "Pulumi.yaml", "requirements.txt", "requirements-dev.txt", "image", "tests/conftest.py"),
    *(package for layer in _LAYERS[_LAYERS.index("analysis") :] for package in layer.split(" | ")),
)
"""All that a recording depends on, besides the configuration."""

_recordings: dict[str, tuple[Recording, int]] = {}
"""What was recorded or used last, with its fingerprint, by stack and configuration."""
_IN_MEMORY = 16
"""Recordings; each takes 2 to 4 MiB, and can be read from disk again."""
_changed: list[str] = []
"""Those of which a test has changed something, as far as they are no longer in memory."""


def _shared(config: StackConfig, *, preview: bool) -> Recording:
    """Record a configuration, or take what this test process has of it already."""
    key = _key(config.stack, config.secret_keys, config.values, preview=preview)
    if key not in _recordings:
        gc.collect()  # what tests left behind since the last one, before it is frozen with what stays
        recording = record_stack(config, preview=preview)
        _recordings[key] = recording, _fingerprint(recording)
        gc.freeze()  # it stays for long, as what was imported: no search for garbage need walk through it
        if len(_recordings) > _IN_MEMORY:
            oldest = next(iter(_recordings))
            _check(oldest, *_recordings.pop(oldest))
    used = _recordings.pop(key)
    _recordings[key] = used  # the last to go
    return used[0]


def _check(key: str, recording: Recording, known: int) -> None:
    if _fingerprint(recording) != known:
        _changed.append(key)


def _key(stack: str, secret_keys: Sequence[str], values: Mapping[str, str], *, preview: bool) -> str:
    return json.dumps([stack, preview, secret_keys, dict(values)], sort_keys=True)


def _kept(program: Callable[[], None], cloud: Provider, **options: Any) -> Recording:
    """Record what a plan, an estimate or a test asks for, once for all test processes: it is half of what they cost."""
    if type(cloud) is not SyntheticProvider:
        return record(program, cloud, **options)
    preview = options.get("preview", False)
    key = program.__name__ + _key(options["stack_name"], options["secret_keys"], options["config"], preview=preview)
    return shared_on_disk(hashlib.sha256(key.encode()).hexdigest(), lambda: record(program, cloud, **options))


for _asking in (plan, account, policy):
    mock.patch.object(_asking, "record", _kept).start()


def shared_on_disk(name: str, make: Callable[[], Kept]) -> Kept:
    """Take a recording, or a part of its settings, from the other test process or an earlier run of the same program.

    What is not there is made for them.
    """
    file = recordings_folder() / name
    if file.exists():
        return pickle.loads(file.read_bytes())  # noqa: S301  # written below
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the other process may be making it
        if file.exists():
            return pickle.loads(file.read_bytes())  # noqa: S301  # written below
        made = make()
        gc.collect()  # what the run left behind, before it is frozen with what stays
        whole = file.with_suffix(f".{os.getpid()}")
        whole.write_bytes(pickle.dumps(made))
        whole.replace(file)
    return made


@cache
def recordings_folder() -> Path:
    """Where recordings of this very program are kept: one byte of it, of what it is run with or of Python moves it."""
    content = hashlib.sha256(sys.version.encode())
    for file in sorted(
        path for each in PROGRAM for path in (ROOT / each).rglob("*") if "__pycache__" not in path.parts
    ):
        if file.is_file():
            content.update(f"{file.relative_to(ROOT)}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    for file in (path for each in PROGRAM if (path := ROOT / each).is_file()):
        content.update(f"{file.name}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    folder = ROOT / ".pytest_cache" / "recordings" / content.hexdigest()
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fingerprint(recording: Recording) -> int:
    return hash(pickle.dumps(recording))


@pytest.fixture(scope="session", autouse=True)
def nobody_changes_a_recording() -> Iterator[None]:
    """What tests share is the same at the end."""
    yield
    for key, kept in _recordings.items():
        _check(key, *kept)
    assert not _changed, "a test has changed what others see of these stacks"


@cache
def stack_file(stack: str) -> StackConfig:
    """What a stack file of this repository says; hundreds of tests begin with it."""
    return read_stack(stack)


@cache
def recorded(stack: str, *, preview: bool = False) -> Recording:
    """Record a stack of this repository."""
    return _shared(stack_file(stack), preview=preview)


def edited(stack: str, edits: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> StackConfig:
    """A stack's configuration with keys such as `edge.admin_cidrs` set, sections removed (None) and secret keys."""
    config = override(stack_file(stack), [f"{path}={json.dumps(value)}" for path, value in edits.items()])
    hidden = {f"flowise:{name}": secret for name, secret in (secrets or {}).items()}
    return replace(config, values={**config.values, **hidden}, secret_keys=(*config.secret_keys, *hidden))


def recorded_with(
    stack: str, edits: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None, preview: bool = False
) -> Recording:
    """Record a stack that is `edited`."""
    return _shared(edited(stack, edits, secrets), preview=preview)


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> str:
    """Name of each stack in turn."""
    return str(request.param)


@pytest.fixture
def recording(stack: str) -> Recording:
    """Everything that the stack registers."""
    return recorded(stack)


@pytest.fixture
def preview(stack: str) -> Recording:
    """The same, as the first preview of an empty account sees it."""
    return recorded(stack, preview=True)


@pytest.fixture
def dev() -> Recording:
    """Recording of the dev stack."""
    return recorded("dev")


@pytest.fixture
def prod() -> Recording:
    """Recording of the prod stack."""
    return recorded("prod")
