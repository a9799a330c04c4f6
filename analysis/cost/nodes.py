"""How many nodes the recorded pods need without load.

EKS Auto Mode makes nodes when pods come, so no resource is one. It chooses among the sizes and families that a pool
allows; here every node is of the general-purpose family (m), or t4g where a pool asks for it, and all of a pool are of
the size that wastes least.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from analysis.recorder import Record, Recording
from components.observability import AGENT_REQUEST

BUILT_IN: Final = "built-in pools"
SHARED: Final = "share of others' nodes"
"""Nodes of a cluster that somebody else runs: a stack pays for the room that its pods ask for, not for whole nodes."""
_SIZES: Final = {2: "large", 4: "xlarge", 8: "2xlarge", 16: "4xlarge", 32: "8xlarge"}
_RESERVED_CPU: Final = 0.07
"""CPU of a node that the kubelet keeps, for 2 to 8 vCPU."""
_RESERVED_MIB: Final = 1565
"""255 MiB + 11 MiB for each of 110 pods + 100 MiB before eviction (EKS' own formula)."""
_USABLE: Final = 0.925
"""Part of the memory that is left after the kernel and the hypervisor (Karpenter's assumption)."""
_DISK_GIB: Final = 80
"""`ephemeralStorage` of a NodeClass that says nothing, as that of the built-in pools."""

_ZONE: Final = "topology.kubernetes.io/zone"
_HOST: Final = "kubernetes.io/hostname"
_ZONES_ELSEWHERE: Final = 2
"""Zones of a network that is not the stack's, where nothing says how many it has."""

_Request = tuple[float, float]
"""vCPU and MiB that a pod asks for."""


@dataclass(frozen=True, kw_only=True)
class _Group:
    """Pods of a Deployment."""

    pods: int
    request: _Request
    zones: bool = False
    """Whether they ask for different zones."""
    on_a_node: int | None = None
    """How many may share a node; None: any number."""


_INSTALLED: Final[dict[str, list[_Group]]] = {
    # Deployments of add-ons and charts that we give no requests, from their manifests.
    "metrics-server": [_Group(pods=2, request=(0.1, 200))],
    "amazon-cloudwatch-observability": [_Group(pods=1, request=(0.1, 64))],  # its operator
}
_INSTALLED_ON_EVERY_NODE: Final[dict[str, _Request]] = {
    "amazon-cloudwatch-observability": (AGENT_REQUEST[0] / 1000, AGENT_REQUEST[1]),
    "datadog": (0, 0),  # the chart's agents ask for nothing
}


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Alike nodes of one pool."""

    pool: str
    count: int
    instance: str
    spot: bool
    node_disk_gib: int = _DISK_GIB
    share: float = 1.0
    """Part of all of them that the stack pays for."""

    @property
    def paid(self) -> float:
        """Nodes that the stack pays for."""
        return self.count * self.share

    @property
    def disk_gib(self) -> float:
        """Disk of those."""
        return self.paid * self.node_disk_gib


@dataclass(frozen=True, kw_only=True)
class _Pool:
    name: str
    vcpus: tuple[int, ...] = tuple(_SIZES)
    family: str = "m7i"  # the built-in general-purpose pool is amd64 only
    spot: bool = False
    disk_gib: int = _DISK_GIB

    def size(self, vcpu: int) -> str:
        """Size of a node; of t4g the smallest of two vCPU that Auto Mode takes is `medium`."""
        return "medium" if self.family == "t4g" and vcpu == min(_SIZES) else _SIZES[vcpu]

    def mib(self, vcpu: int) -> int:
        """Memory of a node."""
        return vcpu * (2048 if self.size(vcpu) == "medium" else 4096)


def nodes_of(recording: Recording) -> Iterator[Nodes]:
    """Nodes for the pods that stay without load, one group a pool."""
    pools = {BUILT_IN: _Pool(name=BUILT_IN), **{pool.name: pool for pool in _own_pools(recording)}}
    deployments: dict[str, list[_Group]] = defaultdict(list)
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        pod = cast("dict[str, Any]", deployment.inputs["spec"]["template"]["spec"])
        selector = cast("dict[str, str]", pod.get("nodeSelector") or {})
        named = selector.get("karpenter.sh/nodepool", BUILT_IN)
        pool = named if named in pools else BUILT_IN  # a pool of a cluster that somebody else manages
        skews = {c["topologyKey"]: c["maxSkew"] for c in pod.get("topologySpreadConstraints") or ()}
        deployments[pool].append(
            _Group(
                pods=_fewest(recording, deployment),
                request=_request(pod),
                zones=_ZONE in skews,
                on_a_node=skews.get(_HOST),
            )
        )
    deployments[BUILT_IN] += [group for name in _installed(recording) for group in _INSTALLED.get(name, ())]
    deployments[BUILT_IN] += _keda(recording)
    everywhere, zones = _on_every_node(recording), _zones(recording)
    owned = bool(recording.of_type("aws:eks/cluster:Cluster"))
    for name in sorted(deployments):
        pool = pools[name]
        vcpu, count = _packed(pool, deployments[name], everywhere, zones)
        if count:
            yield Nodes(
                pool=name if owned else SHARED,
                count=count,
                instance=f"{pool.family}.{pool.size(vcpu)}",
                spot=pool.spot,
                node_disk_gib=pool.disk_gib,
                share=1.0 if owned else _share(deployments[name], count, _room(pool, vcpu, everywhere)),
            )


def _installed(recording: Recording) -> Iterator[str]:
    """Names of add-ons and charts."""
    for addon in recording.of_type("aws:eks/addon:Addon"):
        yield str(addon.inputs["addonName"])
    for release in recording.of_type("kubernetes:helm.sh/v3:Release"):
        yield str(release.inputs["chart"])


def _zones(recording: Recording) -> int:
    """Zones with subnets for nodes."""
    found = {s.inputs["availabilityZone"] for s in recording.of_type("aws:ec2/subnet:Subnet") if "private" in s.name}
    return len(found) or _ZONES_ELSEWHERE


def _keda(recording: Recording) -> Iterator[_Group]:
    """Deployments of KEDA, which has its requests from us."""
    for release in recording.of_type("kubernetes:helm.sh/v3:Release"):
        if release.inputs["chart"] == "keda":
            values = cast("dict[str, Any]", release.inputs["values"])
            counts = [values[part]["replicaCount"] for part in ("operator", "metricsServer", "webhooks")]
            wanted = [r["requests"] for r in cast("dict[str, Any]", values["resources"]).values()]
            for pods, request in zip(counts, wanted, strict=True):
                yield _Group(pods=pods, request=(_cpu(request["cpu"]), _mib(request["memory"])), zones=True)


def _on_every_node(recording: Recording) -> _Request:
    """What DaemonSets take of each node; ours tolerate every taint."""
    found = [_INSTALLED_ON_EVERY_NODE[n] for n in _installed(recording) if n in _INSTALLED_ON_EVERY_NODE]
    found += [_request(d.inputs["spec"]["template"]["spec"]) for d in recording.of_type("kubernetes:apps/v1:DaemonSet")]
    return sum(cpu for cpu, _ in found), sum(mib for _, mib in found)


def _own_pools(recording: Recording) -> Iterator[_Pool]:
    disks = {
        record.inputs["metadata"]["name"]: int(_mib(record.inputs["spec"]["ephemeralStorage"]["size"]) / 1024)
        for record in recording.of_type("kubernetes:eks.amazonaws.com/v1:NodeClass")
        if "ephemeralStorage" in record.inputs["spec"]
    }
    for record in recording.of_type("kubernetes:karpenter.sh/v1:NodePool"):
        wanted = {r["key"]: r["values"] for r in record.inputs["spec"]["template"]["spec"]["requirements"]}
        yield _Pool(
            name=record.inputs["metadata"]["name"],
            vcpus=tuple(sorted(int(value) for value in wanted["eks.amazonaws.com/instance-cpu"])),
            family=_family(wanted),
            spot="spot" in wanted["karpenter.sh/capacity-type"],
            disk_gib=disks.get(record.inputs["spec"]["template"]["spec"]["nodeClassRef"]["name"], _DISK_GIB),
        )


def _family(wanted: dict[str, list[str]]) -> str:
    burstable = wanted.get("eks.amazonaws.com/instance-family") == ["t4g"]
    return "t4g" if burstable else "m7g" if wanted["kubernetes.io/arch"] == ["arm64"] else "m7i"


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


def _packed(pool: _Pool, groups: list[_Group], everywhere: _Request, zones: int) -> tuple[int, int]:
    """The size of node with the fewest vCPU in all, the smallest of several, and how many of it.

    Pods that ask for different zones, and for nodes with few of their kind, do so as a preference (`ScheduleAnyway`);
    Karpenter makes and keeps nodes as if that were a must.
    """
    groups = sorted((group for group in groups if group.pods), key=lambda group: group.request, reverse=True)
    if not groups:
        return pool.vcpus[0], 0
    fewest = max(min(group.pods, zones) if group.zones else 1 for group in groups)
    rooms = {v: _room(pool, v, everywhere) for v in pool.vcpus}
    fitting = [v for v in pool.vcpus if all(_fits(g.request, rooms[v]) for g in groups)] or [pool.vcpus[-1]]
    counts = {v: max(_count(groups, rooms[v]), fewest) for v in fitting}
    vcpu = min(fitting, key=lambda v: (v * counts[v], v))
    return vcpu, counts[vcpu]


def _room(pool: _Pool, vcpu: int, everywhere: _Request) -> _Request:
    """What a node has for pods."""
    return _less((vcpu - _RESERVED_CPU, pool.mib(vcpu) * _USABLE - _RESERVED_MIB), everywhere)


def _share(groups: list[_Group], count: int, room: _Request) -> float:
    """Part of the nodes' room that pods ask for, by what they need more of: CPU or memory."""
    return max(sum(group.pods * group.request[each] for group in groups) / (count * room[each]) for each in (0, 1))


def _count(groups: list[_Group], room: _Request) -> int:
    """Nodes for these pods, each put where there is room first."""
    free: list[_Request] = []
    for group in groups:
        held: dict[int, int] = defaultdict(int)
        for _ in range(group.pods):
            place = next(
                (i for i, left in enumerate(free) if _fits(group.request, left) and held[i] != group.on_a_node),
                len(free),
            )
            if place == len(free):
                free.append(room)
            free[place] = _less(free[place], group.request)
            held[place] += 1
    return len(free)


def _fits(pod: _Request, room: _Request) -> bool:
    return pod[0] <= room[0] and pod[1] <= room[1]


def _less(room: _Request, pod: _Request) -> _Request:
    return room[0] - pod[0], room[1] - pod[1]
