"""Jobs and Deployments."""

import asyncio
from typing import cast, final

from local.cluster.node import Node
from local.cluster.platform import Platform
from local.cluster.pod import ContainerFailedError, Pod
from local.cluster.store import KubernetesObject, Spec, items_of
from local.errors import EstateError
from local.processes.child import describe_exit

_BACKOFF_LIMIT = 6
_PROGRESS_DEADLINE = 600


def can_run(found: KubernetesObject, platform: Platform) -> bool:
    """Whether a workload has a container that can run on this machine."""
    return any(platform.runs(str(c["image"])) for c in items_of(_template(found)["spec"], "containers"))


async def run_job(job: KubernetesObject, node: Node) -> None:
    """Run a Job until its pod succeeded; raises `EstateError` with the log's tail when it gave up.

    An attempt begins with a new pod, also under `restartPolicy: OnFailure`.
    """
    attempts = 1 + int(job.spec.get("backoffLimit", _BACKOFF_LIMIT))
    seconds = job.spec.get("activeDeadlineSeconds")
    try:
        async with asyncio.timeout(seconds):
            for attempt in range(attempts):
                if await _attempt(job, node, attempt, last=attempt + 1 == attempts):
                    return
                await asyncio.sleep(node.job_backoff.first * 2**attempt)
    except TimeoutError:
        hint = "activeDeadlineSeconds is the limit; the log says how far it came."
        log = node.log(f"{job.name}-0", str(_template(job)["spec"]["containers"][0]["name"]))
        raise EstateError(f"the Job {job.id} did not finish within {seconds} s", hint=hint, log=log) from None


async def _attempt(job: KubernetesObject, node: Node, attempt: int, *, last: bool) -> bool:
    pod = Pod(f"{job.name}-{attempt}", job.namespace, _template(job), node, restarts=False)
    try:
        await pod.run()
    except ContainerFailedError as failed:
        if last:
            why = f"container {failed.container}, {describe_exit(failed.code)}, attempt {attempt + 1}"
            hint = "The log above is the container's own; the whole of it: python -m local logs STACK"
            raise EstateError(f"the Job {job.id} failed ({why})", hint=hint, log=failed.log) from None
        return False
    except asyncio.CancelledError:
        await pod.stop(hooks=False)
        raise
    return True


@final
class Deployment:
    """Keeps a number of pods running."""

    def __init__(self, found: KubernetesObject, node: Node, *, replicas: int) -> None:
        """`replicas` caps what the spec asks for: this is one machine."""
        wanted = found.spec.get("replicas")
        count = min(1 if wanted is None else int(wanted), replicas)
        self._found = found
        self._node = node
        self.pods = [
            Pod(f"{found.name}-{number}", found.namespace, _template(found), node, restarts=True)
            for number in range(count)
        ]
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Look again at which pods are ready."""
        self._changed.set()

    async def start(self) -> None:
        """Start all pods; return when all are ready, raise `EstateError` when they are not in time or cannot run."""
        self._tasks = [asyncio.create_task(self._run(pod)) for pod in self.pods]
        seconds = float(self._found.spec.get("progressDeadlineSeconds") or _PROGRESS_DEADLINE)
        try:
            async with asyncio.timeout(seconds):
                while not all(pod.ready for pod in self.pods):
                    await self._changed.wait()
                    self._changed.clear()
                    self._raise_failures()
        except TimeoutError:
            late = next(pod for pod in self.pods if not pod.ready)
            hint = "The log above is the container's own; what the probes saw is in events.jsonl beside the logs."
            raise EstateError(
                f"the Deployment {self._found.id} is not ready after {seconds:.0f} s: pod {late.name}",
                hint=hint,
                log=self._node.log(late.name, late.main_container),
            ) from None

    async def _run(self, pod: Pod) -> None:
        try:
            await pod.run()
        except EstateError as error:
            self._node.notify(pod.name, pod.main_container, "failed", error.message)
            raise
        finally:
            self.wake()

    def _raise_failures(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                raise error

    async def stop(self) -> None:
        """Stop all pods within their grace periods, at the same time.

        Without their preStop hooks: these wait for a load balancer to look away, and the edge is closed already.
        """
        await asyncio.gather(*(pod.stop(hooks=False) for pod in self.pods))
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _template(found: KubernetesObject) -> Spec:
    return cast("Spec", found.spec["template"])
