"""Whether the AWS CLI would take a command, by the services' models that it is made from (boto3 brings them)."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, cast

import botocore.session
import jmespath  # pyright: ignore[reportMissingTypeStubs]  # it has none
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

_GLOBAL: Final = {"region", "profile", "output", "query", "no-cli-pager", "max-items", "page-size", "cli-input-json"}
_COPIES: Final = {"cp", "ls", "mv", "rm", "sync"}
"""Commands of `aws s3`, which belong to the CLI alone."""
_DEEP: Final = 8
_SESSION: Final = botocore.session.get_session()

_KUBECONFIG = {"--name", "--kubeconfig", "--role-arn", "--dry-run", "--verbose", "--alias", "--user-alias", "--region"}
"""Options of a command of the AWS CLI that no model of an API has (AWS CLI reference, eks update-kubeconfig)."""


def mistakes(words: Sequence[str]) -> list[str]:
    """What is wrong with a command; `words` begins with the service."""
    if words[0] == "s3" and words[1] in _COPIES:
        return []
    if (words[0], words[1]) == ("eks", "update-kubeconfig"):
        given = {word.split("=")[0] for word in words[2:] if word.startswith("--")}
        return [f"{words[1]} has no option {option}" for option in sorted(given - _KUBECONFIG)]
    service = {"s3api": "s3"}.get(words[0], words[0])
    if service not in _services():
        return [f"there is no service {words[0]}"]
    if words[1] == "wait":
        return _waiter_mistakes(service, words[2])
    model = _model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if words[1] not in operations:
        return [f"{words[0]} has no command {words[1]}"]
    operation = model.operation_model(operations[words[1]])
    options = [word.split("=")[0] for word in words[2:] if word.startswith("--")]
    unknown = [option for option in options if option.removeprefix("--") not in _options(operation)]
    found = [f"{words[1]} has no option {option}" for option in unknown]
    missing = [name for name in _required(operation) if f"--{name}" not in options]
    found += [f"{words[1]} needs --{name}" for name in missing]
    if "--query" in words:
        found += _query_mistakes(words[words.index("--query") + 1], operation)
    return found


@cache
def _services() -> frozenset[str]:
    return frozenset(_SESSION.get_available_services())


@cache
def _model(service: str) -> ServiceModel:
    return _SESSION.get_service_model(service)


def _waiter_mistakes(service: str, name: str) -> list[str]:
    known = [xform_name(each, "-") for each in _SESSION.get_waiter_model(service).waiter_names]
    return [] if name in known else [f"there is nothing to wait for called {name}"]


def _options(operation: OperationModel) -> set[str]:
    members = _members(operation.input_shape)
    names = {xform_name(name, "-") for name in members}
    switches = {f"no-{xform_name(name, '-')}" for name, shape in members.items() if shape.type_name == "boolean"}
    return names | switches | _GLOBAL


def _required(operation: OperationModel) -> Iterator[str]:
    shape = operation.input_shape
    required = shape.required_members if isinstance(shape, StructureShape) else []
    return (xform_name(name, "-") for name in required)


def _query_mistakes(query: str, operation: OperationModel) -> list[str]:
    """A field that an answer does not have always gives null."""
    found: Any = jmespath.search(query, _sample(operation.output_shape))
    return [f"{query!r} finds nothing in the answer of {operation.name}"] if _has_none(found) else []


def _has_none(value: Any) -> bool:
    return value is None or (isinstance(value, list) and any(map(_has_none, cast("list[Any]", value))))


def _members(shape: Shape | None) -> dict[str, Shape]:
    return dict(shape.members) if isinstance(shape, StructureShape) else {}


def _sample(shape: Shape | None, depth: int = 0) -> Any:
    """An answer in which every field is there."""
    if depth > _DEEP:
        return "x"
    if isinstance(shape, StructureShape):
        return {name: _sample(member, depth + 1) for name, member in shape.members.items()}
    if isinstance(shape, ListShape):
        return [_sample(shape.member, depth + 1)]
    if isinstance(shape, MapShape):
        return {"x": _sample(shape.value, depth + 1)}
    return "x"
