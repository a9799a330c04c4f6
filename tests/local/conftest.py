"""Fixtures of the local environment's tests."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.events import EventLog
from local.layout import StackLayout, find_layout
from local.packages import Installer
from local.processes.child import sweep
from tests.local.rig import SERVER, Rig

_ENOUGH = 2 << 30
"""Bytes; a container's own /dev/shm often has far less, and forbids programs."""
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # a directory of our own is made there


def _place() -> str:
    """Memory, if there is enough of it and programs may be there: a copy of a database is a thousand small files."""
    if _SHARED_MEMORY.is_dir():
        found = os.statvfs(_SHARED_MEMORY)
        if found.f_bavail * found.f_frsize >= _ENOUGH and not found.f_flag & (os.ST_NOEXEC | os.ST_RDONLY):
            return str(_SHARED_MEMORY)
    return "/var/tmp"  # noqa: S108


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that pods under another user may pass; pytest's own is closed to them."""
    path = Path(tempfile.mkdtemp(dir=_place(), prefix="flowise-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def stack(directory: Path) -> Iterator[StackLayout]:
    layout = StackLayout(name="test", dir=directory / "test")
    layout.make()
    yield layout
    assert sweep(layout.children) == [], "a test left processes behind"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of PostgreSQL in this checkout, installed where it is missing; one test process waits for another."""
    layout, directory = find_layout(), tmp_path_factory.mktemp("postgres")
    events = EventLog(directory / "events")
    installer = Installer(layout, directory / "packages.log", events, directory / "children")
    with (layout.root / "tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        package = asyncio.run(installer.prepare_tools())
    events.close()
    return package


@pytest.fixture
def image(directory: Path) -> Path:
    tree = directory / "image"
    tree.mkdir()
    (tree / "server.cjs").write_text(SERVER)
    return tree


@pytest.fixture
def make_rig(stack: StackLayout, image: Path) -> Callable[[], Rig]:
    """Makes the rig; to be called inside the event loop."""
    return lambda: Rig(stack=stack, image=image)
