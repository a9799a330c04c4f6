"""Values that AWS refuses are refused first, all at once, with what is allowed."""

import inspect
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from analysis.optional_sections import left_out_by_prod
from analysis.stackfiles import StackFileError
from components.common.model import AS_A_SET
from settings import SettingsError, StackSettings, parse_settings
from tests.conftest import edited, recorded_with
from tests.test_settings import broken, set_key

ADMIN = "arn:aws:iam::123456789012:role/people/admin"
REFUSED: list[tuple[str, Any, str]] = [
    ("tags", {"Project": "x"}, "Project is a tag that the program sets itself"),
    ("tags", {"Managed-By": "x"}, "Managed-By is a tag that the program sets itself"),
    ("tags", {"stack": "x"}, "stack is a tag that the program sets itself"),
    ("tags", {"aws:team": "x"}, "begins with aws:"),
    ("tags", {"Team": "x", "team": "y"}, "only in upper and lower case"),
    ("tags", {"team": "R&D"}, '"R&D" is not allowed'),
    ("tags", {"team": "a,b"}, '"a,b" is not allowed'),
    ("tags", {"team": "x" * 257}, "is not allowed"),
    ("cluster.service_cidr", "100.64.0.0/16", "must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"),
    ("cluster.service_cidr", "172.20.0.0/25", "must be between /12 and /24"),
    ("cluster.admin_role_arns", [ADMIN, ADMIN], "more than once"),
    ("cluster.kubernetes_version", "1.34", "for example 1.36"),
    ("cluster.api_client_cidrs", [], "nobody but the nodes would reach the Kubernetes API"),
    ("cluster.api_client_security_group_ids", ["sg-x"], "for example sg-0123"),
    ("edge.blocked_paths", ["^/api/v1/(?!ping)"], "AWS WAF does not support"),
    ("edge.blocked_paths", [r"^/api/v1/(a)\1"], "AWS WAF does not support"),
    ("database.maintenance_window_utc", "sun:04:30-sun:04:40", "lasts 10 minutes"),
    ("database.maintenance_window_utc", "sun:03:30-sun:04:30", "overlaps backup_window_utc 03:00-04:00"),
    ("database.maintenance_window_utc", "sun:24:30-sun:25:30", "is not a weekly window"),
    ("database.backup_window_utc", "03:00-03:10", "lasts 10 minutes"),
    ("queue.maintenance_window_utc", "sun:05:30-sun:06:00", "lasts 30 minutes"),
    ("queue.maintenance_window_utc", "abc:05:30-sun:06:30", "is not a weekly window"),
    ("queue.node_type", "cache.m7g.huge", "cache.m7g has large, xlarge"),
    ("queue.node_type", "cache.zz9.large", "is not a node type that ElastiCache sells"),
    ("queue.node_type", "small", "for example cache.t4g.small"),
    ("queue.node_type", "cache.m7.large", "did you mean cache.m7g?"),
    ("queue.node_type", "cache.t2.small", "t2 is of an earlier generation"),
    ("queue.node_type", "cache.r6gd.xlarge", "needs data tiering"),
    ("database.instance_class", "db.m7g.medium", "db.m7g has large, xlarge, 2xlarge"),
    ("database.instance_class", "db.m7g.24xlarge", "db.m7g.24xlarge does not exist"),
    ("database.instance_class", "db.z1d.large", "is not an instance class that RDS sells for PostgreSQL"),
    ("database.instance_class", "db.m7.large", "did you mean db.m7i?"),
    ("database.instance_class", "db.t2.micro", "choose a class such as db.t4g.medium"),
    ("database.instance_class", "db.r4.large", "choose a class such as db.r7g.large"),
    ("database.instance_class", "m7g.large", "for example db.m7g.large"),
    ("network.interface_endpoints", ["logs", "logs"], "more than once"),
    ("observability.recipients", ["a@example.com", "a@example.com"], "more than once"),
    ("backup.notify", ["a@example.com", "a@example.com"], "more than once"),
]


@pytest.mark.parametrize(("path", "value", "says"), REFUSED)
def test_what_aws_refuses_is_refused_first(path: str, value: Any, says: str) -> None:
    message = broken(set_key(path, value))
    assert "nothing has been made" in message
    assert says in message


def test_one_role_cannot_stand_in_two_lists() -> None:
    """A path is no part of a role's identity."""

    def edit(document: dict[str, Any]) -> None:
        document["flowise:cluster"] |= {
            "admin_role_arns": [ADMIN],
            "preview_role_arns": [ADMIN.replace("/people", "")],
        }

    assert "one access entry for a role" in " ".join(broken(edit).split())


def test_all_of_it_is_said_at_once() -> None:
    def edit(document: dict[str, Any]) -> None:
        set_key("tags", {"aws:a": "x", "Stack": "y"})(document)
        set_key("queue.node_type", "cache.m7g.huge")(document)

    message = broken(edit)
    assert all(part in message for part in ("aws:a", "Stack is a tag", "cache.m7g.huge"))


def list_settings(model: type[BaseModel] = StackSettings, prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Every setting that is a list, with the model that it is a field of."""
    for name, field in model.model_fields.items():
        hints = list(parts(field.annotation))
        if any(get_origin(hint) is list for hint in hints):
            yield f"{prefix}{name}", model
        for hint in hints:
            if inspect.isclass(hint) and issubclass(hint, BaseModel):
                yield from list_settings(hint, f"{prefix}{name}.")


def parts(hint: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield hint
    for part in get_args(hint):
        yield from parts(part)


LISTS = dict(list_settings())
SETS = [path for path, model in LISTS.items() if AS_A_SET in model.model_fields[path.rpartition(".")[2]].metadata]


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def sample(path: str) -> Any:
    """An element of a list, as its schema gives it."""
    schema = schema_of(LISTS[path])
    (listed,) = _sample(schema["properties"][path.rpartition(".")[2]], schema.get("$defs", {}))
    return listed


def _sample(schema: dict[str, Any], shared: dict[str, Any]) -> Any:
    schema = shared[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    schema = schema["anyOf"][0] if "anyOf" in schema else schema
    known = [*schema.get("examples", ()), *schema.get("enum", ()), schema.get("minimum")]
    if known[0] is not None:
        return known[0]
    if "items" in schema:
        return [_sample(schema["items"], shared)]
    if "properties" in schema:
        return {key: _sample(schema["properties"][key], shared) for key in schema["required"]}
    if schema.get("format") == "date":
        return "2026-12-31"
    raise AssertionError(f"no sample of {schema}: give the type of the list's elements one, `Field(examples=[...])`")


def said_of(path: str, value: Any) -> list[str]:
    """What its model says of a list."""
    name = path.rpartition(".")[2]
    try:
        LISTS[path].model_validate_json(json.dumps({name: value}))
    except ValidationError as error:
        return [each["msg"] for each in error.errors() if each["loc"] == (name,)]
    return []


@pytest.mark.parametrize("path", [path for path in LISTS if path not in SETS])
def test_a_list_names_each_once(path: str) -> None:
    assert "stands in the list more than once; name each once" in " ".join(said_of(path, [sample(path)] * 2))


@pytest.mark.parametrize("path", SETS)
def test_a_set_may_repeat_an_element(path: str) -> None:
    assert said_of(path, [sample(path)] * 2) == said_of(path, [sample(path)])


def test_a_repeated_element_of_a_set_makes_no_resource() -> None:
    once: dict[str, Any] = {}
    for path in SETS:  # some need other settings, or exclude each other
        if is_right_for_prod(more := {**once, path: [sample(path)]}):
            once = more
    assert len(once) > len(SETS) / 2
    twice = recorded_with("prod", {path: elements * 2 for path, elements in once.items()})
    assert sorted(r.urn for r in twice.records) == sorted(r.urn for r in recorded_with("prod", once).records)


def is_right_for_prod(edits: dict[str, Any]) -> bool:
    try:
        config = edited("prod", edits)
        return bool(parse_settings(config.values, config.secret_keys, "prod"))
    except (SettingsError, StackFileError):
        return False


def test_a_repeated_element_is_named_with_its_key_and_what_to_do() -> None:
    said = broken(set_key("runner", {**left_out_by_prod()["runner"], "account_ids": [7, 8, 7, 7]}))
    assert "flowise:runner.account_ids: 7 stands in the list more than once; name each once" in said
