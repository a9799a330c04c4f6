"""The sizes that settings take are those of AWS's price lists, as cfn-lint carries them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from components.common.instance_types import (
    CACHE_NODE_TYPES,
    DATABASE_CLASSES,
    OLD_DATABASE_FAMILIES,
    UNUSABLE_CACHE_FAMILIES,
)
from settings import parse_settings
from tests.cfn_lint import SCHEMAS
from tests.conftest import edited


def sold(file: str) -> Mapping[str, Any]:
    """A list of cfn-lint's, by region."""
    regions = cast("dict[str, Any]", json.loads((SCHEMAS / "extensions" / file).read_text(encoding="utf-8")))
    return {name: region for name, region in regions.items() if not isinstance(region, str)}  # the same as another


def by_family(types: Iterable[str]) -> dict[str, set[str]]:
    families: dict[str, set[str]] = {}
    for text in types:
        _, family, size = text.split(".")
        families.setdefault(family, set()).add(size)
    return families


def for_postgres() -> Iterator[str]:
    for region in sold("aws_rds_dbinstance/dbinstanceclass_enum.json").values():
        for rule in cast("list[Any]", region["allOf"]):
            if rule["if"]["properties"].get("Engine") == {"const": "postgres"}:
                yield from rule["then"]["properties"]["DBInstanceClass"]["enum"]


def for_valkey() -> Iterator[str]:
    for region in sold("aws_elasticache_cachecluster/cachenodetype_enum.json").values():
        yield from (text for text in cast("list[str]", region["enum"]) if text.startswith("cache."))


@pytest.mark.parametrize(
    ("types", "known", "left_out"),
    [
        (for_postgres, DATABASE_CLASSES, OLD_DATABASE_FAMILIES),
        (for_valkey, CACHE_NODE_TYPES, UNUSABLE_CACHE_FAMILIES.keys()),
    ],
)
def test_sizes_are_those_that_are_sold(types: Any, known: Mapping[str, Sequence[str]], left_out: Any) -> None:
    families = by_family(types())
    assert {family: set(sizes) for family, sizes in known.items()} == {
        family: sizes for family, sizes in families.items() if family not in left_out
    }
    assert set(left_out) <= families.keys(), "what is not sold any more needs no reason"


@pytest.mark.parametrize(
    ("path", "size"),
    [
        *(("database.instance_class", f"db.{family}.{sizes[-1]}") for family, sizes in DATABASE_CLASSES.items()),
        *(("queue.node_type", f"cache.{family}.{sizes[0]}") for family, sizes in CACHE_NODE_TYPES.items()),
    ],
)
def test_every_size_that_is_sold_is_taken(path: str, size: str) -> None:
    config = edited("prod", {path: size, "app.file_size_limit_mib": 10})  # the smallest holds no jobs of more
    section, key = path.split(".")
    settings = parse_settings(config.values, config.secret_keys, "prod")
    assert getattr(getattr(settings, section), key) == size
