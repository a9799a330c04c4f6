"""Jobs, and which workloads can run here."""

import asyncio

from local.cluster.node import Node
from local.cluster.platform import Platform
from local.cluster.pod import ContainerFailedError, Pod
from local.cluster.store import KubernetesObject, items_of, template_of
from local.errors import LocalError
from local.processes.child import describe_exit

_BACKOFF_LIMIT = 6


def can_run(found: KubernetesObject, platform: Platform) -> bool:
    """Whether a workload has a container that can run on this machine."""
    return any(platform.runs(str(c["image"])) for c in items_of(template_of(found)["spec"], "containers"))


async def run_job(job: KubernetesObject, node: Node) -> None:
    """Run a Job until its pod succeeded; raises `LocalError` with the log's tail when it gave up.

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
        log = node.log(f"{job.name}-0", str(template_of(job)["spec"]["containers"][0]["name"]))
        raise LocalError(f"the Job {job.id} did not finish within {seconds} s", hint=hint, log=log) from None


async def _attempt(job: KubernetesObject, node: Node, attempt: int, *, last: bool) -> bool:
    pod = Pod(f"{job.name}-{attempt}", job.namespace, template_of(job), node, restarts=False)
    try:
        await pod.run()
    except ContainerFailedError as failed:
        if last:
            why = f"container {failed.container}, {describe_exit(failed.code)}, attempt {attempt + 1}"
            hint = "The log above is the container's own; the whole of it: make local-logs STACK=STACK"
            raise LocalError(f"the Job {job.id} failed ({why})", hint=hint, log=failed.log) from None
        return False
    except asyncio.CancelledError:
        await pod.stop(hooks=False)
        raise
    return True
