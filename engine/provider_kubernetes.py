"""A provider `kubernetes` over objects in memory, with the rules of pulumi-kubernetes 4 for names and replacements.

Follows provider/pkg/provider/{provider,diff}.go and provider/pkg/metadata/naming.go of pulumi-kubernetes at
v4.0.0-20260115033456-f47bc2d6f199. What it does not know is the API server: no schemas, no defaults, no controllers.
`make engine KUBERNETES=real` takes the real provider and API server instead of this one.
"""

# Pulumi's generated messages and grpc's servicers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false, reportUntypedBaseClass=false

import base64
import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, cast, final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2
from typing_extensions import override

from analysis.wire import Properties
from components.common.catalogue import KUBERNETES
from engine.provider import base
from engine.provider.base import BaseProvider, serving
from engine.provider.values import UNKNOWN, decode, encode, has_unknown, is_secret, plain, secret

_AUTONAMED = "pulumi.com/autonamed"
_RELEASE = "kubernetes:helm.sh/v3:Release"
_NAMESPACE = "kubernetes:core/v1:Namespace"
_EVERYWHERE = frozenset({"default", "kube-system", "kube-public", "kube-node-lease"})
_CRDS = {"keda.sh/v1alpha1": "keda", "karpenter.sh/v1": "", "eks.amazonaws.com/v1": ""}
"""Groups that a cluster has only after a Helm chart, or from the start on EKS Auto Mode (empty)."""


class _RefusedError(Exception):
    """The API server, or a fault that a test asked for, refuses."""


def _answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into errors as the provider gives them: the message alone."""

    @wraps(method)
    def call(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except _RefusedError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return call


@final
class Cluster:
    """Objects of one cluster, which outlive the runs of the engine. May be used from several threads."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Properties] = {}
        """State by type and id."""
        self.installed: set[str] = set()
        """Charts that somebody else has installed, as in a cluster that the stack does not manage."""
        self.calls: list[tuple[str, str, str]] = []
        """What was done, in order: operation, type, id."""
        self._faults: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.lock = threading.RLock()

    def fail_next(self, type_: str, operation: str, message: str) -> None:
        """Let the next operation of this kind fail."""
        self._faults[type_, operation].append(message)

    def attempt(self, operation: str, type_: str, what: str) -> None:
        """Note an operation; raises what a test has asked for."""
        self.calls.append((operation, type_, what))
        waiting = self._faults.get((type_, operation))
        if waiting:
            raise _RefusedError(waiting.pop(0))

    def namespaces(self) -> frozenset[str]:
        """Namespaces that exist."""
        made = {id_ for type_, id_ in self.objects if type_ == _NAMESPACE}
        by_charts = {
            str(release.get("namespace"))
            for (type_, _), release in self.objects.items()
            if type_ == _RELEASE and plain(release).get("createNamespace")
        }
        return _EVERYWHERE | made | by_charts

    def charts(self) -> set[str]:
        """Names of the charts of the releases, and of those that were there before."""
        return self.installed | {
            str(plain(release).get("chart", "")).rsplit("/", 1)[-1]
            for (type_, _), release in self.objects.items()
            if type_ == _RELEASE
        }


@contextmanager
def serve(cluster: Cluster) -> Generator[int]:
    """Serve the provider on a free port, which is yielded."""
    with serving({"kubernetes": KubernetesProvider(cluster)}) as ports:
        yield ports["kubernetes"]


@final
class KubernetesProvider(BaseProvider):
    """The provider as the engine knows it."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__("kubernetes")
        self._cluster = cluster
        self._mutable: dict[str, bool] = {}
        self._reachable = False

    @override
    def DiffConfig(self, request: Any, context: Any) -> Any:
        """`clusterIdentifier` decides alone about a replacement, once it is set (provider.go, DiffConfig)."""
        old, new = plain(decode(request.olds)), plain(decode(request.news))
        differing = base.changed(old, new)
        replaces = [key for key in differing if key in {"kubeconfig", "context", "cluster"}]
        identified = old.get("clusterIdentifier"), new.get("clusterIdentifier")
        if identified[1]:
            replaces = ["clusterIdentifier"] if identified[0] and identified[0] != identified[1] else []
        return provider_pb2.DiffResponse(changes=base.changes(differing), diffs=differing, replaces=replaces)

    @override
    def Configure(self, request: Any, context: Any) -> Any:
        given = plain(decode(request.args))
        self._reachable = bool(given.get("kubeconfig")) and not has_unknown(given.get("kubeconfig"))
        self._mutable = {
            kind: str(given.get(f"enable{kind}Mutable", "false")).lower() == "true" for kind in ("ConfigMap", "Secret")
        }
        return base.configured()

    @override
    @_answered
    def Check(self, request: Any, context: Any) -> Any:
        news, olds = decode(request.news), decode(request.olds)
        if request.type == _RELEASE:
            news.setdefault("name", olds.get("name") or _autoname(request))
        else:
            if request.type.endswith("Patch") and not _name(news):
                raise _RefusedError("patch resources require the `.metadata.name` field to be set")
            _normalize_secret(news)
            _assign_name(news, olds, request)
        return provider_pb2.CheckResponse(inputs=encode(news))

    @override
    def Diff(self, request: Any, context: Any) -> Any:
        olds, news = decode(request.old_inputs), decode(request.news)
        forcing = ("metadata.name", "metadata.namespace", *self._forcing(request.type, plain(news)))
        changed = [
            path for path in sorted(_differences(plain(olds), plain(news))) if not _below(path, request.ignoreChanges)
        ]
        replaces = [path for path in changed if _below(path, forcing)]
        differs = provider_pb2.PropertyDiff
        details = {
            path: differs(kind=differs.UPDATE_REPLACE if path in replaces else differs.UPDATE, inputDiff=True)
            for path in changed
        }
        return provider_pb2.DiffResponse(
            changes=base.changes(changed),
            replaces=replaces,
            diffs=sorted({path.split(".", 1)[0] for path in changed}),
            detailedDiff=details,
            hasDetailedDiff=True,
            deleteBeforeReplace=bool(replaces) and not _autonamed(news) and _identity(olds) == _identity(news),
        )

    @override
    @_answered
    def Create(self, request: Any, context: Any) -> Any:
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=request.properties)
        with self._cluster.lock:
            id_ = self._create(request.type, inputs)
            return provider_pb2.CreateResponse(id=id_, properties=encode(self._cluster.objects[request.type, id_]))

    @override
    def Read(self, request: Any, context: Any) -> Any:
        with self._cluster.lock:
            held = self._cluster.objects.get((request.type, request.id))
        if held is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(id=request.id, properties=encode(held), inputs=encode(held["__inputs"]))

    @override
    @_answered
    def Update(self, request: Any, context: Any) -> Any:
        inputs = decode(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=request.news)
        with self._cluster.lock:
            self._cluster.attempt("update", request.type, request.id)
            if (request.type, request.id) not in self._cluster.objects:
                raise _RefusedError(f'{request.type} "{request.id}" not found')
            self._cluster.objects[request.type, request.id] = state = _state(request.type, inputs)
            return provider_pb2.UpdateResponse(properties=encode(state))

    @override
    @_answered
    def Delete(self, request: Any, context: Any) -> Any:
        with self._cluster.lock:
            self._cluster.attempt("delete", request.type, request.id)
            self._cluster.objects.pop((request.type, request.id), None)
        return empty_pb2.Empty()

    def _forcing(self, type_: str, inputs: Properties) -> tuple[str, ...]:
        kind = type_.rsplit(":", 1)[1]
        if self._mutable.get(kind) and not inputs.get("immutable"):
            return ("type",) if kind == "Secret" else ()
        return KUBERNETES[type_].immutable

    def _create(self, type_: str, inputs: Properties) -> str:
        """What the API server refuses: no cluster, no namespace, no such kind, a name that is taken."""
        cluster, known = self._cluster, plain(inputs)
        namespace, name = _identity(inputs)
        id_ = name if _is_cluster_wide(type_) else f"{namespace}/{name}"
        cluster.attempt("create", type_, id_)
        if not self._reachable:
            raise _RefusedError("configured Kubernetes cluster is unreachable: unable to load Kubernetes client")
        makes_namespace = type_ == _RELEASE and known.get("createNamespace")
        if not _is_cluster_wide(type_) and not makes_namespace and namespace not in cluster.namespaces():
            raise _RefusedError(f'namespaces "{namespace}" not found')
        chart = _CRDS.get(str(known.get("apiVersion")), "")
        if chart and chart not in cluster.charts():
            raise _RefusedError(f'no matches for kind "{known.get("kind")}" in version "{known.get("apiVersion")}"')
        _refuse_selector(id_, known)
        if (type_, id_) in cluster.objects and not type_.endswith("Patch"):
            raise _RefusedError(f'resource "{id_}" already exists')
        cluster.objects[type_, id_] = _state(type_, inputs)
        return id_


def _refuse_selector(id_: str, known: Properties) -> None:
    """Kubernetes, Workloads, Deployment: "`.spec.selector` must match `.spec.template.metadata.labels`"."""
    spec = cast("Properties", known.get("spec") or {})
    wanted = cast("Properties", (spec.get("selector") or {}).get("matchLabels") or {})
    labels = cast("Properties", ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {})
    if "template" in spec and not wanted.items() <= labels.items():
        raise _RefusedError(f'"{id_}" is invalid: `selector` does not match template `labels`')


def _is_cluster_wide(type_: str) -> bool:
    return KUBERNETES[type_].cluster_wide


def _state(type_: str, inputs: Properties) -> Properties:
    """A checkpoint: the live object, and the inputs beside it (provider.go, checkpointObject)."""
    namespace, name = _identity(inputs)
    state: Properties = {**inputs, "__inputs": inputs}
    if type_ == _RELEASE:
        return state | {"name": name, "namespace": namespace, "status": {"name": name, "namespace": namespace}}
    metadata = dict(cast("Properties", inputs.get("metadata") or {}))
    metadata |= {"name": name, "uid": _digest(type_, namespace, name, length=32), "resourceVersion": "1"}
    if not _is_cluster_wide(type_):
        metadata["namespace"] = namespace
    return state | {"metadata": metadata, "__initialApiVersion": inputs.get("apiVersion", "")}


def _name(inputs: Properties) -> str:
    return str((inputs.get("metadata") or {}).get("name") or inputs.get("name") or "")


def _identity(inputs: Properties) -> tuple[str, str]:
    metadata = cast("Properties", plain(inputs).get("metadata") or {})
    namespace = metadata.get("namespace") or plain(inputs).get("namespace") or "default"
    return str(namespace), str(metadata.get("name") or plain(inputs).get("name") or "")


def _autonamed(inputs: Properties) -> bool:
    annotations = (inputs.get("metadata") or {}).get("annotations") or {}
    return cast("Properties", annotations).get(_AUTONAMED) == "true"


def _assign_name(news: Properties, olds: Properties, request: Any) -> None:
    """Keep the name that was given before, or give one; the annotation says so (metadata/naming.go)."""
    metadata = dict(cast("Properties", news.get("metadata") or {}))
    if metadata.get("name"):
        return
    kept = _name(olds) if _autonamed(olds) else ""
    metadata["name"] = kept or _autoname(request)
    metadata["annotations"] = {**cast("Properties", metadata.get("annotations") or {}), _AUTONAMED: "true"}
    news["metadata"] = metadata


def _autoname(request: Any) -> str:
    return f"{request.name}-{_digest(request.urn, bytes(request.randomSeed).hex(), length=8)}"


def _digest(*parts: str, length: int) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]


def _normalize_secret(news: Properties) -> None:
    """`stringData` becomes `data` (clients/unstructured.go), as far as it is known."""
    given = news.get("stringData")
    if news.get("kind") != "Secret" or not given or has_unknown(given):
        return
    values = cast("Properties", plain({"stringData": given})["stringData"])
    data = {key: base64.b64encode(str(value).encode()).decode() for key, value in values.items()}
    known = news.get("data")
    before = cast("Properties", plain({"data": known})["data"] if known else {})
    del news["stringData"]
    news["data"] = secret({**before, **data}) if is_secret(given) or is_secret(known) else {**before, **data}


def _differences(old: Any, new: Any, path: str = "") -> set[str]:
    """Paths at which two values differ; an unknown value differs from every other."""
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("Properties", old), cast("Properties", new)
        inner = path + "." if path else ""
        return {
            found
            for key in before.keys() | after.keys()
            for found in _differences(before.get(key), after.get(key), f"{inner}{_quoted(key)}")
        }
    return set() if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True) and new != UNKNOWN else {path}


def _quoted(key: str) -> str:
    return f'["{key}"]' if "." in key else key


def _below(path: str, roots: Any) -> bool:
    return any(path == root or path.startswith((f"{root}.", f"{root}[")) for root in roots)
