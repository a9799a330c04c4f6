"""How many nodes the recorded pods need without load.

EKS Auto Mode makes nodes when pods come, so no resource is one. It chooses among the sizes and families that a pool
allows; here every node is of the general-purpose family (m), and of the smallest size into which the pods fit.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from local.recorder import Record, Recording

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

_SYSTEM_PODS: Final = {
    # Requests of the add-on and of the chart, from their manifests.
    "aws:eks/addon:Addon": 2 * [(0.1, 200.0)],  # metrics-server
    "kubernetes:helm.sh/v3:Release": 3 * [(0.1, 100.0)],  # KEDA: operator, metrics server, webhooks
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
    deployments: dict[str, list[list[tuple[float, float]]]] = defaultdict(list)
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        pod = cast("dict[str, Any]", deployment.inputs["spec"]["template"]["spec"])
        selector = cast("dict[str, str]", pod.get("nodeSelector") or {})
        pool = selector.get("karpenter.sh/nodepool", BUILT_IN)
        deployments[pool].append(_fewest(recording, deployment) * [_request(pod)])
    for type_, pods in _SYSTEM_PODS.items():
        deployments[BUILT_IN] += [[pod] for _ in recording.of_type(type_) for pod in pods]
    for name in sorted(deployments):
        pool = pools[name]
        vcpu, count = _packed(pool, deployments[name])
        if count:
            yield Nodes(pool=name, count=count, instance=f"{pool.family}.{_SIZES[vcpu]}", spot=pool.spot)


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


def _request(pod: dict[str, Any]) -> tuple[float, float]:
    """Return the vCPU and MiB that a pod asks for."""
    requests = [container["resources"]["requests"] for container in pod["containers"]]
    return sum(_cpu(r["cpu"]) for r in requests), sum(_mib(r["memory"]) for r in requests)


def _cpu(text: str) -> float:
    return int(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def _mib(text: str) -> float:
    return float(text.removesuffix("Gi")) * 1024 if text.endswith("Gi") else float(text.removesuffix("Mi"))


def _packed(pool: _Pool, deployments: list[list[tuple[float, float]]]) -> tuple[int, int]:
    """The smallest size of node into which every pod fits, and how many; pods of a Deployment of several are spread."""
    pods = sorted((pod for replicas in deployments for pod in replicas), reverse=True)
    if not pods:
        return pool.vcpus[0], 0
    vcpu = next((v for v in pool.vcpus if all(_fits(pod, _room(v)) for pod in pods)), pool.vcpus[-1])
    free: list[tuple[float, float]] = []
    for pod in pods:
        place = next((i for i, room in enumerate(free) if _fits(pod, room)), None)
        if place is None:
            free.append(_less(_room(vcpu), pod))
        else:
            free[place] = _less(free[place], pod)
    spread = 2 if any(len(replicas) > 1 for replicas in deployments) else 1
    return vcpu, max(len(free), spread)


def _room(vcpu: int) -> tuple[float, float]:
    return vcpu - _RESERVED_CPU, vcpu * 4096 * _USABLE - _RESERVED_MIB


def _fits(pod: tuple[float, float], room: tuple[float, float]) -> bool:
    return pod[0] <= room[0] and pod[1] <= room[1]


def _less(room: tuple[float, float], pod: tuple[float, float]) -> tuple[float, float]:
    return room[0] - pod[0], room[1] - pod[1]
