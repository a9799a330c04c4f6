"""What a component gives so that alarms can watch it: the names under which AWS counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common.connections import LoadBalancerAccess


@dataclass(frozen=True, kw_only=True)
class WatchedDatabase:
    """An RDS instance."""

    identifier: pulumi.Output[str]
    instance_class: str
    """Its size, which decides about thresholds."""
    storage_gib: int
    """Storage at creation; it may have grown since."""


@dataclass(frozen=True, kw_only=True)
class WatchedCache:
    """The nodes of an ElastiCache replication group."""

    node_ids: Sequence[pulumi.Output[str]]
    """Ids of the nodes (`CacheClusterId`); any of them may be the primary."""


@dataclass(frozen=True, kw_only=True)
class WatchedEdge:
    """A CloudFront distribution and its web ACL; their metrics are in us-east-1."""

    distribution_id: pulumi.Output[str]
    web_acl_metric: str
    """Name under which the web ACL counts requests."""


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Everything of a stack that is watched, besides its cluster."""

    database: WatchedDatabase
    cache: WatchedCache | None
    """None in plain mode."""
    backlog: bool
    """Whether CloudWatch is told how many jobs wait."""
    load_balancer: LoadBalancerAccess | None
    """None behind an ingress, whose controller has metrics of its own."""
    edge: WatchedEdge | None
    """None behind an ingress."""
