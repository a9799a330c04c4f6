"""ARNs and host names are those of the partition that a stack's region lies in."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest

from components.common.partition import dns_suffix, managed_policy, partition, service_host, service_hosts
from settings import parse_settings
from tests.conftest import ROOT, edited
from tests.test_settings import broken, set_key

ALLOWED = "123456789012"
"""Account of the examples in AWS's documentation: an ARN with it is an example for people."""
SOURCES = sorted(path for folder in ("components", "bootstrap") for path in (ROOT / folder).rglob("*.py"))


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of a module with their lines; `{}` stands for what an f-string puts in."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
            yield node.lineno, node.value


def test_no_partition_is_written_into_a_component() -> None:
    looked_at = [path for path in SOURCES if path.name != "partition.py" and "aws" in path.read_text(encoding="utf-8")]
    # `{}.amazonaws.com` and `*.amazonaws.com`: hosts with a region. Plain service principals are the same everywhere.
    written = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in looked_at
        for line, text in literals(path)
        if ("arn:aws:" in text and ALLOWED not in text) or re.search(r"[{}*]\.amazonaws\.com", text)
    ]
    assert written == []


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("us-east-1", "aws", "amazonaws.com"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ],
)
def test_names_follow_the_region(region: str, name: str, suffix: str) -> None:
    assert partition(region) == name
    assert dns_suffix(region) == suffix
    assert managed_policy(region, "service-role/X") == f"arn:{name}:iam::aws:policy/service-role/X"
    assert service_host("s3", region) == f"s3.{region}.{suffix}"
    assert service_hosts("s3", region) == f"s3.*.{suffix}"


def test_they_are_those_of_botocore() -> None:
    described = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text(encoding="utf-8"))
    for each in described["partitions"]:
        regions = [region for region in each["regions"] if not region.endswith("-global")]
        assert {(partition(r), dns_suffix(r)) for r in regions} == {(each["id"], each["outputs"]["dnsSuffix"])}


def test_an_arn_of_another_partition_is_refused_with_that_of_the_region() -> None:
    role = "arn:aws-us-gov:iam::123456789012:role/platform-admin"
    message = broken(set_key("cluster.admin_role_arns", [role]))
    assert f"flowise:cluster.admin_role_arns.0: {role} lies in AWS's partition aws-us-gov" in message
    assert "Name one that begins with arn:aws:" in message


def test_what_only_looks_like_an_arn_is_left_alone() -> None:
    config = edited("dev", {"app.environment": {"UPSTREAM": "arn:aws-us-gov:s3:::elsewhere"}})
    assert parse_settings(config.values, config.secret_keys, "dev").app.environment
