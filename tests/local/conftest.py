"""Fixtures of the local environment's tests."""

import asyncio
import fcntl
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


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that pods under another user may pass; pytest's own is closed to them."""
    path = Path(tempfile.mkdtemp(dir="/var/tmp", prefix="flowise-test-"))
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
