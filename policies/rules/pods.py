"""Pods, whatever makes them: the restricted Pod Security Standard, and what it leaves out."""

import re
from collections.abc import Iterator
from typing import Any

from policies.model import Resource, at, items, known_text, mapping, rule, text
from policies.unknown import UNKNOWN

_TEMPLATES = {
    "kubernetes:core/v1:Pod": "spec",
    "kubernetes:apps/v1:Deployment": "spec.template.spec",
    "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
    "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
    "kubernetes:batch/v1:Job": "spec.template.spec",
    "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
}
MAKES_PODS = tuple(_TEMPLATES)
SERVERS = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
_BY_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
SECRET_NAME = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_KEY)$", re.IGNORECASE)
SECRET_VALUE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|://[^/:@\s]+:[^/@\s]+@|\bsk-[A-Za-z0-9_-]{20,}")


def pod_spec(resource: Resource) -> dict[str, Any]:
    """Spec of the pods that a resource makes; empty if it makes none."""
    return mapping(resource.get(_TEMPLATES.get(resource.type, "-")))


def _of_pod(resource: Resource, key: str) -> object:
    return resource.get(f"{_TEMPLATES[resource.type]}.{key}")


def containers(resource: Resource) -> Iterator[dict[str, Any]]:
    """Containers of the pods, those that run first included."""
    spec = pod_spec(resource)
    for key in ("initContainers", "containers"):
        yield from items(spec, key)


def _wrong(resource: Resource, path: str, *allowed: object) -> Iterator[str]:
    for container in containers(resource):
        value = at(container, path)
        if value is not UNKNOWN and value not in allowed:
            yield f"container {container.get('name')}: {path} is {value if value is not None else 'not set'}"


@rule(*MAKES_PODS, fix="remove privileged", controls=("CIS-EKS 4.2.1",))
def pod_unprivileged(pods: Resource) -> Iterator[str]:
    """A privileged container is root on the node."""
    yield from _wrong(pods, "securityContext.privileged", False, None)


@rule(
    *MAKES_PODS,
    fix="remove hostPID, hostIPC and hostNetwork",
    controls=("CIS-EKS 4.2.2", "CIS-EKS 4.2.3", "CIS-EKS 4.2.4"),
)
def pod_own_namespaces(pods: Resource) -> Iterator[str]:
    """In the node's namespaces a pod sees other processes, and the node's credentials."""
    for key in ("hostPID", "hostIPC", "hostNetwork"):
        if at(pod_spec(pods), key) is True:
            yield f"{key} is true"


@rule(*MAKES_PODS, fix="set allowPrivilegeEscalation to false", controls=("CIS-EKS 4.2.5",))
def pod_no_escalation(pods: Resource) -> Iterator[str]:
    """A setuid binary in the image would make the process root."""
    yield from _wrong(pods, "securityContext.allowPrivilegeEscalation", False)


@rule(*MAKES_PODS, fix="set runAsNonRoot to true and runAsUser above 0", controls=("CIS-K8S 5.2.7",))
def pod_not_root(pods: Resource) -> Iterator[str]:
    """Who breaks out of a container as root is root outside."""
    pod = mapping(at(pod_spec(pods), "securityContext"))
    for container in containers(pods):
        for key, wrong in (("runAsNonRoot", (False, None)), ("runAsUser", (0,))):
            value = at(container, f"securityContext.{key}")
            effective = at(pod, key) if value is None else value
            if effective in wrong:
                yield f"container {container.get('name')}: {key} is {effective}"


@rule(*MAKES_PODS, fix="drop ALL capabilities and add none", controls=("CIS-K8S 5.2.9", "CIS-K8S 5.2.10"))
def pod_no_capabilities(pods: Resource) -> Iterator[str]:
    """A web server needs none of root's rights, not even those that containers get by default."""
    for container in containers(pods):
        if "ALL" not in items(container, "securityContext.capabilities.drop"):
            yield f"container {container.get('name')}: does not drop ALL"
        added = items(container, "securityContext.capabilities.add")
        if added:
            yield f"container {container.get('name')}: adds {', '.join(map(str, added))}"


@rule(*MAKES_PODS, fix="set seccompProfile.type to RuntimeDefault", controls=("CIS-K8S 5.7.2",))
def pod_seccomp(pods: Resource) -> Iterator[str]:
    """Without the profile every system call of the kernel is open to a process that was taken over."""
    profile = at(pod_spec(pods), "securityContext.seccompProfile.type")
    for container in containers(pods):
        own = at(container, "securityContext.seccompProfile.type")
        if (profile if own is None else own) not in ("RuntimeDefault", "Localhost"):
            yield f"container {container.get('name')}: no seccomp profile"


@rule(*MAKES_PODS, fix="set readOnlyRootFilesystem to true and mount emptyDir where it writes")
def pod_read_only(pods: Resource) -> Iterator[str]:
    """Who gets in cannot leave a program behind in the image's directories."""
    yield from _wrong(pods, "securityContext.readOnlyRootFilesystem", True)


@rule(*MAKES_PODS, fix="use emptyDir, or a claim", controls=("CIS-K8S 5.2.12",))
def pod_no_host_paths(pods: Resource) -> Iterator[str]:
    """A directory of the node holds other pods' data and the kubelet's credentials."""
    for volume in items(pod_spec(pods), "volumes"):
        if "hostPath" in volume:
            yield f"volume {volume.get('name')} is a hostPath"


@rule(*MAKES_PODS, fix="bound emptyDir by sizeLimit")
def pod_bounded_volumes(pods: Resource) -> Iterator[str]:
    """A pod that fills the node's disk takes its neighbours with it."""
    for volume in items(pod_spec(pods), "volumes"):
        if isinstance(volume.get("emptyDir"), dict) and not volume["emptyDir"].get("sizeLimit"):
            yield f"volume {volume.get('name')} has no sizeLimit"


@rule(*MAKES_PODS, fix="set automountServiceAccountToken to false", controls=("CIS-EKS 4.1.6",))
def pod_no_api_token(pods: Resource) -> Iterator[str]:
    """Flowise runs people's code; with a token that code speaks to the Kubernetes API."""
    if _of_pod(pods, "automountServiceAccountToken") in (True, None):
        yield "automountServiceAccountToken is not false"


@rule(*MAKES_PODS, fix="set serviceAccountName", controls=("CIS-EKS 4.1.5",))
def pod_own_account(pods: Resource) -> Iterator[str]:
    """Rights given to the default account reach every pod of the namespace."""
    if _of_pod(pods, "serviceAccountName") in (None, "", "default"):
        yield "runs as the default service account"


@rule(*MAKES_PODS, fix="set requests for cpu and memory, and a limit for memory")
def pod_resources(pods: Resource) -> Iterator[str]:
    """Without requests the scheduler and the autoscaler guess; without a memory limit one leak kills the node."""
    for path in ("resources.requests.cpu", "resources.requests.memory", "resources.limits.memory"):
        for container in containers(pods):
            if not at(container, path):
                yield f"container {container.get('name')}: {path} is not set"


@rule(*MAKES_PODS, fix="name the image by digest: repository@sha256:...")
def pod_image_by_digest(pods: Resource) -> Iterator[str]:
    """A tag can be moved: what was tested and signed is not what starts tomorrow."""
    for container in containers(pods):
        image = at(container, "image")
        if image is not UNKNOWN and not _BY_DIGEST.fullmatch(text(image)):
            yield f"container {container.get('name')}: image {image}"


@rule(*SERVERS, fix="set readinessProbe and livenessProbe")
def pod_probed(pods: Resource) -> Iterator[str]:
    """Without readiness people meet a server that is still starting; without liveness one that hangs stays."""
    for container in items(pod_spec(pods), "containers"):
        for probe in ("readinessProbe", "livenessProbe"):
            if container.get("ports") and not container.get(probe):
                yield f"container {container.get('name')}: no {probe}"


@rule(*MAKES_PODS, fix="put it into a Secret and refer to it")
def pod_env_without_secrets(pods: Resource) -> Iterator[str]:
    """A literal in a pod spec can be read by whoever may list pods, and is kept in every revision."""
    for container in containers(pods):
        for variable in items(container, "env"):
            name, value = text(at(variable, "name")), known_text(at(variable, "value"))
            if value and (SECRET_NAME.search(name) or SECRET_VALUE.search(value)):
                yield f"container {container.get('name')}: {name} is a literal"
