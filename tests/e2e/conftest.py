"""Real environments for the end-to-end tests: one of each stack, started once."""

import asyncio
from collections.abc import Iterator

import pytest

from local.events import EventLog
from local.layout import find_layout
from local.packages import Installer
from tests.e2e.drills import Drill
from tests.e2e.environment import LocalEnvironment, free_port

__all__ = ["OFFICE", "OUTSIDER", "LocalEnvironment", "free_port"]

OFFICE, OUTSIDER = "127.0.0.1", "127.0.0.3"
"""Source addresses: the planes of both stacks are separate, and this machine is the office."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the stacks that a module is not about: `STACKS = {"prod"}`."""

    def wanted(item: pytest.Item) -> bool:
        stacks = getattr(getattr(item, "module", None), "STACKS", None)
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        return stacks is None or parameters.get("local_env") in stacks

    left_out = [item for item in items if not wanted(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if wanted(item)]


def running(stack: str, *options: str) -> Iterator[LocalEnvironment]:
    """A stack without its data of before, started with `options`, and stopped in the end."""
    local_env = LocalEnvironment(stack=stack, port=free_port(), options=options)
    local_env.down()
    local_env.command("clean", stack, "--yes")
    started = local_env.up()
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield local_env
    finally:
        local_env.down()


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The Collector of this checkout; built where it is missing, which takes minutes."""
    directory = tmp_path_factory.mktemp("collector")
    events = EventLog(directory / "events.jsonl")
    installer = Installer(find_layout(), directory / "packages.log", events, directory / "children")
    asyncio.run(installer.prepare_collector())
    events.close()


@pytest.fixture(scope="session", params=["dev", "prod"])
def local_env(request: pytest.FixtureRequest) -> Iterator[LocalEnvironment]:
    """Each stack in turn, freshly started; the tests that use it share it."""
    yield from running(str(request.param))


@pytest.fixture(scope="module")
def drill(local_env: LocalEnvironment) -> Drill:
    """Two servers and two workers, and a flow to ask."""
    with local_env.login() as api:
        found = Drill(local_env=local_env, flow=api.create_agent_flow("drill"))
    for deployment in ("server", "worker"):
        found.scale(deployment, 2)
    found.until_all_serve()
    return found
