"""Providers without moto, which most tests do not need."""

from collections.abc import Iterator

import pytest

from engine.provider import Backend, serve
from tests.engine.provider_client import Client


@pytest.fixture
def backend() -> Backend:
    """An account of its own."""
    return Backend(moto=False)


@pytest.fixture
def aws(backend: Backend) -> Iterator[Client]:
    """The provider `aws` as a stack configures it."""
    with serve(backend) as ports:
        client = Client(ports["aws"], defaultTags='{"tags": {"stack": "dev"}}')
        yield client
        client.close()
