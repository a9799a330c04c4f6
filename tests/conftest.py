"""What all tests share: recordings of the two stacks of this repository."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from local.program import run_main
from local.recorder import Recording, record
from local.remote import EXPANSIONS
from local.stackfiles import read_stack
from local.synthetic import SyntheticCloud

STACKS = ("dev", "prod")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make golden` write the goldens, and a person the pictures of docs/local.md."""
    parser.addoption("--write-pictures", action="store_true", help="keep the browser test's pictures in docs/pictures")
    parser.addoption("--write-goldens", action="store_true", help="write the goldens of the stacks anew")


@cache
def recorded(stack: str, *, preview: bool = False) -> Recording:
    """Record a stack of this repository, once per test process."""
    config = read_stack(stack)
    return record(
        run_main,
        SyntheticCloud(),
        config=config.values,
        secret_keys=config.secret_keys,
        stack_name=stack,
        preview=preview,
        expansions=EXPANSIONS,
    )


def with_edits(values: Mapping[str, str], edits: Mapping[str, Any], project: str = "flowise") -> dict[str, str]:
    """Set keys such as `edge.admin_cidrs` in configuration values; None removes a section."""
    edited = dict(values)
    for path, value in edits.items():
        section, *rest = path.split(".")
        key = f"{project}:{section}"
        if not rest:
            edited.pop(key, None) if value is None else edited.update({key: json.dumps(value)})
            continue
        document = json.loads(edited.get(key, "{}"))
        target = document
        for part in rest[:-1]:
            target = target.setdefault(part, {})
        target[rest[-1]] = value
        edited[key] = json.dumps(document)
    return edited


def recorded_with(
    stack: str, edits: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None, preview: bool = False
) -> Recording:
    """Record a stack `with_edits` and with secret keys."""
    config = read_stack(stack)
    hidden = {f"flowise:{name}": secret for name, secret in (secrets or {}).items()}
    return record(
        run_main,
        SyntheticCloud(),
        config=with_edits(config.values, edits) | hidden,
        secret_keys=[*config.secret_keys, *hidden],
        stack_name=stack,
        preview=preview,
        expansions=EXPANSIONS,
    )


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
