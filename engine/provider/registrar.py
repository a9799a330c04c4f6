"""Registers a component and its children with the engine's resource monitor, as Construct must."""

# Pulumi's generated messages and grpc's stubs carry no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, final

from pulumi.runtime.proto import provider_pb2, resource_pb2

from analysis.wire import Properties
from engine.provider.values import UNKNOWN, decode, encode


@dataclass(frozen=True, kw_only=True)
class From:
    """A value with the resources that it depends on."""

    value: Any
    urns: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Child:
    """A registered resource."""

    urn: str
    id: str
    outputs: Properties

    def get(self, key: str) -> From:
        """An output; unknown when the engine does not know it."""
        value = (self.id or UNKNOWN) if key == "id" else self.outputs.get(key, UNKNOWN)
        return From(value=value, urns=frozenset({self.urn}))


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a child."""

    parent: str
    depends_on: Sequence[str] = ()
    ignore_changes: Sequence[str] = ()
    version: str = ""
    """Of the plugin; only a provider needs it."""


@final
class Registrar:
    """Registers a component and its children with the engine's resource monitor."""

    def __init__(self, request: Any, monitor: Any, kubeconfig: str = "") -> None:
        """`kubeconfig` is that of an EKS cluster, where the account's cluster is a real one."""
        self.kubeconfig = kubeconfig
        self._request = request
        self._monitor = monitor
        self.inputs: Properties = decode(request.inputs)

    @property
    def name(self) -> str:
        """Logical name of the component."""
        return str(self._request.name)

    def given(self, key: str) -> From | None:
        """An input of the component, with what it depends on."""
        if self.inputs.get(key) is None:
            return None
        urns = self._request.inputDependencies[key].urns if key in self._request.inputDependencies else ()
        return From(value=self.inputs[key], urns=frozenset(urns))

    def component(self, type_: str, name: str, options: Options | None = None) -> str:
        """Register a component and return its URN; without options it is the one that the engine asked for."""
        request = self._request
        message = resource_pb2.RegisterResourceRequest(
            type=type_,
            name=name,
            parent=options.parent if options else request.parent,
            custom=False,
            acceptSecrets=True,
            acceptResources=True,
            protect=request.protect,
            providers=dict(request.providers),
            supportsPartialValues=True,
        )
        if options is None:
            message.dependencies.extend(request.dependencies)
            message.aliases.extend(request.aliases)
            message.retainOnDelete = request.retainOnDelete
            message.deletedWith = request.deletedWith
        return str(self._monitor.RegisterResource(message).urn)

    def child(self, type_: str, name: str, inputs: Mapping[str, Any], options: Options) -> Child:
        """Register a resource. Inputs that are None are left out; those that come `From` others depend on them."""
        request = self._request
        depended = {key: sorted(_urns(value)) for key, value in inputs.items()}
        message = resource_pb2.RegisterResourceRequest(
            type=type_,
            name=name,
            parent=options.parent,
            custom=True,
            object=encode(cast(Properties, _settled(dict(inputs)))),
            protect=request.protect,
            dependencies=sorted({*options.depends_on, *(urn for urns in depended.values() for urn in urns)}),
            propertyDependencies={
                key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=urns)
                for key, urns in depended.items()
                if urns
            },
            provider=request.providers.get(type_.split(":", maxsplit=1)[0], ""),
            ignoreChanges=list(options.ignore_changes),
            version=options.version,
            retainOnDelete=request.retainOnDelete,
            deletedWith=request.deletedWith,
            acceptSecrets=True,
            supportsPartialValues=True,
        )
        answer = self._monitor.RegisterResource(message)
        return Child(urn=answer.urn, id=answer.id, outputs=decode(answer.object))

    def finish(self, urn: str, outputs: Mapping[str, Any]) -> Any:
        """Register the outputs of the component and answer the engine."""
        state = encode(cast(Properties, _settled(dict(outputs))))
        self.outputs(urn, outputs)
        dependencies = {
            key: provider_pb2.ConstructResponse.PropertyDependencies(urns=sorted(_urns(value)))
            for key, value in outputs.items()
        }
        return provider_pb2.ConstructResponse(urn=urn, state=state, stateDependencies=dependencies)

    def outputs(self, urn: str, outputs: Mapping[str, Any]) -> None:
        """Register the outputs of a component."""
        state = encode(cast(Properties, _settled(dict(outputs))))
        self._monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=urn, outputs=state))


def _urns(value: Any) -> set[str]:
    if isinstance(value, From):
        return set(value.urns) | _urns(value.value)
    if isinstance(value, dict):
        return {urn for item in cast("dict[str, Any]", value).values() for urn in _urns(item)}
    if isinstance(value, list):
        return {urn for item in cast("list[Any]", value) for urn in _urns(item)}
    return set()


def _settled(value: Any) -> Any:
    if isinstance(value, From):
        return _settled(value.value)
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return {key: _settled(item) for key, item in mapping.items() if item is not None}
    if isinstance(value, list):
        return [_settled(item) for item in cast("list[Any]", value)]
    return value
