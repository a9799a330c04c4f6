"""Keeps the back ends running: a death before the environment is up ends the start, a later one means a restart."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import final

from local.errors import LocalError
from local.events import EventLog
from local.processes.child import Child, describe_exit

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0


@final
class Supervisor:
    """Watches children until the environment stops."""

    def __init__(self, events: EventLog) -> None:
        self.fatal: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Gets the exception that ends the environment; has no result otherwise."""
        self._events = events
        self._up = False
        self._watches: list[asyncio.Task[None]] = []
        self._children: dict[str, Child] = {}
        self._restartable: set[str] = set()
        self._down_until: dict[str, float] = {}

    def up(self) -> None:
        """From now on a dead back end is started again."""
        self._up = True

    def fail(self, error: BaseException) -> None:
        """End the environment with this error, unless another one came first."""
        if not self.fatal.done():
            self.fatal.set_exception(error)

    def watch(self, name: str, child: Child, log: Path, restart: Callable[[], Awaitable[Child]] | None) -> None:
        """Watch a back end; without `restart` its death ends the environment at any time."""
        self._events.emit("process", name=name, state="started", detail=f"pid {child.pid}")
        self._children[name] = child
        if restart:
            self._restartable.add(name)
        self._watches.append(asyncio.create_task(self._watch(name, child, log, restart)))

    async def outage(self, name: str, seconds: float) -> None:
        """Stop a back end, keep it down, and return when it is back; its name may be without its kind.

        Raises `LocalError` for one that cannot be started again.
        """
        found = [each for each in sorted(self._restartable) if name in (each, each.partition("-")[2])]
        if len(found) != 1:
            hint = f"There are: {', '.join(sorted(self._restartable)) or 'none'}."
            raise LocalError(f"there is no back end called '{name}' that can be started again", hint=hint)
        child = self._children[found[0]]
        self._down_until[found[0]] = asyncio.get_running_loop().time() + seconds
        await child.stop(first=signal.SIGINT, grace=20)  # PostgreSQL ends its sessions, as at a failover
        while self._children[found[0]] is child:  # noqa: ASYNC110  # `_watch` starts it again
            await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Stop watching; the children themselves are stopped by who started them."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    async def _watch(self, name: str, child: Child, log: Path, restart: Callable[[], Awaitable[Child]] | None) -> None:
        delay = _FIRST_DELAY
        while True:
            code = await child.wait()
            self._events.emit("process", name=name, state="exited", detail=describe_exit(code))
            if restart is None:
                hint = "What it held is gone with it. Start again: the data comes back, files as of the last save."
                self.fail(LocalError(f"{name} ended ({describe_exit(code)})", hint=hint, log=log))
                return
            if not self._up:
                hint = "If nobody stopped it, its log says why. Then start again."
                self.fail(LocalError(f"{name} ended during the start ({describe_exit(code)})", hint=hint, log=log))
                return
            while True:
                down = self._down_until.pop(name, 0) - asyncio.get_running_loop().time()
                await asyncio.sleep(max(delay, down))
                delay = min(delay * 2, _LONGEST_DELAY)
                try:
                    child = await restart()
                except (LocalError, OSError) as error:
                    self._events.emit("process", name=name, state="exited", detail=str(error))
                    continue
                self._children[name] = child
                self._events.emit("process", name=name, state="restarted", detail=f"pid {child.pid}")
                break
