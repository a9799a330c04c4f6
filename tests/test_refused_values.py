"""Values that AWS refuses are refused first, all at once, with what is allowed."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from settings import StackSettings
from tests.conftest import recorded_with
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


TWO_SUBNETS = ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
REFUSED_TWICE: dict[str, list[Any]] = {
    "app.distribution.public_pages": ["/chatbot/"],
    "app.distribution.public_paths": ["/api/v2/ask/"],
    "app.distribution.sign_in_paths": ["/api/v2/login"],
    "app.proxy.cidrs": ["10.8.0.16/28"],
    "app.proxy.direct": [".example.com"],
    "backup.notify": ["a@example.com"],
    "cluster.admin_role_arns": [ADMIN],
    "cluster.api_client_cidrs": ["10.40.0.0/24"],
    "cluster.existing.confirmed": ["keda"],
    "cluster.api_client_security_group_ids": ["sg-0123456789abcdef0"],
    "cluster.preview_role_arns": [ADMIN],
    "edge.counted_rules": ["GenericRFI_QUERYARGUMENTS"],
    "internal.admin_cidrs": ["10.8.0.0/24"],
    "dns_firewall.allowed_domains": ["api.example.com"],
    "internal.client_cidrs": ["10.8.0.0/16"],
    "network.interface_endpoints": ["logs"],
    "network.zones": ["us-east-1a", "us-east-1b"],
    "observability.recipients": ["a@example.com"],
    "runner.account_ids": [12345678],
    "telemetry.traces.exporters": ["aws"],
}
"""Lists each of whose elements makes a resource, or which AWS takes once only."""
TAKEN_TWICE: dict[str, list[Any]] = {
    "app.accepted_migrations": ["Newer1"],
    "app.bedrock.model_ids": ["amazon.nova-lite-v1:0"],
    "app.bedrock.regions": ["us-east-1"],
    "app.cors_origins": ["https://www.example.com"],
    "app.distribution.added_migrations": [],
    "app.distribution.added_paths": [],
    "app.distribution.missing_paths": [],
    "app.egress": [{"cidr": "10.8.0.0/24", "ports": [6333, 6333]}],
    "app.iframe_origins": ["https://www.example.com"],
    "cluster.public_access_cidrs": ["203.0.113.0/24"],
    "database.removed_generations": [],
    "edge.admin_cidrs": ["203.0.113.0/24"],
    "edge.blocked_paths": ["^/api/v1/x"],
    "network.connected_cidrs": ["10.99.0.0/16"],
    "nodes.instance_vcpus": [2],
    "policy_exceptions": [],
}
"""Lists that are sets, where a repeated element means nothing; ports stand inside of `app.egress`."""


def list_settings(model: type[BaseModel] = StackSettings, prefix: str = "") -> Iterator[str]:
    """Every setting that is a list."""
    for name, field in model.model_fields.items():
        hints = list(parts(field.annotation))
        if any(get_origin(hint) is list for hint in hints):
            yield f"{prefix}{name}"
        for hint in hints:
            if inspect.isclass(hint) and issubclass(hint, BaseModel):
                yield from list_settings(hint, f"{prefix}{name}.")


def parts(hint: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield hint
    for part in get_args(hint):
        yield from parts(part)


def test_each_list_is_decided() -> None:
    subnets = {"network.existing.private_subnet_ids", "network.existing.data_subnet_ids"}
    elsewhere = {"app.egress.ports", "cluster.existing.tolerations"}  # Kubernetes takes a toleration twice
    assert set(list_settings()) - elsewhere == REFUSED_TWICE.keys() | TAKEN_TWICE.keys() | subnets


@pytest.mark.parametrize("path", REFUSED_TWICE)
def test_what_makes_a_resource_is_named_once(path: str) -> None:
    elements = REFUSED_TWICE[path]
    said = broken(set_key(path, [*elements, elements[0]]))
    assert any(words in said for words in ("more than once", "each zone once", "may be named once")), said


@pytest.mark.parametrize("key", ["private_subnet_ids", "data_subnet_ids"])
def test_a_subnet_is_named_once(key: str) -> None:
    existing = {"vpc_id": "vpc-0123456789abcdef0", "private_subnet_ids": TWO_SUBNETS, "data_subnet_ids": TWO_SUBNETS}
    said = broken(set_key("network.existing", {**existing, key: [TWO_SUBNETS[0]] * 2}))
    assert "subnet-0123456789abcdef1 stands in the list more than once" in said


def test_a_set_may_repeat_an_element() -> None:
    twice = {path: elements * 2 for path, elements in TAKEN_TWICE.items() if elements}
    assert recorded_with("prod", twice).of_type("aws:eks/cluster:Cluster")
