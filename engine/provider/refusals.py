"""What AWS refuses, each with the page of AWS that says so."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, cast

from analysis.wire import Properties
from components.common.catalogue import AWS
from engine.provider.held import Held, Inventory


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why AWS refuses."""

    message: str
    source: str


def refuse_create(inventory: Inventory, type_: str, inputs: Properties, region: str) -> Refusal | None:
    """Why a resource cannot be created, if so."""
    return _name_taken(inventory, type_, inputs, region) or _alias_taken(inventory, type_, inputs, None)


def refuse_update(inventory: Inventory, held: Held, inputs: Properties) -> Refusal | None:
    """Why a resource cannot be changed, if so."""
    if held.type == "aws:cloudfront/vpcOrigin:VpcOrigin" and _user(inventory, held):
        return Refusal(
            message=f"updating CloudFront VPC Origin ({held.id}): operation error CloudFront: UpdateVpcOrigin, https "
            "response error StatusCode: 409, CannotUpdateEntityWhileInUse: The entity cannot be updated while it is in "
            "use.",
            source="https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateVpcOrigin.html",
        )
    if held.type == "aws:rds/instance:Instance":
        return _refuse_instance(held, inputs)
    return _alias_taken(inventory, held.type, inputs, held)


def refuse_delete(inventory: Inventory, held: Held) -> Refusal | None:
    """Why a resource cannot be deleted, if so."""
    return _protected(held) or _not_empty(inventory, held) or _in_use(inventory, held)


def _refuse_instance(held: Held, inputs: Properties) -> Refusal | None:
    source = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"
    failed = f"updating RDS DB Instance ({held.id}): operation error RDS: ModifyDBInstance, https response error "
    was, will = held.inputs.get("allocatedStorage"), inputs.get("allocatedStorage")
    if isinstance(was, int) and isinstance(will, int) and will < was:
        return Refusal(
            message=f"{failed}StatusCode: 400, InvalidParameterCombination: The storage can't be reduced from {was} to "
            f"{will} GiB",
            source=source,
        )
    old, new = str(held.inputs.get("engineVersion") or ""), str(inputs.get("engineVersion") or "")
    major = old.partition(".")[0] != new.partition(".")[0]
    if old and new and major and not inputs.get("allowMajorVersionUpgrade"):
        return Refusal(
            message=f"{failed}StatusCode: 400, InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be "
            f"present when upgrading to a new major version ({old} to {new}).",
            source=source,
        )
    return None


def _name_taken(inventory: Inventory, type_: str, inputs: Properties, region: str) -> Refusal | None:
    rule = AWS[type_].unique if type_ in AWS else None
    if rule is None:
        return None
    wanted = [inputs.get(key) for key in rule.keys]
    if any(value is None for value in wanted):
        return None
    pending = [held for held in inventory.pending_deletion.values() if held.type == type_ and rule.kept_while_pending]
    for held in [*inventory.of_type(type_), *pending]:
        if (rule.everywhere or held.region == region) and [held.value(key) for key in rule.keys] == wanted:
            named = ", ".join(str(value) for value in wanted)
            if held in pending:
                reason = "InvalidRequestException: You can't create this secret because a secret with this name is "
                reason += "already scheduled for deletion."
            else:
                reason = f"{rule.code}: it exists already"
            message = f"creating {type_} ({named}): https response error StatusCode: {rule.status}, {reason}"
            return Refusal(message=message, source=rule.source)
    return None


def _alias_taken(inventory: Inventory, type_: str, inputs: Properties, own: Held | None) -> Refusal | None:
    """A name on a distribution is taken for all of CloudFront; stacks give their distributions the same invented id."""
    if type_ != "aws:cloudfront/distribution:Distribution":
        return None
    wanted = set(cast("list[str]", inputs.get("aliases") or []))
    for held in inventory.of_type(type_):
        taken = wanted & set(cast("list[str]", held.value("aliases") or []))
        if taken and held is not own:
            return Refusal(
                message="operation error CloudFront: https response error StatusCode: 409, CNAMEAlreadyExists: One or "
                f"more of the CNAMEs you provided are already associated with a different resource: {sorted(taken)}",
                source="https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistribution.html",
            )
    return None


def _protected(held: Held) -> Refusal | None:
    rule = AWS[held.type].protection if held.type in AWS else None
    if rule is None or not held.value(rule.key):
        return None
    return Refusal(message=f"deleting {held.type} ({held.id}): {rule.code}: {rule.says}", source=rule.source)


def _not_empty(inventory: Inventory, held: Held) -> Refusal | None:
    count = inventory.contents.get((held.type, held.region, held.id), 0)
    if not count or held.value("forceDestroy") or held.value("forceDelete"):
        return None
    rule = AWS[held.type].container
    if rule is None:
        return None
    return Refusal(
        message=f"deleting {held.type} ({held.id}): https response error StatusCode: {rule.status}, {rule.code}: "
        f"{rule.says} ({count} inside)",
        source=rule.source,
    )


def _in_use(inventory: Inventory, held: Held) -> Refusal | None:
    found = _user(inventory, held)
    if found is None:
        return None
    rule, user = found
    return Refusal(
        message=f"deleting {held.type} ({held.id}): https response error StatusCode: {rule.status}, {rule.code}: it is "
        f"in use by {user.type} ({user.id})",
        source=rule.source,
    )


def _user(inventory: Inventory, held: Held) -> tuple[Any, Held] | None:
    """What uses a resource in a way that keeps it from being deleted."""
    names = {held.id, held.value("arn"), held.value("name")} - {None, ""}
    for rule in AWS[held.type].used_by if held.type in AWS else ():
        for user in inventory.of_type(rule.user):
            own = rule.not_of_itself and user.value(rule.not_of_itself) == held.id
            if not own and any(value in names for value in _values(user.outputs, rule.path.split("."))):
                return rule, user
    return None


def _values(value: Any, path: list[str]) -> Generator[str]:
    """Every text at a path, through lists; below its end every text of a structure."""
    if isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _values(item, path)
    elif isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        if path:
            yield from _values(mapping.get(path[0]), path[1:])
        else:
            for item in mapping.values():
                yield from _values(item, [])
    elif isinstance(value, str) and not path:
        yield value
