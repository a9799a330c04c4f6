"""What alarms and the dashboard are told of each component."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

from components.common.alarm import Alarm, Event, Metric
from components.common.connections import LoadBalancerAccess


@dataclass(frozen=True, kw_only=True)
class DatabaseMetrics:
    """An RDS instance."""

    identifier: pulumi.Output[str]
    instance_class: str
    """Its size, which decides about thresholds."""
    storage_gib: pulumi.Output[int]
    """Storage as RDS last reported it: it grows by itself, and `pulumi up --refresh` takes the new size over."""


@dataclass(frozen=True, kw_only=True)
class CacheMetrics:
    """The nodes of an ElastiCache replication group."""

    node_ids: Sequence[pulumi.Output[str]]
    """Ids of the nodes (`CacheClusterId`); any of them may be the primary."""
    cpu_credits: bool
    """Whether CPU is a credit that runs out: family t."""


@dataclass(frozen=True, kw_only=True)
class ReplicationMetrics:
    """The replication of a bucket to another region."""

    source: pulumi.Output[str]
    """Name of the bucket that is copied."""
    destination: pulumi.Output[str]
    rule: str
    """Id of the replication rule."""


@dataclass(frozen=True, kw_only=True)
class EdgeMetrics:
    """A CloudFront distribution and its web ACL; their metrics are in us-east-1."""

    distribution_id: pulumi.Output[str]
    web_acl_metric: str
    """Name under which the web ACL counts requests."""


@dataclass(frozen=True, kw_only=True)
class Widget:
    """A graph, or with `single` a number over the whole month."""

    title: str
    metrics: Sequence[Metric]
    labels: Sequence[str] = ()
    expressions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metric math over m0, m1, ... by its label; with it only the results are shown."""
    single: bool = False
    edge: bool = False


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Alarms, graphs and messages that a component describes itself."""

    alarms: Sequence[Alarm] = ()
    widgets: Sequence[Widget] = ()
    """Graphs for the dashboard's row of what is full."""
    events: Sequence[Event] = ()


@dataclass(frozen=True, kw_only=True)
class MonitoringTargets:
    """Everything of a stack that is watched, besides its cluster."""

    database: DatabaseMetrics
    replication: ReplicationMetrics | None
    """None without a recovery region."""
    cache: CacheMetrics | None
    """None in main mode."""
    described: Sequence[Monitoring] = ()
    """Of components that describe their alarms themselves (`alarms.py` in their packages)."""
    backlog: bool
    """Whether CloudWatch is told how many jobs wait."""
    load_balancer: LoadBalancerAccess | None
    """None behind an ingress, whose controller has metrics of its own."""
    edge: EdgeMetrics | None
    """None behind an ingress."""
