"""What components are told about the stack and the network they belong to."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class StackContext:
    """What holds for every component of a stack."""

    region: str
    """Region of the stack."""
    protected: bool
    """Refuse to delete what holds data, here (`protect`, `retain_on_delete`) and in AWS (deletion protection)."""
    kms_key_arn: pulumi.Output[str]
    """Customer-managed key that encrypts data and logs."""


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """One tier of a network."""

    vpc_id: pulumi.Output[str]
    ids: pulumi.Output[list[str]]
    """Ids of the subnets, one a zone."""


@dataclass(frozen=True, kw_only=True)
class NetworkAddresses:
    """Where the parts of a network lie, as IPv4 networks in CIDR notation."""

    not_public: Sequence[str]
    """The VPC and what it is connected to."""
    private: pulumi.Output[Sequence[str]]
    """Subnets of pods and load balancer; the control plane has its interfaces here too."""
    data: pulumi.Output[Sequence[str]]
    """Subnets of database, queue and interface endpoints: nothing else listens in them."""
    has_endpoints: bool
    """Whether AWS services answer on port 443 in the data subnets."""
