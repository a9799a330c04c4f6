"""A real API server for one stack, and Pulumi's own provider, in place of the stand-in."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

import pulumi

from engine.kubernetes.build import (
    PROVIDER_PROGRAM,
    auto_mode_definitions,
    keda_definitions,
    provider,
    provider_version,
)
from engine.kubernetes.charts import from_directory, write_charts
from engine.kubernetes.control_plane import Cluster, start
from engine.kubernetes.inventory import objects

CHARTS: Final = ("datadog", "keda")
"""Charts of the Helm releases of this program."""
_SETTLE_SECONDS: Final = 120
"""In which the garbage collector and the namespace controller come to their end."""
_PATCHED: Final = frozenset({"ConfigMap kube-system/amazon-vpc-cni"})
"""Objects that the program patches: its provider gives the fields back, and leaves the object to the cluster."""


@final
class LiveCluster:
    """What runs of the engine need of a control plane, and what they have left there."""

    def __init__(self, cluster: Cluster, program: Path) -> None:
        """Take what there is now as the cluster's own; `program` is the provider's."""
        self._provider = program
        self.cluster = cluster
        self._own = objects(cluster.admin)

    def transformation(self, directory: Path) -> pulumi.ResourceTransformation:
        """Write the charts below `directory`, and lead the program's Helm releases there."""
        write_charts(directory, {name: keda_definitions() if name == "keda" else [] for name in CHARTS})
        return from_directory(directory)

    def install(self, home: Path) -> None:
        """Put the provider into a PULUMI_HOME, where the engine looks for plugins (real directories only)."""
        directory = home / "plugins" / f"resource-kubernetes-v{provider_version()}"
        directory.mkdir(parents=True, exist_ok=True)
        program = directory / PROVIDER_PROGRAM
        if not program.exists():
            program.symlink_to(self._provider)

    def left(self) -> list[str]:
        """What has been added since the beginning and is still there, after the controllers have had their time."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while (found := objects(self.cluster.admin) - self._own - _PATCHED) and time.monotonic() < deadline:
            time.sleep(0.5)
        return sorted(found)


@contextmanager
def live_cluster() -> Generator[LiveCluster]:
    """Start a cluster as EKS Auto Mode gives it, empty; it ends with the context. Raises `EngineError`."""
    program = provider()
    with start(kinds=auto_mode_definitions()) as cluster:
        yield LiveCluster(cluster, program)
