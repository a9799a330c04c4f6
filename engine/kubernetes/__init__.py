"""A real Kubernetes control plane on this machine: API server, etcd and controllers."""

from engine.kubernetes.build import built, provider_built
from engine.kubernetes.control_plane import Cluster, start
from engine.kubernetes.live import LiveCluster, live_cluster

__all__ = ["Cluster", "LiveCluster", "built", "live_cluster", "provider_built", "start"]
