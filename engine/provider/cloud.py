"""What exists in the account: every resource that was created, in moto where moto can hold it."""

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast, final

from analysis.recorder import Created, Request
from analysis.synthetic import SyntheticProvider
from analysis.wire import Properties
from components.common.catalogue import AWS
from engine.provider.held import Held, Inventory
from engine.provider.moto_calls import delete_in_moto, empty_bucket, exists_in_moto
from engine.provider.schema import Property, Schema, schema
from engine.provider.values import is_secret
from local.aws import MotoCloud
from local.backends.random_values import random_value


@final
class Account:
    """Creates resources: in moto, by the random provider's own rules, or as an entry in the inventory alone."""

    def __init__(self, region: str, *, moto: bool) -> None:
        self.inventory = Inventory()
        self.region = region
        self._moto_wanted = moto
        self._moto: MotoCloud | None = None
        self._synthetic = SyntheticProvider(region)
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
                # What moto does not hold, such as the names and tags that Check adds, is in the inventory.
                self._moto = MotoCloud(self.region, complete=False)
            return self._moto

    def create(self, type_: str, name: str, inputs: Properties, region: str) -> Held:
        """Create a resource. Raises what moto raises."""
        declared = schema(type_)
        if type_.startswith("random:"):
            made = Created(id="", outputs=random_value(type_, inputs))
            made = replace(made, id=str(made.outputs.get("id", "none")))
        else:
            given = {**inputs, "region": region} if "region" in declared.inputs else inputs
            cloud = None if AWS[type_].moto.apart else self.moto
            made = (cloud or self._synthetic).create(Request(type=type_, name=name, inputs=given))
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
            in_moto=made.backing == "moto",
        )
        if not type_.startswith("random:"):
            self.inventory.add(held)
        return held

    def update(self, held: Held, inputs: Properties) -> Held:
        """Change a resource. Raises what moto raises."""
        declared = schema(held.type)
        if held.in_moto and AWS[held.type].moto.put and self._moto:
            given = {**inputs, "region": held.region} if "region" in declared.inputs else inputs
            self._moto.create(Request(type=held.type, name=held.name, inputs=given))
        outputs = updated(declared, held.outputs, held.inputs, inputs) | {"id": held.id}
        changed = replace(held, inputs=inputs, outputs=outputs)
        self.inventory.add(changed)
        return changed

    def delete(self, held: Held) -> None:
        """Delete a resource. Raises what moto raises."""
        if held.in_moto and self._moto:
            delete_in_moto(self._moto.client, held)
        self.inventory.remove(held)
        if held.type == "aws:kms/key:Key" or (
            held.type == "aws:secretsmanager/secret:Secret" and held.value("recoveryWindowInDays") != 0
        ):
            self.inventory.pending_deletion[held.type, held.region, held.id] = held

    def refresh(self, type_: str, id_: str, region: str) -> Held | None:
        """Find a resource; what moto has lost is gone."""
        held = self.inventory.find(type_, id_, region)
        if held and held.in_moto and self._moto and not exists_in_moto(self._moto.client, held):
            self.inventory.remove(held)
            return None
        return held

    def count_contents(self, held: Held) -> None:
        """Ask moto what lies in a bucket; `force_destroy` empties it, as the provider does."""
        if held.type != "aws:s3/bucket:Bucket" or not (held.in_moto and self._moto):
            return
        key = (held.type, held.region, held.id)
        self.inventory.contents[key] = empty_bucket(self._moto.client, held, delete=bool(held.value("forceDestroy")))

    def call(self, token: str, args: Properties) -> Properties:
        """Answer a provider function; the same before and after the account in moto is made."""
        if token.endswith(":getRouteTable"):
            for held in self.inventory.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"):
                if held.value("subnetId") == args["subnetId"]:
                    return {**args, "id": held.value("routeTableId"), "routeTableId": held.value("routeTableId")}
        return self._synthetic.call(token, args)


def updated(declared: Schema, outputs: Properties, old_inputs: Properties, inputs: Properties) -> Properties:
    """Outputs after a change in place: what was given is as it is given now, what is computed stays.

    Also inside of a structure: an EKS cluster shows its security group in the `vpcConfig` that the program gives.
    """
    kept = {
        key: value
        for key, value in outputs.items()
        if key not in old_inputs or key in inputs or key not in declared.inputs
    }
    given: Properties = {
        key: _computed_within(outputs.get(key), old_inputs.get(key)) | cast("Properties", value)
        if isinstance(value, dict) and not is_secret(value)
        else value
        for key, value in inputs.items()
    }
    tags: Properties = {"tagsAll": inputs.get("tags") or {}} if "tagsAll" in declared.outputs else {}
    return {**kept, **given, **tags}


def _computed_within(output: Any, old_input: Any) -> Properties:
    if not isinstance(output, dict) or not isinstance(old_input, dict):
        return {}
    before = cast("Properties", old_input)
    return {key: value for key, value in cast("Properties", output).items() if key not in before}


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
