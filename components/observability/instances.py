"""What the instance classes of RDS have: thresholds follow them."""

import re
from dataclasses import dataclass
from typing import Final

_CLASS = re.compile(r"^db\.([a-z]+)(\d+)([a-z]*)\.(micro|small|medium|large|(\d*)xlarge)$")
_GIB: Final = 1024**3
_GIB_PER_VCPU: Final = {"t": 4, "m": 4, "r": 8, "x": 16, "c": 2}
"""Of the sizes from large on; by the letter of the family (RDS user guide, "Hardware specifications")."""
_GIB_PER_VCPU_OF_X2IEDN: Final = 32
_SMALL: Final = {"micro": 1, "small": 2, "medium": 4}
"""Memory of the small sizes in GiB, which only family t has; all of them have two vCPUs."""
_BYTES_PER_CONNECTION: Final = 9_531_392
_MOST_CONNECTIONS: Final = 5000
"""`max_connections` is LEAST(DBInstanceClassMemory/9531392, 5000) (RDS user guide, "Quotas and constraints")."""
_FOR_FLOWISE: Final = 0.9
"""The rest of the memory belongs to the operating system and to RDS, and does not count."""
_LARGEST_WITH_BURST: Final = {"intel": 4, "graviton": 2}
"""Multiples of xlarge up to which the disk's throughput is a burst (EC2 user guide, "EBS-optimized instance types")."""


@dataclass(frozen=True, kw_only=True)
class InstanceSize:
    """An instance class."""

    vcpus: int
    memory_bytes: int
    cpu_credits: bool
    """Whether CPU is a credit that runs out: family t."""
    disk_burst: bool
    """Whether throughput to the disk is an allowance that runs out."""

    @property
    def max_connections(self) -> int:
        """Connections that PostgreSQL takes with RDS's default parameters."""
        return min(int(self.memory_bytes * _FOR_FLOWISE / _BYTES_PER_CONNECTION), _MOST_CONNECTIONS)


def instance_size(instance_class: str) -> InstanceSize:
    """Size of an instance class such as `db.m7g.large`. Raises `ValueError` when nothing is known about it."""
    match = _CLASS.match(instance_class)
    family, _, kind, size, multiple = match.groups() if match else ("", "", "", "", None)
    if family not in _GIB_PER_VCPU or (size in _SMALL and family != "t"):
        raise ValueError(
            f"nothing is known about the memory and CPU of {instance_class}; "
            f"choose a class of family {', '.join(sorted(_GIB_PER_VCPU))}, such as db.m7g.large"
        )
    xlarge = int(multiple or 1) if size.endswith("xlarge") else 0
    vcpus = 4 * xlarge if xlarge else 2
    gib_per_vcpu = _GIB_PER_VCPU_OF_X2IEDN if kind == "iedn" else _GIB_PER_VCPU[family]
    burst_up_to = _LARGEST_WITH_BURST["graviton" if "g" in kind else "intel"]
    return InstanceSize(
        vcpus=vcpus,
        memory_bytes=_SMALL.get(size, vcpus * gib_per_vcpu) * _GIB,
        cpu_credits=family == "t",
        disk_burst=family == "t" or xlarge <= burst_up_to,
    )
