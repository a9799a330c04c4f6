"""What the pods of a stack need to reach the world outside of their VPC."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """Decided in the section `app`, and in force for every workload that speaks to others."""

    authorities: str | None
    """Certificate authorities of the company in PEM; None: only the public ones."""
