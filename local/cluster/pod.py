"""One pod: volumes, init containers in order, containers side by side."""

import asyncio
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

from local.cluster.container import Container, ContainerProcess
from local.cluster.environment import PodIdentity, expand, render_environment
from local.cluster.node import Node
from local.cluster.platform import IMAGE_ROOT, IMAGE_USER
from local.cluster.rewrite import Rewriter
from local.cluster.store import Spec, items_of, part_of
from local.cluster.volumes import make_volumes, mount_paths
from local.errors import LocalError
from local.processes.child import Command, describe_exit

_DEFAULT_GRACE = 30


@dataclass(frozen=True, kw_only=True)
class ContainerFailedError(Exception):
    """A container ended with an exit code other than 0 and is not to be restarted."""

    container: str
    code: int
    log: Path


@final
class Pod:
    """Runs a pod template under a name."""

    def __init__(self, name: str, namespace: str, template: Spec, node: Node, *, restarts: bool) -> None:
        """With `restarts`, a container that ends starts again (a server); without, the first failure ends the pod."""
        metadata = part_of(template, "metadata")
        self._spec = part_of(template, "spec")
        self._node = node
        self._restarts = restarts
        self._directory = node.stack.pods / name
        self.name = name
        self.namespace = namespace
        self.labels: Mapping[str, str] = part_of(metadata, "labels")
        self.address = node.network.address()
        self._identity = PodIdentity(
            name=name,
            namespace=namespace,
            uid=hashlib.sha256(f"{namespace}/{name}".encode()).hexdigest()[:32],
            ip=self.address,
            service_account=str(self._spec.get("serviceAccountName") or "default"),
            labels=self.labels,
            annotations=part_of(metadata, "annotations"),
        )
        sidecars = [c for c in self._containers("initContainers") if c.get("restartPolicy") == "Always"]
        self._init = [c for c in self._containers("initContainers") if c not in sidecars]
        self._main = sidecars + self._containers("containers")
        self._active: list[Container] = []
        self._serving = False
        self._stopping = False

    def _containers(self, key: str) -> list[Spec]:
        return [c for c in items_of(self._spec, key) if self._node.platform.runs(str(c["image"]))]

    @property
    def main_container(self) -> str:
        """Name of the container whose log tells most."""
        return str(self._main[-1]["name"])

    @property
    def ready(self) -> bool:
        """Whether every container is ready, so that Services send traffic here."""
        return self._serving and all(container.ready for container in self._active)

    def port(self, target: int | str) -> int | None:
        """Number of a container port given by number or name."""
        if isinstance(target, int) or target.isdigit():
            return int(target)
        ports = [port for container in self._main for port in items_of(container, "ports")]
        return next((int(port["containerPort"]) for port in ports if port.get("name") == target), None)

    async def run(self) -> None:
        """Run to the end, which for a server is `stop`.

        Raises `ContainerFailedError` when a container failed for good, `LocalError` for a spec that cannot run.
        """
        owner = self._user({}) if self._node.as_root else None
        volumes = await asyncio.to_thread(self._make_volumes, owner)
        agent = self._node.agent.variables(self.namespace, self._identity.service_account, self._directory, owner)
        for spec in self._init:
            if self._stopping:
                return
            process = self._process(spec, volumes, agent)
            self._active = [Container(process, restart=lambda code: self._restarts and code != 0)]
            await _finish(self._active[0], process)
        if self._stopping:
            return
        processes = [self._process(spec, volumes, agent) for spec in self._main]
        self._active = [Container(process, restart=lambda _: self._restarts) for process in processes]
        self._serving = self._restarts
        try:
            await asyncio.gather(*(_finish(c, process) for c, process in zip(self._active, processes, strict=True)))
        except (ContainerFailedError, LocalError):
            await self.stop(hooks=False)  # the other containers of a failed pod
            raise
        finally:
            self._serving = False

    async def stop(self, *, hooks: bool = True) -> None:
        """Stop every container within the pod's grace period; `hooks` false leaves out the preStop hooks."""
        self._stopping = True
        await asyncio.gather(*(container.stop(hooks=hooks) for container in self._active))

    def _make_volumes(self, owner: int | None) -> dict[str, Path]:
        shutil.rmtree(self._directory, ignore_errors=True)
        return make_volumes(self._spec, self._identity, self._node.store, self._directory / "volumes", owner)

    def _process(self, spec: Spec, volumes: Mapping[str, Path], agent: Mapping[str, str]) -> ContainerProcess:
        name, platform = str(spec["name"]), self._node.platform
        if not spec.get("command"):
            hint = "Here no image brings a command along: write it into the pod's spec."
            raise LocalError(f"the container {name} of {self.name} has no command", hint=hint)
        mounts = mount_paths(spec, volumes)
        rewriter = Rewriter({**platform.programs, **mounts}, self._node.resolve(self.namespace))
        tmp = mounts.get("/tmp")  # noqa: S108  # the container's
        supplied = platform.environment(address=self.address, agent=agent, tmp=tmp)
        rendered = render_environment(spec, self._identity, self._node.store)

        def map_word(word: str) -> str:
            return rewriter.text(expand(word, rendered))

        def notify(state: str, detail: str) -> None:
            if state in ("ready", "unready"):
                if not self._serving:
                    return
                self._node.changed()
            self._node.notify(self.name, name, state, detail)

        return ContainerProcess(
            name=name,
            spec=spec,
            command=Command(
                argv=[map_word(str(word)) for word in (*spec["command"], *(spec.get("args") or ()))],
                env=supplied | rewriter.environment(rendered),
                cwd=rewriter.path(str(spec.get("workingDir") or IMAGE_ROOT)),
                uid=self._user(spec) if self._node.as_root else None,
            ),
            log=self._node.log(self.name, name),
            registry=self._node.stack.children,
            address=self.address,
            grace=float(self._spec.get("terminationGracePeriodSeconds", _DEFAULT_GRACE)),
            map_word=map_word,
            notify=notify,
            backoff=self._node.backoff,
        )

    def _user(self, container: Spec) -> int:
        for context in (container.get("securityContext"), self._spec.get("securityContext")):
            if context and context.get("runAsUser") is not None:
                return int(context["runAsUser"])
        return IMAGE_USER


async def _finish(container: Container, process: ContainerProcess) -> None:
    code = await container.run()
    if code != 0 and not container.stopping:
        process.notify("failed", describe_exit(code))
        raise ContainerFailedError(container=process.name, code=code, log=process.log)
    process.notify("stopped" if container.stopping else "completed", "" if code == 0 else describe_exit(code))
