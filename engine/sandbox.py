"""An account, a cluster and the providers over them, on this machine: where a stack's program is run for real."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pulumi

from analysis.stackfiles import ROOT, StackConfig, read_stack
from engine import provider_kubernetes
from engine.kubernetes import LiveCluster
from engine.provider import Backend, serve
from engine.provider_kubernetes import Cluster
from engine.stack import EngineStack
from engine.workspace import Project

BOOTSTRAP = "bootstrap"
"""Name for which `find_project` takes the account's own project."""
_ACCOUNT = "account"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """What outlives the runs of the engine."""

    backend: Backend
    cluster: Cluster
    ports: Mapping[str, int]
    directory: Path
    live: LiveCluster | None = None
    """A real cluster, in place of the one in memory."""
    transformation: pulumi.ResourceTransformation | None = None
    checkpoints: bool = False
    """Whether stacks write their state at each step of a run, which only a killed engine makes a difference to."""

    def stack(self, project: Project) -> EngineStack:
        """One stack with an empty state. Raises `EngineError`."""
        directory = self.directory / project.config.project / project.config.stack
        stack = EngineStack(
            directory, project, self.ports, transformation=self.transformation, checkpoints=self.checkpoints
        )
        if self.live:
            self.live.install(stack.workspace.home)
        return stack

    def left_in_cluster(self) -> list[str]:
        """Objects of the program that are still there."""
        return self.live.left() if self.live else [f"{type_} {id_}" for type_, id_ in self.cluster.objects]


@contextmanager
def sandbox(*, moto: bool = True, live: LiveCluster | None = None, checkpoints: bool = False) -> Generator[Sandbox]:
    """Start an empty one; nothing of it is left afterwards. Without `moto` its account is an inventory alone.

    With a `live` cluster Pulumi's own Kubernetes provider speaks with its API server.
    """
    kubeconfig = live.cluster.kubeconfig if live else ""
    backend, cluster = Backend(moto=moto, kubeconfig=kubeconfig), Cluster()
    with (
        tempfile.TemporaryDirectory(prefix="flowise-engine-") as directory,
        serve(backend) as ports,
        provider_kubernetes.serve(cluster) as kubernetes,
    ):
        try:
            yield Sandbox(
                backend=backend,
                cluster=cluster,
                ports=ports if live else {**ports, "kubernetes": kubernetes},
                directory=Path(directory),
                live=live,
                transformation=live.transformation(Path(directory) / "charts") if live else None,
                checkpoints=checkpoints,
            )
        finally:
            backend.close()


def find_project(stack: str, checkout: Path = ROOT) -> Project:
    """A stack of a checkout by name; `bootstrap` is the account's. Raises `StackFileError`."""
    root = checkout / BOOTSTRAP if stack == BOOTSTRAP else checkout
    config: StackConfig = read_stack(_ACCOUNT if stack == BOOTSTRAP else stack, root)
    return Project(config=config, root=root, checkout=checkout)
