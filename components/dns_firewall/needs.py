"""Names that a stack itself needs, so that a list of allowed domains does not cut it off."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from components.common.partition import dns_suffix

_HOST: Final = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*"
_URL: Final = re.compile(rf"\w+://({_HOST})(?=[:/?]|$)")
_IMAGE: Final = re.compile(rf"({_HOST})(:\d+)?/[^@\s]+@sha256:")
_HOST_KEYS: Final = ("host", "name", "site", "direct")
"""Keys of the stack file that hold a host name without a scheme."""

_REGISTRIES: Final[Mapping[str, Sequence[str]]] = {
    "docker.io": (  # Docker's manual, "Allowlist for Docker Desktop", lines "Docker Pull/Push" and "Authentication"
        "*.docker.io",
        "production.cloudflare.docker.com",
        "production.cloudfront.docker.com",
        "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com",
    ),
    "gcr.io": ("gcr.io", "storage.googleapis.com"),
    "ghcr.io": ("ghcr.io", "pkg-containers.githubusercontent.com"),
    "public.ecr.aws": ("public.ecr.aws", "*.cloudfront.net"),  # layers come from a distribution of CloudFront
}
"""Where the layers of an image come from, if not from the registry itself."""
_DELIVERY: Final = (
    "github.com", "*.github.com", "*.githubusercontent.com", "pypi.org", "files.pythonhosted.org", "*.pulumi.com",
    "kedacore.github.io", "helm.datadoghq.com",
)  # fmt: skip
"""What jobs of the workflows ask for (GitHub's documentation, "Self-hosted runners reference"; .github/workflows)."""
_BY_SECTION: Final[Mapping[str, Sequence[str]]] = {
    "queue": _REGISTRIES["ghcr.io"],  # images of KEDA's chart
    "runner": _DELIVERY,
    "telemetry.datadog": (*_REGISTRIES["gcr.io"], "registry.datadoghq.com"),  # images of Datadog's chart
}
"""Sections that bring a program of others, which is configured elsewhere."""


def needed_domains(region: str, stack_file: Mapping[str, Any]) -> list[str]:
    """Domains of AWS, and every host that the stack file names or a section of it brings along."""
    of_aws = [
        f"*.{dns_suffix(region)}",  # services, the cluster's API, database, queue, load balancers, image registries
        "*.api.aws",  # EKS Pod Identity: eks-auth.REGION.api.aws (botocore, endpoint rules of eks-auth)
        "*.compute.internal",
        "*.ec2.internal",  # instances, and what the search list of a pod's resolver appends
        *([] if stack_file.get("domain") else ["*.cloudfront.net"]),  # Flowise's own address, which the canary asks
    ]
    brought = [name for path, names in _BY_SECTION.items() if _at(stack_file, path) for name in names]
    return sorted({*of_aws, *brought, *_named(stack_file)})


def _at(stack_file: Mapping[str, Any], path: str) -> Any:
    value: Any = stack_file
    for part in path.split("."):
        value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
    return value


def _named(value: Any, key: str = "") -> Iterator[str]:
    """Hosts in the texts of a structure; none for addresses, of which DNS is not asked."""
    if isinstance(value, dict):
        for name, part in cast("dict[str, Any]", value).items():
            yield from _named(part, name)
    elif isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from _named(part, key)
    elif isinstance(value, str):
        if found := _IMAGE.match(value):
            yield from _REGISTRIES.get(found[1], (found[1],))
        elif found := _URL.match(value):
            yield found[1]
        elif key in _HOST_KEYS and re.fullmatch(rf"\.?{_HOST}", value):
            yield f"*{value}" if value.startswith(".") else value
            if key == "site":
                yield f"*.{value}"
