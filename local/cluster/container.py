"""One container as a process: start, probes, restarts with back-off, stop."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from local.cluster.probe import Probe, Target, act
from local.cluster.store import Spec, items_of, part_of
from local.errors import LocalError
from local.processes.child import Child, Command, describe_exit


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """How long a container that ended waits for its next start, in seconds. The first restart is immediate."""

    first: float = 10
    longest: float = 300
    forgotten_after: float = 600
    """A container that ran this long begins again without a delay."""

    def delay(self, restarts: int) -> float:
        """Seconds before restart number `restarts` (1 is the first)."""
        return 0 if restarts <= 1 else min(self.first * 2 ** (restarts - 2), self.longest)


@dataclass(frozen=True, kw_only=True)
class ContainerProcess:
    """A container's spec, turned into a process."""

    name: str
    spec: Spec
    command: Command
    log: Path
    registry: Path
    address: str
    grace: float
    """The pod's terminationGracePeriodSeconds."""
    map_word: Callable[[str], str]
    """Rewrites a word of a probe's or hook's command."""
    notify: Callable[[str, str], None]
    """Called with a state (started, ready, unready, exited, restarted) and a detail."""
    backoff: Backoff = field(default_factory=Backoff)
    startup_period: float = 1
    """A startup probe is tried at least this often (seconds); its budget stays what the spec says. On EKS nobody waits
    in front of a terminal for the rest of a 10 s period."""


@final
class Container:
    """Runs one container until it is stopped, or until it ends and is not to be restarted."""

    def __init__(self, process: ContainerProcess, *, restart: Callable[[int], bool]) -> None:
        """`restart` says whether a container that ended with this exit code starts again."""
        self._p = process
        self._restart = restart
        self._startup = Probe.of(process.spec, "startupProbe")
        self._readiness = Probe.of(process.spec, "readinessProbe")
        self._liveness = Probe.of(process.spec, "livenessProbe")
        ports = {str(p["name"]): int(p["containerPort"]) for p in items_of(process.spec, "ports") if p.get("name")}
        self._target = Target(address=process.address, ports=ports, run=self._exec)
        self._child: Child | None = None
        self._stop = asyncio.Event()
        self.started = asyncio.Event()
        """Set once the startup probe has succeeded, for the first time."""
        self.ready = False
        self.restarts = 0

    async def run(self) -> int:
        """Run to the end; return the last exit code."""
        while True:
            began = asyncio.get_running_loop().time()
            self._child = await Child.start(self._p.command, log=self._p.log, registry=self._p.registry)
            self._p.notify("restarted" if self.restarts else "started", f"pid {self._child.pid}")
            if self.stopping:  # it was stopped while it was being restarted
                self._child.kill()
            code = await self._watch(self._child)
            self._set_ready(ready=False, why=describe_exit(code))
            if self.stopping or not self._restart(code):
                return code
            self._p.notify("exited", describe_exit(code))
            if asyncio.get_running_loop().time() - began > self._p.backoff.forgotten_after:
                self.restarts = 0
            self.restarts += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), self._p.backoff.delay(self.restarts))
                return code

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    async def stop(self, *, hooks: bool) -> None:
        """Run the preStop hook (unless `hooks` is false), then SIGTERM, then SIGKILL when the grace period is over."""
        self._stop.set()
        self._set_ready(ready=False, why="stopping")
        if self._child and self._child.running:
            await self._end(self._child, self._p.grace, hooks=hooks)

    async def _end(self, child: Child, grace: float, *, hooks: bool) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + grace
        hook = part_of(part_of(self._p.spec, "lifecycle"), "preStop")
        if hooks and hook:
            with suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    if problem := await act(hook, self._target, grace):
                        self._p.notify("hook-failed", problem)
        # The kubelet grants two seconds when the hook has used everything.
        await child.stop(first=signal.SIGTERM, grace=max(2, deadline - loop.time()))

    async def _watch(self, child: Child) -> int:
        ending = asyncio.create_task(child.wait())
        probing = asyncio.create_task(self._probe(child))
        try:
            await asyncio.wait((ending, probing), return_when=asyncio.FIRST_COMPLETED)
            if probing.done() and not probing.cancelled() and (error := probing.exception()):
                child.kill()
                raise error
            return await ending
        finally:
            probing.cancel()
            with suppress(asyncio.CancelledError, LocalError):
                await probing
            if child.running:  # nobody waits for it any more
                child.kill()
                await child.wait()

    async def _probe(self, child: Child) -> None:
        """Startup first; then liveness and readiness, side by side."""
        if self._startup and not await self._has_started(self._startup):
            await self._kill(child, "startup probe")
            return
        self.started.set()
        loops = [self._keep_ready()]
        if self._liveness:
            loops.append(self._keep_alive(self._liveness, child))
        await asyncio.gather(*loops)

    async def _has_started(self, probe: Probe) -> bool:
        await asyncio.sleep(probe.initial_delay)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + probe.period * probe.failure_threshold
        while await probe.check(self._target):
            if loop.time() >= deadline:
                return False
            await asyncio.sleep(min(probe.period, self._p.startup_period))
        return True

    async def _keep_ready(self) -> None:
        if self._readiness is None:
            self._set_ready(ready=True, why="")
            return
        probe, good, bad = self._readiness, 0, 0
        await asyncio.sleep(probe.initial_delay)
        while True:
            problem = await probe.check(self._target)
            good, bad = (0, bad + 1) if problem else (good + 1, 0)
            if good >= probe.success_threshold:
                self._set_ready(ready=True, why="")
            elif bad >= probe.failure_threshold:
                self._set_ready(ready=False, why=problem)
            # Until it is ready for the first time, the finer steps of the startup probe apply.
            await asyncio.sleep(probe.period if self.ready or bad else min(probe.period, self._p.startup_period))

    async def _keep_alive(self, probe: Probe, child: Child) -> None:
        await asyncio.sleep(probe.initial_delay)
        failures = 0
        while failures < probe.failure_threshold:
            failures = failures + 1 if await probe.check(self._target) else 0
            if failures < probe.failure_threshold:
                await asyncio.sleep(probe.period)
        await self._kill(child, "liveness probe")

    async def _kill(self, child: Child, why: str) -> None:
        self._p.notify("unhealthy", f"{why} failed, the container is restarted")
        self._set_ready(ready=False, why=f"{why} failed")
        grace = float(part_of(self._p.spec, "livenessProbe").get("terminationGracePeriodSeconds") or self._p.grace)
        # Shielded: when the child ends, `_watch` cancels the probes, this one included.
        await asyncio.shield(self._end(child, grace, hooks=True))

    async def _exec(self, argv: list[str], seconds: float) -> int:
        mapped = [self._p.map_word(word) for word in argv]
        command = Command(argv=mapped, env=self._p.command.env, cwd=self._p.command.cwd, uid=self._p.command.uid)
        child = await Child.start(command, log=None)
        try:
            # Not `wait_for`, which can take a cancellation for the end of the process: the pod would never stop.
            async with asyncio.timeout(seconds):
                return await child.wait()
        finally:
            child.kill()
            await child.wait()

    def _set_ready(self, *, ready: bool, why: str) -> None:
        if ready and self.stopping:
            return  # its probes still succeed during the preStop hook, yet no Service gets it back
        if ready != self.ready:
            self.ready = ready
            self._p.notify("ready" if ready else "unready", why)
