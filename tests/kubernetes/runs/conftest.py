"""What runs with Pulumi's own Kubernetes provider share: `make engine-kubernetes` builds it where it is missing."""

import pytest

from tests.engine.runs.conftest import IGNORED, pytest_unconfigure

__all__ = ["pytest_unconfigure"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave warnings of Pulumi's own threads out, as tests/engine/runs does."""
    for item in items:
        if "tests/kubernetes/runs/" in item.nodeid:
            for line in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(line))
