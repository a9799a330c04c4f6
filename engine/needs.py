"""What a resource names by text must exist before it, and no output says so: found in the state of a stack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

Resources = Mapping[str, Mapping[str, Any]]
"""Resources of a state by URN."""

_NAMESPACE: Final = "kubernetes:core/v1:Namespace"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"


@dataclass(frozen=True, kw_only=True)
class _Reference:
    """An input that is the name of a resource of a type."""

    key: str
    type: str
    name: str
    """Input or output of the named resource."""


_REFERENCES: Final = (
    _Reference(key="clusterName", type="aws:eks/cluster:Cluster", name="name"),
    _Reference(key="role", type="aws:iam/role:Role", name="name"),
    _Reference(key="bucket", type="aws:s3/bucket:Bucket", name="bucket"),
    _Reference(key="dbSubnetGroupName", type="aws:rds/subnetGroup:SubnetGroup", name="name"),
    _Reference(key="parameterGroupName", type="aws:rds/parameterGroup:ParameterGroup", name="name"),
)
_LOGS: Final[Mapping[str, tuple[str, str]]] = {
    # https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
    "aws:eks/cluster:Cluster": ("name", "/aws/eks/{}/"),
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
    "aws:rds/instance:Instance": ("identifier", "/aws/rds/instance/{}/"),
}
"""Services that create a log group which does not exist yet, and how they name it."""


def created_too_early(resources: Resources) -> list[str]:
    """Each resource that does not wait for one that it names, or whose log group it would create itself."""
    return [
        f"{urn} does not wait for {needed}"
        for urn, resource in resources.items()
        for needed in _named(resources, urn, resource)
        if not (_with_ancestors(resources, needed) & _awaited(resources, urn))
    ]


def _named(resources: Resources, urn: str, resource: Mapping[str, Any]) -> Iterator[str]:
    inputs = _properties(resource, "inputs")
    namespace = _metadata(inputs).get("namespace")
    logs = _LOGS.get(str(resource["type"]))
    prefix = logs[1].format(inputs.get(logs[0])) if logs else ""
    for other, named in resources.items():
        given: Mapping[str, Any] = _properties(named, "inputs") | _properties(named, "outputs")
        if other == urn:
            continue
        if (
            (named["type"] == _NAMESPACE and namespace and _metadata(given).get("name") == namespace)
            or (named["type"] == _LOG_GROUP and prefix and str(given.get("name")).startswith(prefix))
            or any(
                named["type"] == reference.type and inputs.get(reference.key) == given.get(reference.name) is not None
                for reference in _REFERENCES
            )
        ):
            yield other


def _properties(resource: Mapping[str, Any], which: str) -> dict[str, Any]:
    return cast("dict[str, Any]", resource.get(which) or {})


def _metadata(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = properties.get("metadata")
    return cast("Mapping[str, Any]", metadata) if isinstance(metadata, dict) else {}


def _awaited(resources: Resources, urn: str) -> set[str]:
    """All that is created before a resource: what it and its parents depend on, its provider, and so on."""
    found: set[str] = set()
    waiting = [urn]
    while waiting:
        for one in _with_ancestors(resources, waiting.pop()):
            resource = resources.get(one, {})
            direct = {*(resource.get("dependencies") or ()), str(resource.get("provider", "")).rpartition("::")[0]}
            waiting += (new := direct - found - {""})
            found |= new
    return found


def _with_ancestors(resources: Resources, urn: str) -> set[str]:
    """A resource and the components that it belongs to; who waits for a component waits for all of it."""
    found: set[str] = set()
    while urn and urn in resources:
        found.add(urn)
        urn = str(resources[urn].get("parent", ""))
    return found
