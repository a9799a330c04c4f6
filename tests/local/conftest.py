"""Fixtures of the local estate's tests."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.layout import StackLayout
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
