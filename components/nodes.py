"""FlowiseNodes: nodes of Flowise's own in EKS Auto Mode, on Graviton and, where a stack asks for it, on spot."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self, final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pydantic import Field, model_validator

from components.common.connections import ClusterAccess, FlowisePlacement, NodePlacement, Toleration
from components.common.model import Settings
from components.common.ordering import known_after

_API_GROUP = "eks.amazonaws.com"
_NODE_CLASS = "flowise"
_TAINT = "flowise"
_Capacity = Literal["on-demand", "spot"]
_DEFAULT_DISK_GIB = 80
"""EKS User Guide, "Create a Node Class for Amazon EKS", ephemeralStorage."""
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
    instance_vcpus: Annotated[list[Literal[2, 4, 8, 16, 32]], Field(min_length=1)] = [2, 4, 8]
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
        return self

    @property
    def shared(self) -> bool:
        """Whether servers and workers have the same nodes."""
        return self.worker_capacity == self.server_capacity


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
                "limits": {"cpu": str(settings.max_vcpus * (2 if settings.shared else 1))},
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
