"""What a data store gives and Flowise takes: one type for both sides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

from components.common.context import Subnets
from components.common.iam import Statement


@dataclass(frozen=True, kw_only=True)
class VectorsConnection:
    """A second database on the same server, with pgvector, for the retrieval flows."""

    database_name: str
    username: str
    password: pulumi.Output[str]
    """Password of that role (secret)."""


@dataclass(frozen=True, kw_only=True)
class DatabaseConnection:
    """How Flowise reaches its database."""

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    database_name: str
    """Database that Flowise owns; the migration Job makes it."""
    username: str
    """Role that Flowise connects as; the migration Job makes it."""
    password: pulumi.Output[str]
    """Password of that role (secret)."""
    master_secret_arn: pulumi.Output[str]
    """Secrets Manager secret of the administrator who makes role and database; only the migration Job reads it."""
    vectors: VectorsConnection | None
    """Database for vectors; the migration Job makes it and its role."""


@dataclass(frozen=True, kw_only=True)
class BackupTarget:
    """What backups and restore tests must know of the database."""

    arn: pulumi.Output[str]
    """Instance that Flowise uses."""
    subnet_group_name: pulumi.Output[str]
    """Where a restored instance must lie, lest AWS looks for a default VPC."""
    security_group_id: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class QueueConnection:
    """How Flowise reaches its queue."""

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    password: pulumi.Output[str]
    """Password of the default user (secret)."""
    kept_jobs: int
    """Finished, and failed, jobs that stay in memory."""


@dataclass(frozen=True, kw_only=True)
class RetrievalConnection:
    """How Flowise reaches OpenSearch; user and password stand in a credential of Flowise."""

    host: pulumi.Output[str]
    port: int


@dataclass(frozen=True, kw_only=True)
class DataStores:
    """What pods connect to in the data subnets."""

    database: DatabaseConnection
    queue: QueueConnection | None
    """None: Flowise runs without queue mode."""


@dataclass(frozen=True, kw_only=True)
class FlowiseSecrets:
    """What Flowise encrypts and signs with, and how its owner logs in for the first time."""

    keys: Mapping[str, pulumi.Input[str]]
    """Flowise's own keys by the name of their variable."""
    owner_password: pulumi.Input[str]
    short_encryption_key: bool
    """Whether the stack accepts an encryption key that the pods would refuse as too weak."""


@dataclass(frozen=True, kw_only=True)
class BacklogScaler:
    """How a workload is scaled on the queue's backlog."""

    authentication: pulumi.Output[str]
    """Name of the TriggerAuthentication that holds the queue's password."""
    kind: Literal["ClusterTriggerAuthentication", "TriggerAuthentication"]
    ready: Sequence[pulumi.Resource]
    """What must be there before a ScaledObject."""


@dataclass(frozen=True, kw_only=True)
class Toleration:
    """A taint that pods tolerate."""

    key: str
    value: str | None
    """None: any."""
    effect: str | None
    """None: any."""


@dataclass(frozen=True, kw_only=True)
class NodePlacement:
    """Which nodes some pods run on."""

    node_selector: Mapping[str, pulumi.Input[str]]
    """Labels of the nodes."""
    tolerations: Sequence[Toleration]
    """Taints that keep other pods away from them."""

    def tolerated(self) -> list[k8s.core.v1.TolerationArgs]:
        """The tolerations as a pod names them."""
        return [
            k8s.core.v1.TolerationArgs(
                key=each.key,
                operator="Exists" if each.value is None else "Equal",
                value=each.value,
                effect=each.effect,
            )
            for each in self.tolerations
        ]


@dataclass(frozen=True, kw_only=True)
class FlowisePlacement:
    """Nodes of Flowise's own."""

    servers: NodePlacement
    """Where server pods, and the Jobs, run."""
    workers: NodePlacement
    """Where worker pods run."""


@dataclass(frozen=True, kw_only=True)
class ClusterAccess:
    """How the program and the load balancer reach the cluster."""

    name: pulumi.Output[str]
    """Name of the cluster; known only when the cluster answers."""
    arn: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    """Security group of the nodes, so of every pod."""
    subnets: Subnets
    """Private subnets of nodes and pods; the control plane has its interfaces here too."""
    node_role_name: pulumi.Output[str] | None
    """IAM role of the nodes that Auto Mode starts; None in an existing cluster, in which the stack makes none."""
    service_cidr: str
    """Addresses of Kubernetes services."""
    kubernetes_version: str
    """Minor version that the stack asks for, or that an existing cluster has."""
    owned: bool
    """Whether the stack made it; in an existing cluster only namespaces of the stack's own are filled."""
    auto_mode: bool
    """Whether EKS Auto Mode registers pods with load balancers; else it is the AWS Load Balancer Controller."""
    placement: NodePlacement | None
    """Nodes of an existing cluster that pods run on; None: any, or those that the stack makes for Flowise."""
    provider: k8s.Provider
    """Kubernetes provider of this cluster, whose previews are dry runs of the API."""
    private_provider: k8s.Provider
    """For Secrets and roles, which the role of previews may not write: a preview asks the API for none of them."""


@dataclass(frozen=True, kw_only=True)
class TelemetryAccess:
    """Where pods send traces and metrics (OTLP over HTTP)."""

    endpoint: pulumi.Output[str]
    """URL of the collector, without a path; known only when it is there."""
    namespace: str
    pod_labels: Mapping[str, str]
    """Labels of the collector's pods."""
    port: int


@dataclass(frozen=True, kw_only=True)
class BucketAccess:
    """How Flowise reaches its files."""

    name: pulumi.Output[str]
    statements: Sequence[Statement]
    """The least that Flowise needs: list the bucket, read, write and delete objects, use the key through S3."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """The public name of Flowise, with its certificates."""

    name: str
    hosted_zone_id: str | None
    """Zone in which records are made; None: it is elsewhere, and its owner makes them."""
    edge_certificate_arn: pulumi.Output[str] | None
    """Certificate for CloudFront, in us-east-1; None without CloudFront."""
    regional_certificate_arn: pulumi.Output[str]
    """Certificate for the load balancer; the same object where one does for both."""
    renewed_here: bool
    """Whether the certificates are the stack's own, which ACM renews; others are their owner's to renew."""


@dataclass(frozen=True, kw_only=True)
class DnsTarget:
    """Where the public name must lead."""

    name: str
    value: pulumi.Output[str]
    """Host name to point at."""
    alias_zone_id: pulumi.Output[str]
    """Hosted zone of `value`, which an alias record of Route 53 names."""

    def as_output(self) -> dict[str, pulumi.Input[str]]:
        """What the owner of the zone is told."""
        return {"name": self.name, "type": "CNAME", "value": self.value, "alias_zone_id": self.alias_zone_id}


@dataclass(frozen=True, kw_only=True)
class LoadBalancerAccess:
    """The load balancer: CloudFront sends to it, and Flowise's pods join it."""

    arn: pulumi.Output[str]
    """ARN; known only when the listener is there."""
    dns_name: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]
    """Target group that the pods join; known only when the listener is there."""
    site: Site | None
    """Public name; with it CloudFront speaks HTTPS to the load balancer, without it HTTP inside the VPC."""
    idle_timeout_seconds: int
    """Seconds after which it closes an idle connection; pods must keep theirs longer."""
    behind_cloudfront: bool
    """Whether CloudFront is the only one that reaches it; otherwise listed private networks do."""
    security_group_id: pulumi.Output[str]
    zone_id: pulumi.Output[str]
    """Hosted zone of `dns_name`, for alias records."""
