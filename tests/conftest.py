"""What all tests share: recordings of the two stacks of this repository."""

import gc
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from local.plan import record_stack
from local.recorder import Recording
from local.stackfiles import StackConfig, override, read_stack

STACKS = ("dev", "prod")

gc.disable()  # while the SDKs are imported: their thousands of classes all stay


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` write the goldens, and a person the pictures of docs/local.md."""
    parser.addoption("--write-pictures", action="store_true", help="keep the browser test's pictures in docs/pictures")
    parser.addoption("--write-goldens", action="store_true", help="write the goldens of the stacks anew")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later search for garbage."""
    gc.freeze()
    gc.enable()


@cache
def recorded(stack: str, *, preview: bool = False) -> Recording:
    """Record a stack of this repository, once per test process."""
    return record_stack(read_stack(stack), preview=preview)


def edited(stack: str, edits: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> StackConfig:
    """A stack's configuration with keys such as `edge.admin_cidrs` set, sections removed (None) and secret keys."""
    config = override(read_stack(stack), [f"{path}={json.dumps(value)}" for path, value in edits.items()])
    hidden = {f"flowise:{name}": secret for name, secret in (secrets or {}).items()}
    return replace(config, values={**config.values, **hidden}, secret_keys=(*config.secret_keys, *hidden))


def recorded_with(
    stack: str, edits: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None, preview: bool = False
) -> Recording:
    """Record a stack that is `edited`."""
    return record_stack(edited(stack, edits, secrets), preview=preview)


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
