"""What Pulumi's engine hands to the pack for a recorded stack.

From the engine's source, version 3.274.1: `analyzeAll` in `pkg/resource/deploy/step_generator.go` hands a single
resource's checked inputs; `AnalyzeResources` there hands the outputs of all resources. In a preview the outputs of a
resource whose provider has unknown configuration are empty (`Create` and `Update` in
`pkg/resource/plugin/provider_plugin.go`), which is every Kubernetes object while there is no cluster. Unknown values
and secrets arrive as markers (`MarshalProperties` in `pkg/resource/plugin/rpc.go`, `KeepUnknowns` and `KeepSecrets`).
"""

# Pulumi's SDK tells the outputs of a class in private functions only.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import importlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, cast

from pulumi import _types
from pulumi.output import Unknown

from analysis.recorder import Record, Recording
from policies.evaluate import is_protected
from policies.model import Resource, Stack
from policies.unknown import UNKNOWN

KUBERNETES = "kubernetes:"
_PACKAGES = {"aws": "pulumi_aws", "random": "pulumi_random"}
_DROPPED = {"aws:eks/cluster:Cluster": "encryptionConfig"}
"""The recorder loses the unknown key of the remote component's cluster, which the engine hands as unknown."""


@cache
def computed(type_: str, *, optional: bool) -> frozenset[str]:
    """Outputs of a type by name: those that are always there, or with `optional` all."""
    package, _, rest = type_.partition(":")
    module, _, name = rest.rpartition(":")
    if package not in _PACKAGES:
        return frozenset()
    path = ".".join([_PACKAGES[package], *(p for p in [module.partition("/")[0]] if p != "index")])
    cls = getattr(importlib.import_module(path), name)
    return frozenset(
        key
        for _, key, prop in _types._py_properties(cls)
        if optional or "Optional" not in str(cast("Any", prop).fget.__annotations__["return"])
    )


def outputs(record: Record, *, optional: bool, cluster: bool) -> Mapping[str, Any]:
    """Outputs in the first preview: inputs, and what AWS decides as unknown.

    With `optional` also what AWS may decide. Without a `cluster` a Kubernetes object has none.
    """
    if record.type.startswith(KUBERNETES) and not cluster:
        return {}
    known = {key: UNKNOWN if isinstance(value, Unknown) else value for key, value in record.inputs.items()}
    lost = {_DROPPED[record.type]: UNKNOWN} if record.type in _DROPPED else {}
    return {**dict.fromkeys({"id", *computed(record.type, optional=optional)}, UNKNOWN), **known, **lost}


def first_preview(preview: Recording, config: Mapping[str, str], today: date, *, optional: bool) -> Stack:
    """A stack as `AnalyzeStack` gets it in the first preview; `preview` is a recording of one."""
    return _stack(
        config, today, *(_resource(r, outputs(r, optional=optional, cluster=False), "") for r in _custom(preview))
    )


def new_cluster(recording: Recording, config: Mapping[str, str], today: date) -> Stack:
    """A stack that exists, in a preview that replaces its cluster."""
    return _stack(
        config,
        today,
        *(
            _resource(
                r, {} if r.type.startswith(KUBERNETES) else r.inputs, "" if r.type.startswith(KUBERNETES) else r.id
            )
            for r in _custom(recording)
        ),
    )


def _custom(recording: Recording) -> list[Record]:
    return [record for record in recording.records if record.custom and not record.read]


def _stack(config: Mapping[str, str], today: date, *resources: Resource) -> Stack:
    return Stack(name="", protected=is_protected(config), today=today, resources=resources)


def _resource(record: Record, props: Mapping[str, Any], id_: str) -> Resource:
    return Resource(
        type=record.type,
        name=record.name,
        urn=record.urn,
        id=id_,
        props=cast("dict[str, Any]", _marked(dict(props))),
        unknown=not props,
        protect=record.protect,
        depends_on=record.depends_on,
    )


def _marked(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in cast("dict[str, Any]", value).items()}
    return [_marked(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
