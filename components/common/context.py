"""What components are told about the stack and the network they belong to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.common.internal import InternalSettings
from components.common.outbound import Outbound
from components.common.planes import FLOWISE_PLANES, Planes


@dataclass(frozen=True, kw_only=True)
class RecoveryTarget:
    """Where copies go that must outlive the stack's region."""

    region: str
    kms_key_arn: pulumi.Output[str]
    """Customer-managed key of that region; one region's key is of no use in another."""


@dataclass(frozen=True, kw_only=True)
class StackScope:
    """What the stack file alone decides for every component, before anything exists."""

    region: str
    """Region of the stack."""
    protected: bool
    """Refuse to delete what holds data, here (`protect`, `retain_on_delete`) and in AWS (deletion protection)."""
    aws_backup: bool
    """Whether AWS Backup takes continuous backups; it then sets the database's retention and window itself."""
    internal: InternalSettings | None = None
    """Who reaches Flowise inside the network, and nobody else; None: CloudFront, or an ingress, is in front."""
    planes: Planes = FLOWISE_PLANES
    """Which paths are public, and which belong to people who administer."""


@dataclass(frozen=True, kw_only=True)
class PodScope:
    """What the stack file alone decides for every workload in the cluster."""

    outbound: Outbound
    """How pods reach the world outside of the VPC."""
    namespace: str
    """Kubernetes namespace of Flowise, of which a cluster has one for each stack: what exists once in a cluster is
    named after it."""


@dataclass(frozen=True, kw_only=True)
class StackContext:
    """What holds for every component of a stack."""

    scope: StackScope
    pods: PodScope
    kms_key_arn: pulumi.Output[str]
    """Customer-managed key that encrypts data and logs."""
    recovery: RecoveryTarget | None
    """Where keys, files and recovery points are copied; None: nowhere."""
    log_bucket_name: pulumi.Output[str]
    """Bucket that receives access logs: of load balancer, edge and buckets."""

    @property
    def region(self) -> str:
        """Region of the stack."""
        return self.scope.region

    @property
    def protected(self) -> bool:
        """Whether to refuse to delete what holds data."""
        return self.scope.protected

    @property
    def aws_backup(self) -> bool:
        """Whether AWS Backup takes continuous backups."""
        return self.scope.aws_backup

    @property
    def outbound(self) -> Outbound:
        """How pods reach the world outside of the VPC."""
        return self.pods.outbound

    @property
    def namespace(self) -> str:
        """Kubernetes namespace of Flowise."""
        return self.pods.namespace

    def beside(self, purpose: str) -> str:
        """Namespace of what runs beside Flowise in its cluster."""
        return f"{self.namespace}-{purpose}"


@dataclass(frozen=True, kw_only=True)
class NetworkAddresses:
    """Where the parts of a network lie, as IPv4 networks in CIDR notation."""

    private_cidrs: Sequence[str]
    """The VPC and what it is connected to."""
    private: pulumi.Output[Sequence[str]]
    """Subnets of pods and load balancer; the control plane has its interfaces here too."""
    data: pulumi.Output[Sequence[str]]
    """Subnets of database, queue and interface endpoints: nothing else listens in them."""
    endpoint_names: Sequence[str]
    """AWS services that answer on port 443 in the data subnets, as their host names begin."""

    @property
    def has_endpoints(self) -> bool:
        """Whether there is any."""
        return bool(self.endpoint_names)


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """One tier of a network."""

    vpc_id: pulumi.Output[str]
    ids: pulumi.Output[list[str]]
    """Ids of the subnets, one a zone."""
    addresses: NetworkAddresses
    """CIDR blocks of the whole network, for rules inside the cluster."""


@dataclass(frozen=True, kw_only=True)
class DataTier:
    """Where data stores lie, and who may reach them."""

    subnets: Subnets
    """Subnets without a route to the internet, in two zones or more."""
    allowed_security_group_ids: Mapping[str, pulumi.Input[str]]
    """Security groups that may connect, by a name for each."""
