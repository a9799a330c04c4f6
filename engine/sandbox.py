"""An account, a cluster and the providers over them, on this machine: where a stack's program is run for real."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import provider_kubernetes
from engine.provider import Backend, serve
from engine.provider_kubernetes import Cluster
from engine.stack import EngineStack
from engine.workspace import Project
from local.stackfiles import ROOT, StackConfig, read_stack

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

    def stack(self, project: Project) -> EngineStack:
        """One stack with an empty state. Raises `EngineError`."""
        return EngineStack(self.directory / project.config.project / project.config.stack, project, self.ports)


@contextmanager
def sandbox(*, moto: bool = True) -> Generator[Sandbox]:
    """Start an empty one; nothing of it is left afterwards. Without `moto` its account is an inventory alone."""
    backend, cluster = Backend(moto=moto), Cluster()
    with (
        tempfile.TemporaryDirectory(prefix="flowise-engine-") as directory,
        serve(backend) as ports,
        provider_kubernetes.serve(cluster) as kubernetes,
    ):
        try:
            yield Sandbox(
                backend=backend,
                cluster=cluster,
                ports={**ports, "kubernetes": kubernetes},
                directory=Path(directory),
            )
        finally:
            backend.close()


def find_project(stack: str, checkout: Path = ROOT) -> Project:
    """A stack of a checkout by name; `bootstrap` is the account's. Raises `StackFileError`."""
    root = checkout / BOOTSTRAP if stack == BOOTSTRAP else checkout
    config: StackConfig = read_stack(_ACCOUNT if stack == BOOTSTRAP else stack, root)
    return Project(config=config, root=root, checkout=checkout)
