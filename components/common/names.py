"""Physical names: the few that AWS or a person must know, each within the limits of its service."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from components.common.aws_names import longest_name
from components.common.catalogue import AWS

DEFAULT_NAMESPACE: Final = "flowise"
"""Kubernetes namespace of Flowise where a stack names no other."""

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
    "codebuild-project",
]


@dataclass(frozen=True)
class _Named:
    """How names of a service are made."""

    type: str
    forbidden: str
    """Characters that become hyphens."""
    spare: int = 0
    """Characters that are added later."""


_NAMED: Mapping[Service, _Named] = {
    "iam-role": _Named("aws:iam/role:Role", r"[^\w+=,.@-]"),
    "load-balancer": _Named("aws:lb/loadBalancer:LoadBalancer", r"[^A-Za-z0-9-]"),
    "target-group": _Named("aws:lb/targetGroup:TargetGroup", r"[^A-Za-z0-9-]"),
    "eks-cluster": _Named("aws:eks/cluster:Cluster", r"[^A-Za-z0-9_-]"),
    "kms-alias": _Named("aws:kms/alias:Alias", r"[^A-Za-z0-9/_-]", spare=len("alias/")),
    "secret": _Named("aws:secretsmanager/secret:Secret", r"[^A-Za-z0-9/_+=.@-]"),
    "log-group": _Named("aws:cloudwatch/logGroup:LogGroup", r"[^A-Za-z0-9_/.#-]"),
    "waf": _Named("aws:wafv2/webAcl:WebAcl", r"[^A-Za-z0-9_-]"),
    "database": _Named("aws:rds/instance:Instance", r"[^A-Za-z0-9-]", spare=len("-g99")),
    "vpc-origin": _Named("aws:cloudfront/vpcOrigin:VpcOrigin", r"[^A-Za-z0-9_-]"),
    "backup-vault": _Named("aws:backup/vault:Vault", r"[^A-Za-z0-9_-]", spare=len("-1a2b3c4d")),
    "backup-plan": _Named("aws:backup/plan:Plan", r"[^A-Za-z0-9_-]"),
    "alarm": _Named("aws:cloudwatch/metricAlarm:MetricAlarm", r"[^A-Za-z0-9_-]"),
    "dashboard": _Named("aws:cloudwatch/dashboard:Dashboard", r"[^A-Za-z0-9_-]"),
    "firehose": _Named("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", r"[^A-Za-z0-9_.-]"),
    "codebuild-project": _Named("aws:codebuild/project:Project", r"[^A-Za-z0-9_-]"),
}


def physical_name(service: Service, *parts: str, separator: str = "-") -> str:
    """Join project, stack and `parts` into a name that `service` accepts.

    A name that is too long keeps its beginning and ends in a hash of the whole, so two long names never become one.
    """
    named = _NAMED[service]
    limit = longest_name(named.type) - named.spare
    name = re.sub(named.forbidden, "-", separator.join((pulumi.get_project(), pulumi.get_stack(), *parts)))
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"


AUTONAMES: Final[Mapping[str, str]] = {
    "aws:iam/role:Role": "flowise-${stack}-${name}-${hex(7)}",
    "aws:s3/bucket:Bucket": "flowise-${stack}--${name}-${hex(7)}",
}
"""Names that Pulumi makes with the stack's name in them, as `pulumi:autonaming` in Pulumi.yaml says. Pulumi does not
shorten them: the provider refuses a name that is too long (pulumi-terraform-bridge, pkg/tfbridge/names.go)."""
LONGEST_LOGICAL_NAMES: Final[Mapping[str, str]] = {
    "aws:iam/role:Role": "telemetry-archive-write",
    "aws:s3/bucket:Bucket": "telemetry-archive",
}
"""Longest logical name of each of these types, with every section of the settings."""
STACK_NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""What buckets and databases take (lower case, no two hyphens beside each other), and what ends before `--`."""


def _around(type_: str) -> str:
    """The name of the resource with the longest logical name, without the stack's."""
    pattern = AUTONAMES[type_].replace("${name}", LONGEST_LOGICAL_NAMES[type_])
    return pattern.replace("${hex(7)}", "1a2b3c4").replace("${stack}", "")


LONGEST_STACK_NAME: Final = min(longest_name(type_) - len(_around(type_)) for type_ in AUTONAMES)
"""Characters of a stack's name with which every name of every section fits."""


def stack_name_problems(stack: str) -> Iterator[str]:
    """What is wrong with a stack's name: AWS would refuse names with it, some after the first resources are made."""
    if not re.fullmatch(STACK_NAME_PATTERN, stack):
        yield (
            f"the stack's name '{stack}' becomes part of names of buckets and databases, which take lower-case letters "
            "and digits, in words with one hyphen between them, a letter first; choose a name such as prod-eu"
        )
    lengths = {type_: len(_around(type_)) + len(stack) for type_ in AUTONAMES}
    too_long = [
        f"a {type_.rsplit(':', 1)[1].lower()} named after it would have {length}, where AWS takes "
        f"{longest_name(type_)} ({AWS[type_].names[0].source})"
        for type_, length in lengths.items()
        if length > longest_name(type_)
    ]
    if too_long:
        yield (
            f"the stack's name '{stack}' is too long: it has {len(stack)} characters; {'; '.join(too_long)}. "
            f"A name has at most {LONGEST_STACK_NAME} characters, such as '{stack[:LONGEST_STACK_NAME].rstrip('-')}'"
        )
