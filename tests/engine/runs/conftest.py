"""What all runs of the engine share."""

# xdist carries no stubs.
# pyright: reportMissingTypeStubs=false

import warnings
from typing import Any, final

import pytest
from typing_extensions import override
from xdist.scheduler import LoadScopeScheduling

IGNORED = (
    # Pulumi's language server leaves the event loops of its threads to the garbage collector.
    "ignore::pytest.PytestUnraisableExceptionWarning",
    # Its threads say that the engine has gone when a test has killed it.
    "ignore::pytest.PytestUnhandledThreadExceptionWarning",
)

ONE_PROCESS = ("test_changes.py", "test_failures.py", "test_region_lost.py", "test_preview.py")
"""Files whose tests share a deployed stack, so one process runs all tests of the file."""
LONGEST_FIRST = (
    "test_changes.py",
    "test_life_cycles.py",
    "test_failures.py",
    "test_upgrades.py",
    "test_settings_blocks.py",
    "test_region_lost.py",
    "test_preview.py",
    "test_examples.py",
    "test_shared_cluster.py",
    "test_cli_commands.py",
)
"""What begins last decides how long one process waits for the other, so the commands of 0.1 s come last."""


@final
class ByStack(LoadScopeScheduling):
    """Gives a process all tests of a stack that they share, the most first, and any other test by itself.

    xdist's own `loadgroup` (3.8.0) writes its groups where pytest 9.2 does not look.
    """

    @override
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.rpartition("/")[2] in ONE_PROCESS else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByStack:
    """Let xdist schedule so."""
    return ByStack(config, log)


def pytest_unconfigure() -> None:
    """Leave them out at the end of a session, too, when what is left of the last test is collected."""
    warnings.simplefilter("ignore", pytest.PytestUnraisableExceptionWarning)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave warnings of Pulumi's own threads out, and put the tests in order."""
    runs = [item for item in items if "tests/engine/runs/" in item.nodeid]
    for item in runs:
        for line in IGNORED:
            item.add_marker(pytest.mark.filterwarnings(line))
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    runs.sort(key=lambda item: order.get(item.path.name, 0))
    items[:] = [*(item for item in items if item not in runs), *runs]
