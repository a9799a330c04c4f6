"""Partitions of AWS: what ARNs and host names of a region begin and end with."""

from typing import Final

_BY_PREFIX: Final = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}
"""By the beginning of the region's name (botocore, data/partitions.json: `regionRegex`, `dnsSuffix`)."""


def partition(region: str) -> str:
    """What the ARNs of a region have in their second place."""
    return _of(region)[0]


def dns_suffix(region: str) -> str:
    """What the host names of the services of a region end with."""
    return _of(region)[1]


def _of(region: str) -> tuple[str, str]:
    return next((found for prefix, found in _BY_PREFIX.items() if region.startswith(prefix)), ("aws", "amazonaws.com"))
