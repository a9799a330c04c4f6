"""Deployments: a number of pods kept running, replaced and scaled as Kubernetes does."""

import asyncio
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from local.cluster.node import Node
from local.cluster.pod import Pod
from local.cluster.store import KubernetesObject, Spec, part_of, template_of
from local.errors import LocalError

_PROGRESS_DEADLINE = 600
_QUARTER = "25%"
"""Kubernetes' default for both limits of a rolling update."""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How many pods a rollout may add, and how many it may take away, at any time."""

    surge: int
    unavailable: int

    @classmethod
    def of(cls, spec: Spec, wanted: int) -> "Strategy":
        """Read `spec.strategy` for this number of pods. `Recreate` takes all away first and adds none."""
        strategy = part_of(spec, "strategy")
        if strategy.get("type") == "Recreate":
            return cls(surge=0, unavailable=wanted)
        rolling = part_of(strategy, "rollingUpdate")
        surge = _share(rolling.get("maxSurge", _QUARTER), wanted, math.ceil)
        unavailable = _share(rolling.get("maxUnavailable", _QUARTER), wanted, math.floor)
        return cls(surge=surge, unavailable=unavailable or (0 if surge else 1))


def _share(value: int | str, wanted: int, rounded: Callable[[float], int]) -> int:
    text = str(value)
    return rounded(wanted * float(text[:-1]) / 100) if text.endswith("%") else int(text)


@final
class Deployment:
    """Keeps a number of pods running."""

    def __init__(self, found: KubernetesObject, node: Node, *, replicas: int) -> None:
        """`replicas` caps what the spec asks for: this is one machine."""
        wanted = found.spec.get("replicas")
        self.name = found.name
        self._wanted = min(1 if wanted is None else int(wanted), replicas)
        self._found = found
        self._node = node
        self._numbers = itertools.count()
        self._tasks: dict[Pod, asyncio.Task[None]] = {}
        """Every pod with its run, also those that are being stopped."""
        self.pods: list[Pod] = []
        """Those that are not being stopped."""
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()

    def wake(self) -> None:
        """Look again at which pods are ready."""
        self._changed.set()

    async def start(self) -> None:
        """Start all pods; return when all are ready, raise `LocalError` when they are not in time or cannot run."""
        async with self._busy:
            await self._grow()

    async def scale(self, wanted: int) -> None:
        """Change the number of pods; return when the new ones are ready, or the ones too many are gone.

        Raises `LocalError` as `start` does; the pods that were there stay.
        """
        async with self._busy:
            self._wanted = wanted
            await self._shrink()
            try:
                await self._grow()
            except LocalError:
                await self._drop_unready()
                raise

    async def restart(self) -> None:
        """Replace every pod within the limits of the strategy, as `kubectl rollout restart` does.

        A pod that goes is taken out of its Services first, then gets its preStop hook and its grace period. Raises
        `LocalError` when a new pod does not become ready; the old ones that are left stay.
        """
        async with self._busy:
            try:
                await self._replace(Strategy.of(self._found.spec, self._wanted))
            except LocalError:
                await self._drop_unready()
                raise

    async def _replace(self, strategy: Strategy) -> None:
        old, new = list(self.pods), list[Pod]()
        leaving: list[asyncio.Task[None]] = []
        while old or len(new) < self._wanted or not _all_ready(new):
            room = self._wanted + strategy.surge - len(old)
            while len(new) < min(self._wanted, room):
                new.append(self._add())
            gone = _dispensable(old, new, self._wanted - strategy.unavailable)
            old = [pod for pod in old if pod not in gone]
            leaving += [asyncio.create_task(self._remove(pod)) for pod in gone]
            if gone and not strategy.surge:
                await asyncio.gather(*leaving)  # without a surge the place has to be free
            elif not gone:
                await self._until_ready([pod for pod in new if not pod.ready][:1])
        await asyncio.gather(*leaving)

    async def _drop_unready(self) -> None:
        await asyncio.gather(*(self._remove(pod) for pod in self.pods if not pod.ready))

    async def _grow(self) -> None:
        new = [self._add() for _ in range(self._wanted - len(self.pods))]
        await self._until_ready(new)

    async def _shrink(self) -> None:
        # Kubernetes too takes those that are not ready first, then the newest.
        order = sorted(self.pods, key=lambda pod: (pod.ready, -self.pods.index(pod)))
        await asyncio.gather(*(self._remove(pod) for pod in order[: max(0, len(self.pods) - self._wanted)]))

    def _add(self) -> Pod:
        name = f"{self._found.name}-{next(self._numbers)}"
        pod = Pod(name, self._found.namespace, template_of(self._found), self._node, restarts=True)
        self.pods.append(pod)
        self._tasks[pod] = asyncio.create_task(self._run(pod))
        return pod

    async def _remove(self, pod: Pod, *, hooks: bool = True) -> None:
        if pod in self.pods:
            self.pods.remove(pod)
        await pod.stop(hooks=hooks)
        await asyncio.gather(self._tasks[pod], return_exceptions=True)
        self._tasks.pop(pod, None)

    async def _until_ready(self, pods: Sequence[Pod]) -> None:
        """Wait for new pods; raises `LocalError` for one that is not ready in time or cannot run."""
        seconds = float(self._found.spec.get("progressDeadlineSeconds") or _PROGRESS_DEADLINE)
        try:
            async with asyncio.timeout(seconds):
                while not _all_ready(pods):
                    await self._changed.wait()
                    self._changed.clear()
                    self._raise_failures(pods)
        except TimeoutError:
            late = next(pod for pod in pods if not pod.ready)
            hint = "The log above is the container's own; what the probes saw is in events.jsonl beside the logs."
            raise LocalError(
                f"the Deployment {self._found.id} is not ready after {seconds:.0f} s: pod {late.name}",
                hint=hint,
                log=self._node.log(late.name, late.main_container),
            ) from None

    async def _run(self, pod: Pod) -> None:
        try:
            await pod.run()
        except LocalError as error:
            self._node.notify(pod.name, pod.main_container, "failed", error.message)
            raise
        finally:
            self.wake()

    def _raise_failures(self, pods: Sequence[Pod]) -> None:
        for pod in pods:
            task = self._tasks[pod]
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    async def stop(self) -> None:
        """Stop all pods within their grace periods, at the same time.

        Without their preStop hooks: these wait for a load balancer to look away, and the edge is closed already.
        """
        await asyncio.gather(*(self._remove(pod, hooks=False) for pod in list(self._tasks)))


def _all_ready(pods: Sequence[Pod]) -> bool:
    return all(pod.ready for pod in pods)


def _dispensable(old: Sequence[Pod], new: Sequence[Pod], needed: int) -> list[Pod]:
    """Old pods that can go while `needed` ready ones stay; one that is not ready is missed by nobody."""
    unready = [pod for pod in old if not pod.ready]
    ready = [pod for pod in old if pod.ready]
    spare = len(ready) + sum(pod.ready for pod in new) - needed
    return unready + ready[: max(0, spare)]
