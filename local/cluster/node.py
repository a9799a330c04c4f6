"""The node that runs the pods: what every pod of one environment shares."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local.cluster.container import Backoff
from local.cluster.platform import Platform
from local.cluster.rewrite import Resolve
from local.cluster.store import Store
from local.identity import PodIdentityAgent
from local.layout import StackLayout
from local.processes.ports import PodNetwork


@dataclass(frozen=True, kw_only=True)
class Node:
    """Everything a pod needs besides its spec."""

    store: Store
    platform: Platform
    network: PodNetwork
    agent: PodIdentityAgent
    stack: StackLayout
    notify: Callable[[str, str, str, str], None]
    """Called with pod, container, state and detail."""
    changed: Callable[[], None]
    """Called when a pod became ready or unready."""
    resolve: Callable[[str], Resolve]
    """Names of Services as a pod of this namespace sees them."""
    as_root: bool
    """Whether pods can run under the user of their spec."""
    backoff: Backoff = field(default_factory=Backoff)
    job_backoff: Backoff = field(default_factory=lambda: Backoff(first=2, longest=20))
    """Between attempts of a Job's pod; Kubernetes begins with 10 s, which here only makes people wait for the error."""

    def log(self, pod: str, container: str) -> Path:
        """Log of one container."""
        return self.stack.logs / f"{pod}.{container}.log"
