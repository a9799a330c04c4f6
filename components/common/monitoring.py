"""CloudWatch dimensions of each component, for alarms and the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

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
class RetrievalMetrics:
    """An OpenSearch domain; its metrics have the account's number as `ClientId`."""

    domain_name: pulumi.Output[str]
    account_id: pulumi.Output[str]
    nodes: int
    """Data nodes; with one, no copy of an index has a place, and the domain is never green."""
    volume_gib: int
    """Storage of each of them."""


@dataclass(frozen=True, kw_only=True)
class DnsFirewallMetrics:
    """A rule group of DNS Firewall; it counts by rule group and domain list."""

    rule_group_id: pulumi.Output[str]
    """Id of the group, the first of two dimensions."""
    threat_list_ids: Sequence[str]
    """Lists of AWS."""
    others_list_id: pulumi.Output[str] | None
    """List of all names, which stops what is not allowed; None: everything that is in no list of AWS is allowed."""
    blocks: bool
    """Whether what it counts was not answered."""


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
class NatMetrics:
    """An EC2 instance that is the way out of the private subnets."""

    instance_id: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class MonitoringTargets:
    """Everything of a stack that is watched, besides its cluster."""

    database: DatabaseMetrics
    replication: ReplicationMetrics | None
    """None without a recovery region."""
    cache: CacheMetrics | None
    """None in main mode."""
    retrieval: RetrievalMetrics | None = None
    """None without an OpenSearch domain."""
    nat: NatMetrics | None = None
    """None with NAT gateways, which AWS keeps running, and in a VPC that exists."""
    dns_firewall: DnsFirewallMetrics | None = None
    """None without a DNS Firewall."""
    backlog: bool
    """Whether CloudWatch is told how many jobs wait."""
    load_balancer: LoadBalancerAccess | None
    """None behind an ingress, whose controller has metrics of its own."""
    edge: EdgeMetrics | None
    """None behind an ingress."""
