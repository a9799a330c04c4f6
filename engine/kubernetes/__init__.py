"""A real Kubernetes control plane on this machine: API server, etcd and controllers."""

from engine.kubernetes.build import built
from engine.kubernetes.control_plane import Cluster, start

__all__ = ["Cluster", "built", "start"]
