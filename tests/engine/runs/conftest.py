"""What all runs of the engine share."""

import pytest

IGNORED = (
    # Pulumi's language server leaves the event loops of its threads to the garbage collector.
    "ignore::pytest.PytestUnraisableExceptionWarning",
    # Its threads say that the engine has gone when a test has killed it.
    "ignore::pytest.PytestUnhandledThreadExceptionWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave warnings of Pulumi's own threads out: no test of this directory is about them."""
    for item in items:
        if "tests/engine/runs/" in item.nodeid:
            for line in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(line))
