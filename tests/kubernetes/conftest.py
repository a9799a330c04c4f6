"""A control plane for all tests here: `make kubernetes` builds it where it is missing."""

from collections.abc import Iterator

import pytest

from engine.kubernetes import Cluster, start


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real API server with its controllers."""
    with start() as started:
        yield started
