"""Runs the program in-process and records every resource it registers.

The program talks to Pulumi's own test monitor; a `Provider` answers for the real one. What answers decides what a run
is for: `analysis.synthetic` invents outputs (plan, tests), `local.aws` makes the resource in moto, `local.cluster` runs
it.
"""

# Pulumi's runtime modules and their protobuf messages carry no types: what comes out of them is unknown to the checker.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportMissingTypeStubs=false, reportUntypedBaseClass=false

import asyncio
import contextvars
import gc
import os
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, cast

from google.protobuf import empty_pb2
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.sync_await import (
    _ensure_event_loop,  # pyright: ignore[reportPrivateUsage]  # what the SDK's own monitor calls
)
from typing_extensions import override

from analysis.pulumi_sdk.short_cuts import short_cuts
from analysis.same_thread import SameThreadLoop
from analysis.wire import Properties, top_level, unwrap, without_unknowns, wrap

STACK_TYPE = "pulumi:pulumi:Stack"
_GET_RESOURCE = "pulumi:pulumi:getResource"

# Without this an Output used as text becomes an error message inside a resource's input; with it, it raises.
os.environ.setdefault("PULUMI_ERROR_OUTPUT_STRING", "1")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A resource that the program asks a provider for."""

    type: str
    name: str
    """Logical name; physical names are among the inputs or up to the cloud."""
    inputs: Properties
    """Plain values: secrets are unwrapped (see `Record.secrets`), unknown values are left out."""
    custom: bool = True
    existing_id: str = ""
    """Physical id, when the program reads a resource instead of making one."""


@dataclass(frozen=True, kw_only=True)
class Created:
    """What a provider answers."""

    id: str
    outputs: Properties = field(default_factory=dict[str, Any])
    """Added to the inputs; an output that is missing is unknown in a preview and None in an update."""
    backing: Literal["recorded", "moto", "process"] = "recorded"
    """What stands for it: only this record, an object in moto, or something that really runs on this machine."""
    urn: str = ""
    """Of a resource inside a remote component; the recorder fills it in."""


class Provider(Protocol):
    """Answers for the providers."""

    def create(self, request: Request) -> Created:
        """Make (or invent) the resource. Called from several threads; dependencies have been made before."""
        ...

    def call(self, token: str, args: Properties) -> Properties:
        """Answer a provider function such as `aws:index/getCallerIdentity:getCallerIdentity`."""
        ...


Expansion = Callable[[Request, Callable[[str, str, Properties], Created]], Created]
"""Makes the native resources of a remote component through the callback (type, name, inputs)."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One registered resource."""

    urn: str
    type: str
    name: str
    parent: str
    """URN of the parent; empty for the stack's own children."""
    inputs: Properties
    """Resolved inputs without secret wrappers; a value that a preview cannot know is `Unknown`."""
    outputs: Properties
    id: str
    backing: Literal["recorded", "moto", "process"] = "recorded"
    custom: bool = True
    remote: bool = False
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    provider: str = ""
    """URN of the provider resource; empty for the default provider."""
    depends_on: frozenset[str] = frozenset()
    ignore_changes: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """URNs that the resource had in earlier releases."""
    timeouts: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: frozenset[str] = frozenset()
    """Paths of the inputs that are secret, such as `stringData.DATABASE_PASSWORD`."""
    expanded: bool = False
    """Made by a remote component (awsx, eks), so invisible to the program and known from its documentation."""
    read: bool = False
    """Read from the cloud, not made."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All that a program registered, ordered by URN."""

    records: tuple[Record, ...]
    exports: Properties
    secret_exports: frozenset[str]

    def of_type(self, type_: str) -> list[Record]:
        """Every record of this type token."""
        return [record for record in self.records if record.type == type_]

    def only(self, type_: str, name: str | None = None) -> Record:
        """The one record of this type (and name); `LookupError` names the candidates otherwise."""
        found = [r for r in self.of_type(type_) if name is None or r.name == name]
        if len(found) != 1:
            raise LookupError(f"expected one {type_} {name or ''}, found {[r.name for r in self.of_type(type_)]}")
        return found[0]

    def children(self, urn: str) -> list[Record]:
        """Direct children of a component."""
        return [record for record in self.records if record.parent == urn]


def record(
    program: Callable[[], None],
    cloud: Provider,
    *,
    config: Mapping[str, str],
    secret_keys: Sequence[str] = (),
    project: str = "flowise",
    stack_name: str = "dev",
    preview: bool = False,
    expansions: Mapping[str, Expansion] | None = None,
    threads: bool = True,
) -> Recording:
    """Run `program` as one stack and return what it registered.

    Every exception of the program or of the cloud is raised with its own type. With `preview`, computed outputs stay
    unknown, as in the first preview of an empty account. Runs do not share any state of the SDK. A cloud that waits
    for nothing needs no `threads`, and is asked in half the time without.
    """
    monitor = _Monitor(cloud, preview, expansions or {})

    def run() -> None:
        loop = asyncio.new_event_loop() if threads else SameThreadLoop()
        asyncio.set_event_loop(loop)
        # An exception is raised from run_in_stack below; asyncio would print it once more per waiting resource.
        loop.set_exception_handler(_ignore)
        try:
            set_all_config(dict(config), list(secret_keys))
            mocks.set_mocks(monitor.mocks, project, stack_name, preview, monitor=monitor)
            settings.SETTINGS.outputs = set()  # pyright: ignore[reportAttributeAccessIssue]  # set_mocks leaves those of an earlier run
            settings.set_root_resource(None)  # pyright: ignore[reportArgumentType]  # run_in_stack makes the stack itself
            loop.run_until_complete(stack.run_in_stack(program))
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            monitor.close()
            loop.close()
            asyncio.set_event_loop(None)

    # The SDKs load thousands of classes that all stay; looking for garbage among them takes a third of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        # An empty context isolates the SDK's context variables (settings, root resource, configuration).
        with short_cuts():
            contextvars.Context().run(run)
    finally:
        if collecting:
            gc.enable()
    return monitor.recording()


def _ignore(loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    del loop, context


def _finished(plain: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that has nothing to wait for."""
    try:
        plain.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("an answer of a cloud holds plain values only")


class _NoMocks(mocks.Mocks):
    """`set_mocks` insists on an object; the monitor below answers itself."""

    @override
    def call(self, args: mocks.MockCallArgs) -> Any:
        raise AssertionError("unused")

    @override
    def new_resource(self, args: mocks.MockResourceArgs) -> Any:
        raise AssertionError("unused")


class _Monitor(mocks.MockMonitor):
    def __init__(self, cloud: Provider, preview: bool, expansions: Mapping[str, Expansion]) -> None:
        super().__init__(_NoMocks())
        self._cloud = cloud
        self._preview = preview
        self._expansions = expansions
        self._records: dict[str, Record] = {}
        self._exports: Properties = {}
        self._secret_exports: frozenset[str] = frozenset()
        self._registered_outputs: dict[str, Properties] = {}
        self._loops: set[asyncio.AbstractEventLoop] = set()
        self._lock = threading.Lock()

    def recording(self) -> Recording:
        return Recording(
            records=tuple(
                replace(r, outputs=self._registered_outputs.get(r.urn, r.outputs))
                for r in sorted(self._records.values(), key=lambda r: r.urn)
            ),
            exports=self._exports,
            secret_exports=self._secret_exports,
        )

    def close(self) -> None:
        """Close the event loops of the worker threads, which have ended."""
        for loop in self._loops:
            loop.close()

    def _loop_of_this_thread(self) -> None:
        """Reading resource references needs an event loop, and worker threads have none."""
        with self._lock:
            self._loops.add(_ensure_event_loop())

    @override
    def make_urn(self, parent: str, type_: str, name: str) -> str:
        # The engine's rule: the chain of all parents' types, but for the stack (the SDK's mock keeps only the last).
        chain = parent.split("::")[2] if parent else ""
        qualified = type_ if chain in ("", STACK_TYPE) else f"{chain}${type_}"
        return f"urn:pulumi:{settings.get_stack()}::{settings.get_project()}::{qualified}::{name}"

    @override
    def RegisterResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        return self._answer(urn, request, request.object, resource_pb2.RegisterResourceResponse)

    @override
    def ReadResource(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        return self._answer(urn, request, request.properties, None)

    def _answer(self, urn: str, request: Any, properties: Any, registered: Any) -> Any:
        self._loop_of_this_thread()
        inputs, secrets = unwrap(rpc.deserialize_properties(properties, keep_unknowns=True))
        read = registered is None
        custom = True if read else bool(request.custom)
        made = self._create(
            urn,
            Request(
                type=request.type,
                name=request.name,
                inputs=cast(Properties, without_unknowns(inputs)),
                custom=custom,
                existing_id=request.id if read else request.importId,
            ),
        )
        parent = "" if request.parent.split("::")[2:3] == [STACK_TYPE] else request.parent
        options: Properties = {}
        if not read:
            timeouts = request.customTimeouts
            options = {
                "remote": request.remote,
                "protect": bool(request.protect),
                "retain_on_delete": bool(request.retainOnDelete),
                "delete_before_replace": request.deleteBeforeReplace,
                "ignore_changes": tuple(request.ignoreChanges or ()),
                "aliases": tuple(alias.urn for alias in request.aliases or () if alias.urn),
                "timeouts": {k: v for k in ("create", "update", "delete") if (v := getattr(timeouts, k, ""))},
            }
        self._add(
            Record(
                urn=urn,
                type=request.type,
                name=request.name,
                parent=parent,
                inputs=inputs,
                outputs=made.outputs,
                id=made.id,
                backing=made.backing,
                custom=custom,
                read=read,
                provider=request.provider.rsplit("::", 1)[0] if request.provider else "",
                depends_on=frozenset(request.dependencies),
                secrets=secrets,
                **options,
            )
        )
        known = cast(Properties, without_unknowns(inputs)) if custom else {}
        state = wrap(
            {**known, **made.outputs}, {*top_level(secrets), *(getattr(request, "additionalSecretOutputs", ()) or ())}
        )
        self.resources[urn] = mocks.MockMonitor.ResourceRegistration(urn, made.id, state)
        message = _finished(rpc.serialize_properties(state, {}))
        if read:
            return resource_pb2.ReadResourceResponse(urn=urn, properties=message)
        return registered(urn=urn, id=made.id, object=message)

    def _create(self, urn: str, request: Request) -> Created:
        expansion = self._expansions.get(request.type)
        if expansion is None:
            if not request.custom:
                return Created(id="")
            return Created(id="") if self._preview else self._cloud.create(request)

        def child(type_: str, name: str, inputs: Properties) -> Created:
            made = (
                Created(id="") if self._preview else self._cloud.create(Request(type=type_, name=name, inputs=inputs))
            )
            chain_urn = self.make_urn(urn, type_, name)
            self._add(
                Record(
                    urn=chain_urn,
                    type=type_,
                    name=name,
                    parent=urn,
                    inputs=inputs,
                    outputs=made.outputs,
                    id=made.id,
                    backing=made.backing,
                    expanded=True,
                )
            )
            return replace(made, urn=chain_urn)

        made = expansion(request, child)
        return Created(id="") if self._preview else made

    def _add(self, new: Record) -> None:
        with self._lock:
            if new.urn in self._records:
                raise DuplicateResourceError(
                    f"two resources have the URN {new.urn}: the engine would refuse the second"
                )
            self._records[new.urn] = new

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        outputs, secrets = unwrap(rpc.deserialize_properties(request.outputs, keep_unknowns=True))
        if request.urn.split("::")[2] == STACK_TYPE:
            self._exports, self._secret_exports = outputs, secrets
        else:
            with self._lock:
                self._registered_outputs[request.urn] = outputs
        return empty_pb2.Empty()

    @override
    def Invoke(self, request: Any) -> Any:
        self._loop_of_this_thread()
        args, _ = unwrap(rpc.deserialize_properties(request.args, keep_unknowns=True))
        if request.tok == _GET_RESOURCE:
            answer = self._held(str(args["urn"]))
        else:
            answer = self._cloud.call(request.tok, cast(Properties, without_unknowns(args)))
        message = _finished(rpc.serialize_properties(answer, {}))
        return resource_pb2.ResourceInvokeResponse(**{"return": message})

    def _held(self, urn: str) -> Properties:
        """What the engine answers where the program meets a reference to a resource."""
        with self._lock:
            found = self._records[urn]
        return {"urn": urn, "id": found.id, "state": {**found.inputs, **found.outputs}}


class DuplicateResourceError(Exception):
    """The program registered one URN twice."""
