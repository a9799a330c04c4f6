"""What the pods of a stack need to reach the world outside of their VPC."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A proxy that the company puts between its networks and the internet."""

    url: pulumi.Output[str]
    """Its URL with user and password (secret)."""
    port: int
    cidrs: Sequence[str]
    """Networks that its addresses are in."""
    direct_names: Sequence[str]
    """Host names that are asked without it; with a dot before it, all names below one."""
    direct_cidrs: Sequence[str]
    """Networks that are called without it, where a URL holds an address of theirs."""


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """Decided in the section `app`, and in force for every workload that speaks to others."""

    authorities: str | None
    """Certificate authorities of the company in PEM; None: only the public ones."""
    proxy: Proxy | None
    """None: straight to the internet, by NAT."""
