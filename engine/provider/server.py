"""The providers `aws`, `awsx`, `eks` and `random` as Pulumi's engine knows them: one gRPC service each."""

# Pulumi's generated messages and grpc's servicers carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false, reportUntypedBaseClass=false

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast, final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2
from typing_extensions import override

from analysis.synthetic import UnknownFunctionError
from analysis.wire import Properties
from engine.provider import base
from engine.provider.backend import Backend, PartlyCreatedError, RefusedError
from engine.provider.base import BaseProvider
from engine.provider.check import Naming, Proposal, failures, named, with_default_tags
from engine.provider.cloud import updated
from engine.provider.components import ComponentError, construct
from engine.provider.diff import changes
from engine.provider.held import Held
from engine.provider.schema import UnknownTypeError, schema
from engine.provider.values import DEFAULTS, UNKNOWN, decode, encode, has_secret, plain, secret

_KINDS = {
    "ADD": provider_pb2.PropertyDiff.ADD,
    "DELETE": provider_pb2.PropertyDiff.DELETE,
    "UPDATE": provider_pb2.PropertyDiff.UPDATE,
}
_REPLACING = {
    "ADD": provider_pb2.PropertyDiff.ADD_REPLACE,
    "DELETE": provider_pb2.PropertyDiff.DELETE_REPLACE,
    "UPDATE": provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_RANDOM = "random:"
"""What begins so lives in Pulumi's state alone: there is nothing to read, and ids such as `none` are many things'."""
_MODES: Mapping[int, Any] = {0: "propose", 1: "enforce", 2: "disable"}
"""`CheckRequest.AutonamingOptions.Mode`."""


@dataclass(frozen=True, kw_only=True)
class _Settings:
    """Configuration of one provider resource."""

    region: str
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])


def _answered(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn refusals into errors as a provider gives them: the message alone."""

    @wraps(method)
    def call(self: Any, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except (RefusedError, ComponentError, UnknownTypeError, UnknownFunctionError) as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except grpc.RpcError as error:  # what the engine answered to a registration
            context.abort(grpc.StatusCode.UNKNOWN, str(cast("Any", error).details()))
        except Exception as error:  # noqa: BLE001  # whatever moto or boto3 raises is the cloud's answer
            context.abort(grpc.StatusCode.UNKNOWN, f"{type(error).__name__}: {error}")

    return call


@final
class Provider(BaseProvider):
    """One provider. The engine makes several of it, each with a configuration of its own, over one connection each."""

    def __init__(self, package: str, backend: Backend) -> None:
        super().__init__(package)
        self._backend = backend
        self._settings: dict[str, _Settings] = {}
        self._last = _Settings(region=backend.region)

    @override
    @_answered
    def DiffConfig(self, request: Any, context: Any) -> Any:
        old, new = plain(decode(request.old_inputs)), plain(decode(request.news))
        differing = base.changed(old, new)
        return provider_pb2.DiffResponse(changes=base.changes(differing), diffs=differing)

    @override
    @_answered
    def Configure(self, request: Any, context: Any) -> Any:
        given = plain(decode(request.args))
        tags: Any = given.get("defaultTags") or {}
        if isinstance(tags, str) and tags != UNKNOWN:
            tags = json.loads(tags)
        region = given.get("region") or os.environ.get("AWS_REGION") or self._backend.region
        settings = _Settings(
            region=str(region), default_tags=dict(tags.get("tags") or {}) if isinstance(tags, dict) else {}
        )
        self._settings[context.peer()] = self._last = settings
        return base.configured()

    def _of(self, context: Any) -> _Settings:
        return self._settings.get(context.peer(), self._last)

    @override
    @_answered
    def Check(self, request: Any, context: Any) -> Any:
        token, declared = request.type, schema(request.type)
        news, olds = decode(request.news), decode(request.olds)
        proposal = (
            Proposal(mode=_MODES[request.autonaming.mode], name=request.autonaming.proposed_name)
            if request.HasField("autonaming")
            else None
        )
        refused = failures(token, declared, news)
        if not refused:
            news = with_default_tags(declared, news, self._of(context).default_tags)
            naming = Naming(logical_name=request.name, seed=bytes(request.randomSeed), proposal=proposal)
            news = named(token, declared, news, olds, naming)
        return provider_pb2.CheckResponse(
            inputs=encode(news),
            failures=[provider_pb2.CheckFailure(property=f.property, reason=f.reason) for f in refused],
        )

    @override
    @_answered
    def Diff(self, request: Any, context: Any) -> Any:
        found = changes(request.type, decode(request.old_inputs), decode(request.news), list(request.ignoreChanges))
        details = {
            change.path: provider_pb2.PropertyDiff(
                kind=(_REPLACING if change.replaces else _KINDS)[change.kind], inputDiff=True
            )
            for change in found.changes
        }
        return provider_pb2.DiffResponse(
            changes=base.changes(found.changes),
            replaces=found.replaces,
            diffs=sorted({change.top for change in found.changes}),
            detailedDiff=details,
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_before_replace,
        )

    @override
    @_answered
    def Create(self, request: Any, context: Any) -> Any:
        inputs = decode(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=encode(self._previewed(request.type, inputs)))
        try:
            held = self._backend.create(request.type, request.name, plain(inputs), self._region(inputs, context))
        except PartlyCreatedError as error:
            return _abort_partly(context, error, inputs)
        return provider_pb2.CreateResponse(id=held.id, properties=encode(_outputs(held, inputs)))

    @override
    @_answered
    def Read(self, request: Any, context: Any) -> Any:
        if request.type.startswith(_RANDOM):
            return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)
        state, inputs = decode(request.properties), decode(request.inputs)
        held = self._backend.read(request.type, request.id, self._region(state or inputs, context))
        if held is None:
            return provider_pb2.ReadResponse(id="")
        read = _read_inputs(held, inputs)
        return provider_pb2.ReadResponse(
            id=held.id, properties=encode(_outputs(held, {**state, **inputs})), inputs=encode(read)
        )

    @override
    @_answered
    def Update(self, request: Any, context: Any) -> Any:
        inputs, state = decode(request.news), decode(request.olds)
        if request.preview or request.type.startswith(_RANDOM):
            return provider_pb2.UpdateResponse(
                properties=encode(_previewed_update(request.type, state, decode(request.old_inputs), inputs))
            )
        held = self._backend.update(request.type, request.id, plain(inputs), self._region(state, context))
        return provider_pb2.UpdateResponse(properties=encode(_outputs(held, inputs)))

    @override
    @_answered
    def Delete(self, request: Any, context: Any) -> Any:
        self._backend.delete(request.type, request.id, self._region(decode(request.properties), context))
        return empty_pb2.Empty()

    @override
    @_answered
    def Invoke(self, request: Any, context: Any) -> Any:
        answer = self._backend.account.call(request.tok, plain(decode(request.args)))
        return provider_pb2.InvokeResponse(**cast("dict[str, Any]", {"return": encode(answer)}))

    @override
    @_answered
    def Construct(self, request: Any, context: Any) -> Any:
        return construct(request, self._backend.kubeconfig)

    def _region(self, properties: Properties, context: Any) -> str:
        region = plain(properties).get("region")
        return region if isinstance(region, str) and region else self._of(context).region

    def _previewed(self, token: str, inputs: Properties) -> Properties:
        """What a preview knows of a resource that does not exist yet: its inputs."""
        given = {key: value for key, value in inputs.items() if key != DEFAULTS}
        computed = {key: UNKNOWN for key in schema(token).computed if given.get(key) is None}
        return {**computed, **given, "id": UNKNOWN, **_tags_all(token, given)}


def _tags_all(token: str, given: Properties) -> Properties:
    return {"tagsAll": given.get("tags") or {}} if "tagsAll" in schema(token).outputs else {}


def _previewed_update(token: str, state: Properties, old_inputs: Properties, inputs: Properties) -> Properties:
    """What a preview knows of a resource that will change in place: all that it showed before, and the new inputs."""
    old = {key: value for key, value in old_inputs.items() if key != DEFAULTS}
    given = {key: value for key, value in inputs.items() if key != DEFAULTS}
    return updated(schema(token), state, old, given)


def _outputs(held: Held, inputs: Properties) -> Properties:
    """State of a resource; what was given as a secret stays one."""
    return {
        key: secret(value) if has_secret(inputs.get(key)) else value
        for key, value in held.outputs.items()
        if value is not None
    }


def _read_inputs(held: Held, inputs: Properties) -> Properties:
    """Inputs as they are in the cloud now, with the wrappers and notes of those that the engine knows."""
    found: Properties = {DEFAULTS: inputs.get(DEFAULTS, [])}
    for key, value in held.inputs.items():
        found[key] = secret(value) if has_secret(inputs.get(key)) else value
    return found


def _abort_partly(context: Any, error: PartlyCreatedError, inputs: Properties) -> None:
    """Report a resource that exists although its creation failed (`ErrorResourceInitFailed`)."""
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.held.id, properties=encode(_outputs(error.held, inputs)), inputs=encode(inputs), reasons=[str(error)]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
