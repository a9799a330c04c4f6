"""Child processes: what they get, how they end, that none is left."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from analysis.stackfiles import ROOT
from local.layout import StackLayout
from local.processes.child import Child, Command, living, sweep
from local.processes.ports import PodNetwork, free_port, is_free
from tests.local.rig import until


def shell(script: str, cwd: Path, **env: str) -> Command:
    return Command(argv=("sh", "-c", script), env={"PATH": "/usr/bin:/bin"} | env, cwd=cwd)


def test_a_child_has_the_given_environment_and_nothing_else(stack: StackLayout) -> None:
    async def scenario() -> int:
        command = Command(argv=("/usr/bin/env",), env={"A": "1", "B": "x=y"}, cwd=stack.dir)
        child = await Child.start(command, log=stack.logs / "env.log", registry=stack.children)
        return await child.wait()

    assert asyncio.run(scenario()) == 0
    assert sorted((stack.logs / "env.log").read_text().split()) == ["A=1", "B=x=y"]


def test_a_program_that_does_not_exist_ends_like_in_a_shell(stack: StackLayout) -> None:
    async def scenario() -> int:
        command = Command(argv=("no-such-program",), env={"PATH": "/bin"}, cwd=stack.dir)
        return await (await Child.start(command, log=stack.logs / "x.log")).wait()

    assert asyncio.run(scenario()) == 127
    assert "no-such-program" in (stack.logs / "x.log").read_text()


def test_stop_kills_the_whole_group_when_the_grace_is_over(stack: StackLayout) -> None:
    async def scenario() -> int:
        log = stack.logs / "stubborn.log"
        script = (
            "trap '' TERM; sh -c 'trap \"\" TERM; while :; do sleep 0.1; done' & echo up; while :; do sleep 0.1; done"
        )
        child = await Child.start(shell(script, stack.dir), log=log, registry=stack.children)
        await until(lambda: "up" in log.read_text())
        return await child.stop(grace=0.2)

    assert asyncio.run(scenario()) == -signal.SIGKILL
    asyncio.run(until(lambda: living(stack.children) == []))


def test_nothing_outlives_a_killed_daemon(stack: StackLayout) -> None:
    daemon = textwrap.dedent(f"""
        import asyncio, os, pathlib, signal
        from local.processes.child import Child, Command
        async def main():
            here = pathlib.Path({str(stack.dir)!r})
            command = Command(argv=("sleep", "600"), env={{"PATH": "/usr/bin:/bin"}}, cwd=here)
            child = await Child.start(command, log=None, registry=here / "children")
            while b"sleep" not in pathlib.Path(f"/proc/{{child.pid}}/cmdline").read_bytes().split(b"\\0")[0]:
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """)
    ended = subprocess.run((sys.executable, "-c", daemon), cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert stack.children.read_text() != ""
    asyncio.run(until(lambda: living(stack.children) == []))


def test_sweep_kills_orphans_but_no_process_that_got_an_old_pid(stack: StackLayout) -> None:
    script = "setsid sh -c 'sleep 600 >/dev/null 2>&1 & echo $$' & wait"
    out = subprocess.run(("sh", "-c", script), capture_output=True, text=True, check=True)
    stack.children.write_text(f"{int(out.stdout)} 1\n{os.getpid()} 1\n")
    assert living(stack.children) == [int(out.stdout)]
    assert sweep(stack.children) == [int(out.stdout)]
    assert not stack.children.exists()


# An ordinary user's children keep that user, so there is nothing to drop; the gate runs as root.
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_child_drops_to_its_user(stack: StackLayout) -> None:
    async def scenario() -> None:
        command = Command(argv=("id",), env={"PATH": "/usr/bin:/bin"}, cwd=Path("/"), uid=12345)
        await (await Child.start(command, log=stack.logs / "id.log")).wait()

    asyncio.run(scenario())
    assert "uid=12345 gid=12345 groups=12345" in (stack.logs / "id.log").read_text()


def test_ports_and_pod_networks_do_not_collide() -> None:
    port = free_port()
    assert is_free("127.0.0.1", port)
    first, second = PodNetwork("same"), PodNetwork("same")
    try:
        addresses = {network.address() for network in (first, first, second, second)}
        assert len(addresses) == 4
        assert all(address.startswith("127.") and not address.startswith("127.0.") for address in addresses)
    finally:
        first.close()
        second.close()


def test_a_cancelled_start_leaves_no_process(stack: StackLayout) -> None:
    async def scenario() -> None:
        starting = asyncio.create_task(
            Child.start(shell("exec sleep 600", stack.dir), log=None, registry=stack.children)
        )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(scenario())
