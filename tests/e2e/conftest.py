"""Real estates for the end-to-end tests: one of each stack, started once."""

import asyncio
from collections.abc import Iterator

import pytest

from local.events import EventLog
from local.layout import find_layout
from local.packages import Installer
from tests.e2e.drills import Drill
from tests.e2e.estate import Estate, free_port

__all__ = ["OFFICE", "STRANGER", "Estate", "free_port"]

OFFICE, STRANGER = "127.0.0.1", "127.0.0.3"
"""Source addresses: the planes of both stacks are separate, and this machine is the office."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the stacks that a module is not about: `STACKS = {"prod"}`."""

    def wanted(item: pytest.Item) -> bool:
        stacks = getattr(getattr(item, "module", None), "STACKS", None)
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        return stacks is None or parameters.get("estate") in stacks

    left_out = [item for item in items if not wanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if wanted(item)]


def running(stack: str, *options: str) -> Iterator[Estate]:
    """A stack without its data of before, started with `options`, and stopped in the end."""
    estate = Estate(stack=stack, port=free_port(), options=options)
    estate.down()
    estate.command("clean", stack, "--yes")
    started = estate.up()
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield estate
    finally:
        estate.down()


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The Collector of this checkout; built where it is missing, which takes minutes."""
    directory = tmp_path_factory.mktemp("collector")
    events = EventLog(directory / "events.jsonl")
    installer = Installer(find_layout(), directory / "packages.log", events, directory / "children")
    asyncio.run(installer.prepare_collector())
    events.close()


@pytest.fixture(scope="session", params=["dev", "prod"])
def estate(request: pytest.FixtureRequest) -> Iterator[Estate]:
    """Each stack in turn, freshly started; the tests that use it share it."""
    yield from running(str(request.param))


@pytest.fixture(scope="module")
def drill(estate: Estate) -> Drill:
    """Two servers and two workers, and a flow to ask."""
    with estate.login() as api:
        found = Drill(estate=estate, flow=api.create_agent_flow("drill"))
    for deployment in ("server", "worker"):
        found.scale(deployment, 2)
    found.until_all_serve()
    return found
