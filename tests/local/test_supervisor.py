"""What happens when a back end dies."""

import asyncio

import pytest

from local.errors import LocalError
from local.events import EventLog, read_events
from local.layout import StackLayout
from local.processes.child import Child, Command
from local.processes.supervisor import Supervisor


def run(stack: StackLayout, *, up: bool, restartable: bool) -> list[str]:
    """Let a back end die; return the states it went through. Raises what ends the environment."""
    children: list[Child] = []

    async def start() -> Child:
        command = Command(argv=("sh", "-c", "echo why it died; exit 3"), env={"PATH": "/bin"}, cwd=stack.dir)
        children.append(await Child.start(command, log=stack.logs / "db.log", registry=stack.children))
        return children[-1]

    async def main() -> None:
        events = EventLog(stack.events)
        supervisor = Supervisor(events)
        if up:
            supervisor.up()
        supervisor.watch("db", await start(), stack.logs / "db.log", start if restartable else None)
        try:
            while "restarted" not in states():
                done, _ = await asyncio.wait([supervisor.fatal], timeout=0.01)
                if done:
                    supervisor.fatal.result()
        finally:
            await supervisor.close()
            events.close()
            for child in children:
                await child.stop(grace=0)

    def states() -> list[str]:
        return [event["state"] for event in read_events(stack.events)]

    asyncio.run(main())
    return states()


def test_it_is_restarted_once_the_environment_is_up(stack: StackLayout) -> None:
    assert run(stack, up=True, restartable=True)[:3] == ["started", "exited", "restarted"]


@pytest.mark.parametrize(("up", "restartable"), [(False, True), (True, False)])
def test_it_ends_the_start_or_the_environment_when_its_state_is_lost(
    up: bool, restartable: bool, stack: StackLayout
) -> None:
    with pytest.raises(LocalError, match="db ended") as caught:
        run(stack, up=up, restartable=restartable)
    assert caught.value.tail == ["why it died"]
    assert caught.value.hint


def test_an_outage_keeps_a_back_end_down_and_starts_it_again(stack: StackLayout) -> None:
    async def start() -> Child:
        command = Command(argv=("sleep", "60"), env={"PATH": "/bin:/usr/bin"}, cwd=stack.dir)
        return await Child.start(command, log=stack.logs / "db.log", registry=stack.children)

    async def main() -> float:
        events = EventLog(stack.events)
        supervisor = Supervisor(events)
        supervisor.up()
        first = await start()
        second: list[Child] = []

        async def again() -> Child:
            second.append(await start())
            return second[0]

        supervisor.watch("postgres-database", first, stack.logs / "db.log", again)
        moto = await start()
        supervisor.watch("moto", moto, stack.logs / "moto.log", None)
        loop = asyncio.get_running_loop()
        began = loop.time()
        await supervisor.outage("database", 0.7)
        down = loop.time() - began
        assert not first.running
        assert second[0].running
        with pytest.raises(LocalError, match="'moto'") as caught:
            await supervisor.outage("moto", 1)
        assert "postgres-database" in caught.value.hint
        await supervisor.close()
        for child in (second[0], moto):
            await child.stop(grace=0)
        events.close()
        return down

    assert asyncio.run(main()) >= 0.7  # at least as long as asked for; how much longer is the machine's affair
