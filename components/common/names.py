"""Physical names: the few that AWS or a person must know, each within the limits of its service."""

import hashlib
import re
from typing import Final, Literal

import pulumi

APP_NAMESPACE: Final = "flowise"
"""Kubernetes namespace of everything that is Flowise."""

Service = Literal[
    "iam-role",
    "load-balancer",
    "target-group",
    "eks-cluster",
    "kms-alias",
    "secret",
    "log-group",
    "waf",
    "database",
    "vpc-origin",
    "backup-vault",
    "backup-plan",
    "alarm",
    "dashboard",
    "firehose",
]

_LIMITS: dict[Service, tuple[int, str]] = {
    # service: longest name, characters that are not allowed (each from the service's own API reference)
    "iam-role": (64, r"[^\w+=,.@-]"),
    "load-balancer": (32, r"[^A-Za-z0-9-]"),
    "target-group": (32, r"[^A-Za-z0-9-]"),
    "eks-cluster": (100, r"[^A-Za-z0-9_-]"),
    "kms-alias": (250, r"[^A-Za-z0-9/_-]"),
    "secret": (506, r"[^A-Za-z0-9/_+=.@-]"),  # 512 less the 7 characters that AWS appends, rounded down
    "log-group": (512, r"[^A-Za-z0-9_/.#-]"),
    "waf": (128, r"[^A-Za-z0-9_-]"),
    "database": (59, r"[^A-Za-z0-9-]"),  # 63 less the room for a generation, -g2 to -g99
    "vpc-origin": (64, r"[^A-Za-z0-9_-]"),
    "backup-vault": (41, r"[^A-Za-z0-9_-]"),  # 50 less a dash and 8 random characters
    "backup-plan": (50, r"[^A-Za-z0-9_-]"),
    "alarm": (255, r"[^A-Za-z0-9_-]"),
    "dashboard": (255, r"[^A-Za-z0-9_-]"),
    "firehose": (64, r"[^A-Za-z0-9_.-]"),
}


def physical_name(service: Service, *parts: str, separator: str = "-") -> str:
    """Join project, stack and `parts` into a name that `service` accepts.

    A name that is too long keeps its beginning and ends in a hash of the whole, so two long names never become one.
    """
    limit, forbidden = _LIMITS[service]
    name = re.sub(forbidden, "-", separator.join((pulumi.get_project(), pulumi.get_stack(), *parts)))
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"
