"""How many nodes the recorded pods need without load.

EKS Auto Mode makes nodes when pods come, so no resource is one. It chooses among the sizes and families that a pool
allows; here every node is of the general-purpose family (m), and all of a pool are of the size that wastes least.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from analysis.recorder import Record, Recording

BUILT_IN: Final = "built-in pools"
_SIZES: Final = {2: "large", 4: "xlarge", 8: "2xlarge", 16: "4xlarge", 32: "8xlarge"}
_RESERVED_CPU: Final = 0.07
"""CPU of a node that the kubelet keeps, for 2 to 8 vCPU."""
_RESERVED_MIB: Final = 1565
"""255 MiB + 11 MiB for each of 110 pods + 100 MiB before eviction (EKS' own formula)."""
_USABLE: Final = 0.925
"""Part of the memory that is left after the kernel and the hypervisor (Karpenter's assumption)."""
_DISK_GIB: Final = 80
"""`ephemeralStorage` of a NodeClass that says nothing."""

_Request = tuple[float, float]
"""vCPU and MiB that a pod asks for."""

_INSTALLED: Final[dict[str, list[list[_Request]]]] = {
    # Deployments of add-ons and charts that we give no requests, from their manifests.
    "metrics-server": [[(0.1, 200)], [(0.1, 200)]],  # two pods that may share a node
    "amazon-cloudwatch-observability": [[(0.1, 64)]],  # its operator
}
_INSTALLED_ON_EVERY_NODE: Final[dict[str, _Request]] = {
    "amazon-cloudwatch-observability": (0.25, 128),  # CloudWatch's agent
    "datadog": (0, 0),  # the chart's agents ask for nothing
}


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Alike nodes of one pool."""

    pool: str
    count: int
    instance: str
    spot: bool

    @property
    def disk_gib(self) -> int:
        """Disk of all of them."""
        return self.count * _DISK_GIB


@dataclass(frozen=True, kw_only=True)
class _Pool:
    name: str
    vcpus: tuple[int, ...] = tuple(_SIZES)
    family: str = "m7i"  # the built-in general-purpose pool is amd64 only
    spot: bool = False


def nodes_of(recording: Recording) -> Iterator[Nodes]:
    """Nodes for the pods that stay without load, one group a pool."""
    pools = {BUILT_IN: _Pool(name=BUILT_IN), **{pool.name: pool for pool in _own_pools(recording)}}
    deployments: dict[str, list[list[_Request]]] = defaultdict(list)
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        pod = cast("dict[str, Any]", deployment.inputs["spec"]["template"]["spec"])
        selector = cast("dict[str, str]", pod.get("nodeSelector") or {})
        named = selector.get("karpenter.sh/nodepool", BUILT_IN)
        pool = named if named in pools else BUILT_IN  # a pool of a cluster that somebody else manages
        deployments[pool].append(_fewest(recording, deployment) * [_request(pod)])
    deployments[BUILT_IN] += [deployment for name in _installed(recording) for deployment in _INSTALLED.get(name, ())]
    deployments[BUILT_IN] += _keda(recording)
    everywhere = _on_every_node(recording)
    for name in sorted(deployments):
        pool = pools[name]
        vcpu, count = _packed(pool, deployments[name], everywhere)
        if count:
            yield Nodes(pool=name, count=count, instance=f"{pool.family}.{_SIZES[vcpu]}", spot=pool.spot)


def _installed(recording: Recording) -> Iterator[str]:
    """Names of add-ons and charts."""
    for addon in recording.of_type("aws:eks/addon:Addon"):
        yield str(addon.inputs["addonName"])
    for release in recording.of_type("kubernetes:helm.sh/v3:Release"):
        yield str(release.inputs["chart"])


def _keda(recording: Recording) -> Iterator[list[_Request]]:
    """Deployments of KEDA, which has its requests from us."""
    for release in recording.of_type("kubernetes:helm.sh/v3:Release"):
        if release.inputs["chart"] == "keda":
            values = cast("dict[str, Any]", release.inputs["values"])
            counts = [values[part]["replicaCount"] for part in ("operator", "metricsServer", "webhooks")]
            wanted = [r["requests"] for r in cast("dict[str, Any]", values["resources"]).values()]
            yield from (n * [(_cpu(r["cpu"]), _mib(r["memory"]))] for n, r in zip(counts, wanted, strict=True))


def _on_every_node(recording: Recording) -> _Request:
    """What DaemonSets take of each node; ours tolerate every taint."""
    found = [_INSTALLED_ON_EVERY_NODE[n] for n in _installed(recording) if n in _INSTALLED_ON_EVERY_NODE]
    found += [_request(d.inputs["spec"]["template"]["spec"]) for d in recording.of_type("kubernetes:apps/v1:DaemonSet")]
    return sum(cpu for cpu, _ in found), sum(mib for _, mib in found)


def _own_pools(recording: Recording) -> Iterator[_Pool]:
    for record in recording.of_type("kubernetes:karpenter.sh/v1:NodePool"):
        wanted = {r["key"]: r["values"] for r in record.inputs["spec"]["template"]["spec"]["requirements"]}
        yield _Pool(
            name=record.inputs["metadata"]["name"],
            vcpus=tuple(sorted(int(value) for value in wanted["eks.amazonaws.com/instance-cpu"])),
            family="m7g" if wanted["kubernetes.io/arch"] == ["arm64"] else "m7i",
            spot="spot" in wanted["karpenter.sh/capacity-type"],
        )


def _fewest(recording: Recording, deployment: Record) -> int:
    """Pods that stay without load: the least of an autoscaler, or the number that is written."""
    name = deployment.inputs["metadata"]["name"]
    for type_, key in (
        ("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "minReplicas"),
        ("kubernetes:keda.sh/v1alpha1:ScaledObject", "minReplicaCount"),
    ):
        for scaler in recording.of_type(type_):
            if scaler.inputs["spec"]["scaleTargetRef"]["name"] == name:
                return int(scaler.inputs["spec"][key])
    return int(deployment.inputs["spec"].get("replicas", 1))


def _request(pod: dict[str, Any]) -> _Request:
    """Return the vCPU and MiB that a pod asks for."""
    requests = [container["resources"]["requests"] for container in pod["containers"]]
    return sum(_cpu(r["cpu"]) for r in requests), sum(_mib(r["memory"]) for r in requests)


def _cpu(text: str) -> float:
    return int(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def _mib(text: str) -> float:
    return float(text.removesuffix("Gi")) * 1024 if text.endswith("Gi") else float(text.removesuffix("Mi"))


def _packed(pool: _Pool, deployments: list[list[_Request]], everywhere: _Request) -> tuple[int, int]:
    """The size of node with the fewest vCPU in all, the smallest of several, and how many of it.

    Pods of a Deployment of several are on two nodes at least: all of ours ask for different zones (`ScheduleAnyway`),
    and Karpenter makes and keeps nodes as if that were a must.
    """
    pods = sorted((pod for replicas in deployments for pod in replicas), reverse=True)
    if not pods:
        return pool.vcpus[0], 0
    fewest = 2 if any(len(replicas) > 1 for replicas in deployments) else 1
    rooms = {v: _less((v - _RESERVED_CPU, v * 4096 * _USABLE - _RESERVED_MIB), everywhere) for v in pool.vcpus}
    fitting = [v for v in pool.vcpus if all(_fits(pod, rooms[v]) for pod in pods)] or [pool.vcpus[-1]]
    counts = {v: max(_count(pods, rooms[v]), fewest) for v in fitting}
    vcpu = min(fitting, key=lambda v: (v * counts[v], v))
    return vcpu, counts[vcpu]


def _count(pods: list[_Request], room: _Request) -> int:
    """Nodes for these pods, each put where there is room first."""
    free: list[_Request] = []
    for pod in pods:
        place = next((i for i, left in enumerate(free) if _fits(pod, left)), None)
        if place is None:
            free.append(_less(room, pod))
        else:
            free[place] = _less(free[place], pod)
    return len(free)


def _fits(pod: _Request, room: _Request) -> bool:
    return pod[0] <= room[0] and pod[1] <= room[1]


def _less(room: _Request, pod: _Request) -> _Request:
    return room[0] - pod[0], room[1] - pod[1]
