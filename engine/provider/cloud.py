"""What exists in the account: every resource that was created, in moto where moto can hold it."""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, final

from engine.provider.schema import Property, Schema, schema
from local.aws import MotoCloud
from local.backends.random_values import random_value
from local.recorder import Created, Request
from local.synthetic import SyntheticCloud
from local.wire import Properties

Key = tuple[str, str, str]
"""Type, region and id."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A resource that exists."""

    type: str
    name: str
    """Logical name."""
    id: str
    region: str
    inputs: Properties
    """Plain values."""
    outputs: Properties
    in_moto: bool = False

    def value(self, key: str) -> Any:
        """An output, or the input of the same name."""
        return self.outputs.get(key, self.inputs.get(key))


@final
@dataclass
class Inventory:
    """All that exists, and what is on its way out but still takes its name. May be used from several threads."""

    held: dict[Key, Held] = field(default_factory=dict[Key, Held])
    pending_deletion: dict[Key, Held] = field(default_factory=dict[Key, Held])
    """Deleted, but its name stays taken: secrets in their recovery window, keys before their deletion date."""

    def of_type(self, *types: str) -> list[Held]:
        """Every resource of these types."""
        return [held for held in list(self.held.values()) if held.type in types]

    def add(self, held: Held) -> None:
        """Keep a resource."""
        self.held[held.type, held.region, held.id] = held

    def find(self, type_: str, id_: str, region: str) -> Held | None:
        """A resource by its id: in this region, or in the only one that has it."""
        exact = self.held.get((type_, region, id_))
        if exact:
            return exact
        others = [held for held in self.of_type(type_) if held.id == id_]
        return others[0] if len(others) == 1 else None

    def remove(self, held: Held) -> None:
        """Forget a resource."""
        self.held.pop((held.type, held.region, held.id), None)


@final
class Account:
    """Creates resources: in moto, by the random provider's own rules, or as an entry in the inventory alone."""

    def __init__(self, region: str, *, moto: bool) -> None:
        self.inventory = Inventory()
        self.region = region
        self._moto_wanted = moto
        self._moto: MotoCloud | None = None
        self._synthetic = SyntheticCloud(region)
        self._exit = ExitStack()
        self._lock = threading.RLock()

    def close(self) -> None:
        """Throw the account away."""
        self._exit.close()
        self._moto = None

    @property
    def moto(self) -> MotoCloud | None:
        """The account in moto, made when it is needed first: a preview creates nothing."""
        with self._lock:
            if self._moto is None and self._moto_wanted:
                from moto import mock_aws  # noqa: PLC0415  # a second, which a preview does not need

                self._exit.enter_context(mock_aws(config={"iam": {"load_aws_managed_policies": True}}))
                self._moto = MotoCloud(self.region)
            return self._moto

    def create(self, type_: str, name: str, inputs: Properties, region: str) -> Held:
        """Create a resource. Raises what moto raises."""
        declared = schema(type_)
        if type_.startswith("random:"):
            made = Created(id="", outputs=random_value(type_, inputs))
            made = replace(made, id=str(made.outputs.get("id", "none")))
        else:
            given = {**inputs, "region": region} if "region" in declared.inputs else inputs
            made = (self.moto or self._synthetic).create(Request(type=type_, name=name, inputs=given))
        outputs = {**_invented(declared, inputs, made.id, region), **inputs, **_known(declared, made.outputs)}
        outputs["id"] = made.id
        if "tagsAll" in declared.outputs:
            outputs["tagsAll"] = dict(inputs.get("tags") or {})
        if "region" in declared.inputs:
            outputs["region"] = region
        held = Held(
            type=type_,
            name=name,
            id=made.id,
            region=region,
            inputs=inputs,
            outputs=outputs,
            in_moto=made.made == "moto",
        )
        self.inventory.add(held)
        return held

    def call(self, token: str, args: Properties) -> Properties:
        """Answer a provider function."""
        return self._synthetic.call(token, args) if self._moto is None else self._moto.call(token, args)


def _known(declared: Schema, outputs: Mapping[str, Any]) -> Properties:
    """Those outputs that the type has."""
    return {key: value for key, value in outputs.items() if key in declared.outputs}


def _invented(declared: Schema, inputs: Properties, id_: str, region: str) -> Properties:
    """Values for what the provider computes and nothing here makes: of the right kind, the same in every run."""
    invented: Properties = {}
    for name in declared.computed - inputs.keys() - {"tagsAll", "region"}:
        value = _of_kind(name, declared.outputs[name], optional_input=name in declared.inputs, id_=id_, region=region)
        if value is not None:
            invented[name] = value
    return invented


def _of_kind(name: str, output: Property, *, optional_input: bool, id_: str, region: str) -> Any:
    if output.shape.kind == "string":
        if name == "availabilityZone":
            return f"{region}a"
        return "" if optional_input else f"{id_}.{name}"
    return {"boolean": False, "number": 0, "array": list[Any](), "map": dict[str, Any]()}.get(output.shape.kind)
