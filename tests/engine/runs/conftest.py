"""What all runs of the engine share."""

import warnings

import pytest

IGNORED = (
    # Pulumi's language server leaves the event loops of its threads to the garbage collector.
    "ignore::pytest.PytestUnraisableExceptionWarning",
    # Its threads say that the engine has gone when a test has killed it.
    "ignore::pytest.PytestUnhandledThreadExceptionWarning",
)


def pytest_unconfigure() -> None:
    """Leave them out at the end of a session, too, when what is left of the last test is collected."""
    warnings.simplefilter("ignore", pytest.PytestUnraisableExceptionWarning)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave warnings of Pulumi's own threads out: no test of this directory is about them."""
    for item in items:
        if "tests/engine/runs/" in item.nodeid:
            for line in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(line))
