"""FlowiseNodes: nodes of Flowise's own in EKS Auto Mode, on Graviton and, where a stack asks for it, on spot."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self, final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pydantic import Field, model_validator

from components.common.connections import ClusterAccess, FlowisePlacement, NodePlacement, Toleration
from components.common.model import AS_A_SET, Settings
from components.common.ordering import known_after

_API_GROUP = "eks.amazonaws.com"
_NODE_CLASS = "flowise"
_TAINT = "flowise"
_Capacity = Literal["on-demand", "spot"]
_DEFAULT_DISK_GIB = 80
"""EKS User Guide, "Create a Node Class for Amazon EKS", ephemeralStorage."""
_KUBELET_MILLICORES: Final = {2: 70, 4: 80, 8: 90, 16: 110, 32: 150}
"""CPU of a node, by its vCPU, that no pod gets (EKS's own formula, awslabs/amazon-eks-ami, nodeadm)."""
_KUBELET_MIB: Final = 355
"""Memory that no pod gets on a node of any size: 255 MiB, and 100 below which pods are evicted (same formula). More is
kept for every pod that a node may have: what fits by this alone may still be too large, what does not never fits."""
_MIB_PER_VCPU: Final = {"r": 8192, "t4g": 4096}
_LARGEST_T4G: Final = 8
"""vCPU of t4g.2xlarge."""
_MOST_HOURS = 21 * 24
"""Auto Mode replaces every node after 21 days at the latest (EKS User Guide, automode)."""


class NodesSettings(Settings):
    """Nodes that only Flowise's pods use: other workloads of the cluster stay away from them, and they from those."""

    architecture: Literal["arm64", "amd64"] = "arm64"
    """Processor: Graviton (`arm64`) costs about a fifth less for the same work. The image must hold it."""
    worker_capacity: _Capacity = "on-demand"
    """How workers' nodes are bought.

    As the servers' nodes are bought they share those. Spot saves about two thirds and may be taken back with two
    minutes' notice: a job that runs longer is started again on another worker. Where there is no spot to be had, nodes
    on demand take its place. Where servers are bought otherwise, workers have nodes of their own.
    """
    server_capacity: _Capacity = "on-demand"
    """The same for servers' nodes. On `spot` with one server nobody is answered until the next node has started it:
    some minutes, each time that AWS takes the node back."""
    disk_gib: Annotated[int, Field(ge=20, le=1000)] = _DEFAULT_DISK_GIB
    """Disk of a node, for images, logs and files that pods hold for a moment; Auto Mode's own default is 80."""
    instance_vcpus: Annotated[list[Literal[2, 4, 8, 16, 32]], Field(min_length=1), AS_A_SET] = [2, 4, 8]
    """Sizes of instance to choose from, in vCPU. Small ones spread the pods over more nodes and zones."""
    burstable: bool = False
    """Nodes of family t4g in place of c, m and r, at half their price: a fifth to two fifths of each vCPU for long, and
    more as long as CPU credits last; beyond them AWS charges 0.04 USD a vCPU-hour. For stacks that mostly wait."""
    max_vcpus: Annotated[int, Field(ge=2, le=10000)] = 64
    """vCPU that servers and workers may each take in nodes, twice as many where they share them: a bound to the bill
    when something scales without end."""
    expire_hours: Annotated[int, Field(ge=24, le=_MOST_HOURS)] = 336
    """Hours after which a node is replaced by one with a fresh image."""
    drain_hours: Annotated[int, Field(ge=2, le=48)] = 2
    """Hours that a node waits for its pods to end before it takes them down; the longest request may take one."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.expire_hours + self.drain_hours > _MOST_HOURS:
            raise ValueError(
                f"expire_hours {self.expire_hours} and drain_hours {self.drain_hours} must together be at most "
                f"{_MOST_HOURS} (21 days): EKS Auto Mode lets no node live longer"
            )
        if self.burstable and self.architecture != "arm64":
            raise ValueError("burstable nodes are of family t4g, which is arm64: remove architecture or burstable")
        if self.burstable and min(self.instance_vcpus) > _LARGEST_T4G:
            raise ValueError(
                f"instance_vcpus {self.instance_vcpus}: burstable nodes are of family t4g, whose largest has "
                f"{_LARGEST_T4G} vCPU, so there would be no node; add 2, 4 or 8"
            )
        return self

    @property
    def shared(self) -> bool:
        """Whether servers and workers have the same nodes."""
        return self.worker_capacity == self.server_capacity

    @property
    def pool_vcpus(self) -> int:
        """Most vCPU that the nodes of a pool have together."""
        return self.max_vcpus * (2 if self.shared else 1)

    def too_small_for(self, millicores: int, mib: int) -> str:
        """Why no node has this much for one pod and what runs beside it; empty where one may have."""
        sizes = [vcpu for vcpu in self.instance_vcpus if vcpu <= self.pool_vcpus]
        if not sizes:
            least = -(-min(self.instance_vcpus) * self.max_vcpus // self.pool_vcpus)
            return f"max_vcpus {self.max_vcpus} lets no node be made; set it to at least {least}"
        family = "t4g" if self.burstable else "r"  # with the most memory of those that a pool takes
        largest = max(size for size in sizes if family == "r" or size <= _LARGEST_T4G)
        room = largest * 1000 - _KUBELET_MILLICORES[largest], largest * _MIB_PER_VCPU[family] - _KUBELET_MIB
        if millicores <= room[0] and mib <= room[1]:
            return ""
        return (
            f"the largest, of {largest} vCPU, has at most {room[0]:,} millicores and {room[1]:,} MiB for pods; add a "
            f"larger size to nodes.instance_vcpus (and let nodes.max_vcpus, {self.max_vcpus}, hold it), or ask for less"
        )


@dataclass(frozen=True, kw_only=True)
class FlowiseNodesArgs:
    """What a stack decides about its nodes, and where they lie."""

    settings: NodesSettings
    cluster: ClusterAccess


@final
class FlowiseNodes(pulumi.ComponentResource):
    """A node class and a node pool for servers and workers; where only one of the two takes spot, each has a pool.

    Nodes come and go with the pods. One at a time is emptied when its pods fit elsewhere, only after it was quiet for
    some minutes, and the pods' disruption budgets and grace periods hold meanwhile.
    """

    placement: FlowisePlacement
    """Where servers and workers run."""

    def __init__(self, resource_name: str, args: FlowiseNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:cluster:FlowiseNodes", resource_name, None, opts)
        node_class = CustomResource(
            resource_name,
            api_version=f"{_API_GROUP}/v1",
            kind="NodeClass",
            metadata={"name": _NODE_CLASS},
            spec={
                # The role of the built-in pools: EKS lets its nodes join without an access entry of ours.
                "role": args.cluster.node_role_name,
                "subnetSelectorTerms": args.cluster.subnets.ids.apply(lambda ids: [{"id": subnet} for subnet in ids]),
                "securityGroupSelectorTerms": [{"id": args.cluster.security_group_id}],
                "networkPolicy": "DefaultDeny",  # without, a new pod is open until its policies have arrived
                "networkPolicyEventLogs": "Enabled",
                **_disk(args.settings.disk_gib),
            },
            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.provider),
        )
        servers = self._pool(resource_name, "server", args.settings.server_capacity, args, node_class)
        workers = (
            servers
            if args.settings.shared
            else self._pool(resource_name, "worker", args.settings.worker_capacity, args, node_class)
        )
        self.placement = FlowisePlacement(servers=servers, workers=workers)
        self.register_outputs({"node_class": _NODE_CLASS})

    def _pool(
        self,
        resource_name: str,
        purpose: Literal["server", "worker"],
        capacity: _Capacity,
        args: FlowiseNodesArgs,
        node_class: CustomResource,
    ) -> NodePlacement:
        settings = args.settings
        name = f"flowise-{purpose}"
        pool = CustomResource(
            f"{resource_name}-{purpose}",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": name},
            spec={
                "template": {
                    "spec": {
                        "nodeClassRef": {"group": _API_GROUP, "kind": "NodeClass", "name": _NODE_CLASS},
                        "requirements": [
                            # With both, Karpenter takes spot as long as there is some, and else on demand at once
                            # (Karpenter's documentation, NodePools, Capacity Type).
                            _among("karpenter.sh/capacity-type", list(dict.fromkeys([capacity, "on-demand"]))),
                            _among("kubernetes.io/arch", [settings.architecture]),
                            *_instances(settings),
                        ],
                        "taints": [{"key": _TAINT, "value": purpose, "effect": "NoSchedule"}],
                        "expireAfter": f"{settings.expire_hours}h",
                        "terminationGracePeriod": f"{settings.drain_hours}h",
                    }
                },
                "limits": {"cpu": str(settings.pool_vcpus)},
                "disruption": {
                    "consolidationPolicy": "WhenEmptyOrUnderutilized",
                    "consolidateAfter": "10m",  # a shorter one moves pods at every dip of the load
                    "budgets": [{"nodes": "1"}],
                },
            },
            opts=pulumi.ResourceOptions(parent=self, provider=args.cluster.provider, depends_on=[node_class]),
        )
        return NodePlacement(
            node_selector={"karpenter.sh/nodepool": known_after(name, pool)},
            tolerations=[Toleration(key=_TAINT, value=purpose, effect="NoSchedule")],
        )


def _instances(settings: NodesSettings) -> list[dict[str, str | list[str]]]:
    """Requirements on family and size.

    Auto Mode takes Graviton from the sixth generation on, others from the fifth, and of t4g medium and larger (EKS User
    Guide, "Learn about Amazon EKS Auto Mode Managed instances").
    """
    sizes = _among(f"{_API_GROUP}/instance-cpu", [str(count) for count in settings.instance_vcpus])
    if settings.burstable:
        return [_among(f"{_API_GROUP}/instance-family", ["t4g"]), sizes]
    return [
        _among(f"{_API_GROUP}/instance-category", ["c", "m", "r"]),
        sizes,
        {"key": f"{_API_GROUP}/instance-generation", "operator": "Gt", "values": ["5"]},
    ]


def _disk(gib: int) -> dict[str, dict[str, str]]:
    """Nothing for Auto Mode's default: a node class that says it would be a changed one, and its nodes replaced."""
    return {} if gib == _DEFAULT_DISK_GIB else {"ephemeralStorage": {"size": f"{gib}Gi"}}


def _among(key: str, values: list[str]) -> dict[str, str | list[str]]:
    return {"key": key, "operator": "In", "values": values}
