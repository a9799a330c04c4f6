"""FlowiseQueue: the Valkey store of queue mode on Amazon ElastiCache."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self, final

import pulumi
import pulumi_aws as aws
import pulumi_random as random
from pydantic import AfterValidator, Field, model_validator

from components.common.connections import QueueConnection
from components.common.context import DataTier, StackContext
from components.common.instance_types import cache_node_type
from components.common.model import Settings
from components.common.monitoring import CacheMetrics
from components.common.spelling import Spelling
from components.common.windows import WEEKLY_SCHEMA, daily, overlap, weekly

PORT = 6379
_SMALL_GIB = {"micro": 0.5, "small": 1.37, "medium": 3.09}
_LARGE_GIB = {"c": 3.09, "m": 6.38, "r": 13.07}
"""Memory of size `large` by the first letter of the family (ElastiCache pricing); the next sizes double it."""
_RESERVED = 0.25
"""`reserved-memory-percent` by default (ElastiCache User Guide, "Managing reserved memory")."""
_SHORTEST_WINDOW = 60
"""Minutes; ElastiCache API Reference, CreateReplicationGroup, PreferredMaintenanceWindow."""
_SNAPSHOT_WINDOW: Final = "02:00-03:00"


def _maintenance_window(text: str) -> str:
    weekly(text, at_least=_SHORTEST_WINDOW)
    return text


class QueueSettings(Settings):
    """The queue of a stack. A stack that has this section runs Flowise in queue mode, one without it in main mode."""

    valkey_version: Literal["8.0", "8.1", "8.2"] = "8.2"
    """Version of the engine; cannot be lowered."""
    node_type: Annotated[
        str,
        Spelling(
            pattern=r"^cache\.[a-z][a-z0-9]+\.[a-z0-9]+$",
            is_="a node type of ElastiCache: cache, family and size, parted by dots",
            examples=["cache.t4g.small"],
            wrong=((r"^(?!cache\.)", "it does not begin with cache."), (r"[A-Z]", "it has capitals")),
        ),
        AfterValidator(cache_node_type),
    ]
    """Size of a node."""
    kept_jobs: Annotated[int, Field(ge=1, le=10_000)] = 5
    """Finished jobs that stay in the memory of each queue, and as many failed ones. Each holds its whole flow and what
    was uploaded with the question: 2.2 MiB with a picture, as measured. A server reads an answer from there only when
    it missed the message with it."""
    nodes: Annotated[int, Field(ge=1, le=6)] = 2
    """One node, or a primary with replicas in other zones and automatic failover."""
    snapshot_retention_days: Annotated[int, Field(ge=0, le=35)] = 7
    """Days to keep the daily snapshot; 0 takes none."""
    maintenance_window_utc: Annotated[
        str, AfterValidator(_maintenance_window), Field(json_schema_extra=WEEKLY_SCHEMA)
    ] = (  # one pattern
        "sun:05:30-sun:06:30"
    )
    """When AWS may apply patches; must not overlap 02:00-03:00, when the daily snapshot is taken."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        """ElastiCache refuses both at once, also where it takes no snapshot (hashicorp/terraform, issue 17247)."""
        snapshot = daily(_SNAPSHOT_WINDOW, at_least=_SHORTEST_WINDOW)
        if overlap(snapshot, weekly(self.maintenance_window_utc, at_least=_SHORTEST_WINDOW)):
            raise ValueError(
                f"maintenance_window_utc {self.maintenance_window_utc} overlaps {_SNAPSHOT_WINDOW}, in which the daily "
                "snapshot is taken, and ElastiCache refuses that; choose another time"
            )
        return self


def usable_memory_mib(node_type: str) -> float:
    """What Valkey may fill of a node; the rest is reserved for snapshots and failovers."""
    _, family, size = node_type.split(".")
    if size in _SMALL_GIB:
        gib = _SMALL_GIB[size]
    else:
        factor = {"large": 1, "xlarge": 2}.get(size) or 2 * int(size.removesuffix("xlarge"))
        gib = _LARGE_GIB[family[0]] * factor
    return gib * 1024 * (1 - _RESERVED)


@dataclass(frozen=True, kw_only=True)
class FlowiseQueueArgs:
    """What a stack decides about its queue, and where it lies."""

    settings: QueueSettings
    stack: StackContext
    tier: DataTier


@final
class FlowiseQueue(pulumi.ComponentResource):
    """Valkey with TLS, a password, and `noeviction`: BullMQ loses jobs when their keys are evicted.

    Cluster mode is off because BullMQ's scripts touch keys of several slots.
    """

    connection: QueueConnection
    """How Flowise connects. The host name stays the same in a failover."""
    replication_group_id: pulumi.Output[str]
    """Name in AWS, for alarms and runbooks."""
    metrics: CacheMetrics

    def __init__(self, resource_name: str, args: FlowiseQueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:queue:FlowiseQueue", resource_name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = args.settings
        security_group = aws.ec2.SecurityGroup(
            resource_name,
            description="Valkey from the pods of Flowise",
            vpc_id=args.tier.subnets.vpc_id,
            opts=child,
        )
        for name, source in args.tier.allowed_security_group_ids.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{resource_name}-from-{name}",
                security_group_id=security_group.id,
                description=f"Valkey from {name}",
                referenced_security_group_id=source,
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                opts=child,
            )
        major = settings.valkey_version.split(".")[0]
        parameters = aws.elasticache.ParameterGroup(
            f"{resource_name}-{major}",
            family=f"valkey{major}",
            parameters=[{"name": "maxmemory-policy", "value": "noeviction"}],
            opts=child,
        )
        subnet_group = aws.elasticache.SubnetGroup(resource_name, subnet_ids=args.tier.subnets.ids, opts=child)
        # ElastiCache allows letters, digits and a few signs; letters and digits alone need no escaping anywhere.
        password = random.RandomPassword(resource_name, length=64, special=False, opts=child)
        group = aws.elasticache.ReplicationGroup(
            resource_name,
            description=f"Queue of {pulumi.get_project()} {pulumi.get_stack()}",
            engine="valkey",
            engine_version=settings.valkey_version,
            node_type=settings.node_type,
            num_cache_clusters=settings.nodes,
            automatic_failover_enabled=settings.nodes > 1,
            multi_az_enabled=settings.nodes > 1,
            parameter_group_name=parameters.name,
            subnet_group_name=subnet_group.name,
            security_group_ids=[security_group.id],
            port=PORT,
            at_rest_encryption_enabled=True,
            kms_key_id=args.stack.kms_key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            auth_token=password.result,
            snapshot_retention_limit=settings.snapshot_retention_days,
            snapshot_window=_SNAPSHOT_WINDOW,
            maintenance_window=settings.maintenance_window_utc,
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            opts=pulumi.ResourceOptions(parent=self, protect=args.stack.protected),
        )
        self.connection = QueueConnection(
            host=group.primary_endpoint_address,
            port=group.port.apply(lambda port: port or PORT),
            password=password.result,
            kept_jobs=settings.kept_jobs,
        )
        self.replication_group_id = group.id
        # ElastiCache numbers the nodes of a group with cluster mode disabled from 001.
        self.metrics = CacheMetrics(
            node_ids=[
                pulumi.Output.format("{0}-{1}", group.id, f"{number:03}") for number in range(1, settings.nodes + 1)
            ],
            cpu_credits=settings.node_type.startswith("cache.t"),
        )
        self.register_outputs(
            {"host": group.primary_endpoint_address, "replication_group_id": self.replication_group_id}
        )
