"""One child process: its own process group, its own log, bound to the daemon's life."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self, final

LAUNCHER = Path(__file__).with_name("launcher.py")
_DYING_SECONDS, _DYING_TRIES = 0.01, 500
"""What is killed holds its files and ports until the kernel gets round to it, which takes a while on a busy machine."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run, as whom, where."""

    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    """The whole environment; nothing is inherited. Not in the repr, because it holds secrets."""
    cwd: Path
    uid: int | None = None
    """User and group to become; None keeps the daemon's. Only root can become another."""
    death_signal: signal.Signals = signal.SIGKILL
    """What the child gets when the daemon dies without a word."""


@final
class Child:
    """A started process and everything it starts in its group."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Command, *, log: Path | None, registry: Path | None = None) -> Self:
        """Start a command; must be called on the daemon's main thread, whose death the child watches.

        Output goes to `log` (appended); without one it is dropped. `registry` remembers the process for `sweep`.
        """
        uid = "-" if command.uid is None else str(command.uid)
        launch = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(command.death_signal))]
        with (log or Path(os.devnull)).open("ab") as output:
            creating = asyncio.ensure_future(
                asyncio.create_subprocess_exec(
                    *launch,
                    *(uid, uid, str(command.cwd), *command.argv),
                    env=command.env,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )
            try:
                process = await asyncio.shield(creating)
            except asyncio.CancelledError:
                # asyncio itself can wait indefinitely for a process whose creation is cancelled.
                child = cls(await creating)
                child.kill()
                await child.wait()
                raise
        if registry is not None:
            with registry.open("a", encoding="ascii") as file:
                stat = _stat(process.pid)
                file.write(f"{process.pid} {stat.birth}\n" if stat else "")
        return cls(process)

    @property
    def pid(self) -> int:
        """Process id, and id of its process group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def wait(self) -> int:
        """Wait for its end, and that of all it started; negative is the signal that ended it."""
        code = await self._process.wait()
        _signal_group(self.pid, signal.SIGKILL)  # what it started does not outlive it, as in a container
        for _ in range(_DYING_TRIES):
            if not _group_runs(self.pid):
                break
            await asyncio.sleep(_DYING_SECONDS)
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, as the kubelet does to a container's first process."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it and everything in its group."""
        if self.running:
            _signal_group(self.pid, signal.SIGKILL)

    async def stop(self, *, first: signal.Signals = signal.SIGTERM, grace: float) -> int:
        """Ask it to end, wait `grace` seconds, then kill the whole group; return the exit code."""
        self.send(first)
        try:
            return await asyncio.wait_for(asyncio.shield(self.wait()), grace)
        except TimeoutError:
            self.kill()
            return await self.wait()


def describe_exit(code: int) -> str:
    """Say how a process ended, for a person."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def sweep(registry: Path) -> list[int]:
    """Kill what an earlier daemon left behind, and forget it; return the process groups that were still alive."""
    left = living(registry)
    for group in left:
        _signal_group(group, signal.SIGKILL)
    registry.unlink(missing_ok=True)
    return left


def living(registry: Path) -> list[int]:
    """Return the registered process groups in which a process still runs, even when its first one is gone."""
    try:
        lines = registry.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    births = {int(pid): birth for pid, birth in (line.split() for line in lines if " " in line)}
    running = _running()
    # A pid that was given away again belongs to another process, which was born later; a group without its leader
    # keeps the pid from being given away.
    ours = {pid for pid, birth in births.items() if pid not in running or running[pid].birth == birth}
    return sorted({stat.group for stat in running.values() if stat.group in ours})


class _Stat(NamedTuple):
    group: int
    birth: str
    """Clock ticks since boot: with the pid, it names one process only."""


def _running() -> dict[int, _Stat]:
    """Every process of this machine that has not ended, by its id."""
    return {int(path.name): stat for path in Path("/proc").glob("[0-9]*") if (stat := _stat(int(path.name)))}


def _group_runs(group: int) -> bool:
    """Whether a process of the group has not ended."""
    try:
        os.killpg(group, 0)  # much faster than a look at every process, and enough for nearly all
    except ProcessLookupError:
        return False
    return any(stat.group == group for stat in _running().values())


def _stat(pid: int) -> _Stat | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else _Stat(int(fields[2]), fields[19])


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
