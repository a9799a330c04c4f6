"""Two test processes without a third that leads them: one goes from the first file, one from the last, until they meet.

pytest-xdist sends three reports of each test to a process of its own: for most tests more work than
the test (docs/decisions/0090-two-test-processes.md).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The folder in which a process says which files it has taken, and from which end it goes."""
    group = parser.getgroup("divided")
    group.addoption(
        "--divided", type=Path, metavar="FOLDER", help="share the tests with another process by this folder"
    )
    group.addoption("--from-end", action="store_true", help="begin with the last file")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run what the other process has not taken, as pytest runs all; None leaves that to pytest."""
    folder: Path | None = session.config.getoption("--divided")
    if folder is None or session.testsfailed or session.config.getoption("--collect-only"):
        return None
    tests = _taken(session.items, folder, from_end=bool(session.config.getoption("--from-end")))
    test = next(tests, None)
    while test is not None:
        following = next(tests, None)  # what this test's fixtures may be kept for
        test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        test = following
    return True


def _taken(tests: Sequence[pytest.Item], folder: Path, *, from_end: bool) -> Iterator[pytest.Item]:
    files = [list(group) for _, group in groupby(tests, key=lambda test: test.path)]
    for number, file in sorted(enumerate(files), reverse=from_end):
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            return  # they have met
        yield from file
