"""A moto account for each test, and the command line on it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import botocore.client
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from ops.__main__ import make_app
from tests.ops.bucket_history import REGION, BucketHistory, light_listings
from tests.ops.postgres_server import Server, started


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    text: str
    """Everything it showed, in one line."""


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty account; reports that have no name given land in a directory of the test."""
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    with mock_aws(), light_listings(97):
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL whose databases tests make."""
    with started() as running:
        yield running


@pytest.fixture
def bucket() -> BucketHistory:
    """An empty bucket with versioning."""
    return BucketHistory("flowise-files").make()


def ops(*arguments: str, answer: str = "") -> Outcome:
    """Run a command; `answer` is typed when it asks."""
    result = CliRunner().invoke(make_app(arguments[0]), arguments, input=f"{answer}\n")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, " ".join(result.output.split()))


Answer = dict[str, Any] | ClientError


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Answer], None]:
    """Let AWS answer an operation with something that moto would not say."""
    original = cast("Any", botocore.client.BaseClient)._make_api_call
    answers: dict[str, Answer] = {}

    def call(self: Any, operation: str, arguments: dict[str, Any]) -> Any:
        said = answers.get(operation)
        if isinstance(said, ClientError):
            raise said
        return original(self, operation, arguments) if said is None else said

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    return answers.__setitem__


@pytest.fixture
def deny(answer: Callable[[str, Answer], None]) -> Callable[[str], None]:
    """Let AWS deny an operation, with S3's message, which names nothing."""

    def set_up(denied: str) -> None:
        answer(denied, ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, denied))

    return set_up
