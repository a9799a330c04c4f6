"""Sizes that RDS and ElastiCache sell, so that one that does not exist is refused before anything is made.

AWS has no list without an account; these are the families and sizes of its price lists, as cfn-lint carries them, over
all regions. Which region and zone has which, `python -m delivery.preflight` asks the account.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Final

_FROM_LARGE = ("large", "xlarge", "2xlarge", "4xlarge")
_TO_16 = (*_FROM_LARGE, "8xlarge", "12xlarge", "16xlarge")
_TO_24 = (*_TO_16, "24xlarge")
_TO_32 = (*_TO_24, "32xlarge")
_TO_48 = (*_TO_24, "48xlarge")
_SMALL = ("micro", "small", "medium")

DATABASE_CLASSES: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("m5", "m5d", "r5", "r5b", "r5d"), _TO_24),
    **dict.fromkeys(("m6g", "m6gd", "m7g", "r6g", "r6gd", "r7g", "x2g"), _TO_16),
    **dict.fromkeys(("m6i", "m6id", "m6idn", "m6in", "r6i", "r6id", "r6idn", "r6in"), _TO_32),
    **dict.fromkeys(("m7i", "m8a", "m8g", "m8gd", "m9g", "r7i", "r8a", "r8g", "r8gd"), _TO_48),
    **dict.fromkeys(("t3", "t4g"), (*_SMALL, "large", "xlarge", "2xlarge")),
    "x2idn": ("16xlarge", "24xlarge", "32xlarge"),
    "x2iedn": ("xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"),
}
"""Classes for PostgreSQL (`db.`) by family."""
OLD_DATABASE_FAMILIES: Final = frozenset({"m1", "m2", "m3", "m4", "r3", "r4", "t1", "t2"})
"""Still in the price list, of earlier generations than any that RDS offers for the versions of PostgreSQL here."""

CACHE_NODE_TYPES: Final[Mapping[str, Sequence[str]]] = {
    **dict.fromkeys(("c7gn", "c8gn", "m6g", "m7g", "m8g", "r6g", "r7g", "r8g"), _TO_16),
    **dict.fromkeys(("m5", "r5"), (*_FROM_LARGE, "12xlarge", "24xlarge")),
    **dict.fromkeys(("t3", "t4g"), _SMALL),
}
"""Node types for Valkey (`cache.`) by family."""
UNUSABLE_CACHE_FAMILIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("m4", "r4", "t2"),
        'is of an earlier generation (ElastiCache developer guide, "Supported node types")',
    ),
    "r6gd": 'keeps part of its data on disk and needs data tiering, which this program does not use ("Data tiering")',
}


def database_class(text: str) -> str:
    """Refuse an instance class that RDS does not sell for PostgreSQL. Raises `ValueError`."""
    family = text.split(".")[1]
    if family in OLD_DATABASE_FAMILIES:
        raise ValueError(
            f"{text} is of an earlier generation than RDS offers for these versions of PostgreSQL; choose a class such "
            f"as {'db.t4g.medium' if family.startswith('t') else f'db.{family[0]}7g.large'}"
        )
    return _known(text, DATABASE_CLASSES, "an instance class that RDS sells for PostgreSQL")


def cache_node_type(text: str) -> str:
    """Refuse a node type that ElastiCache does not sell for Valkey. Raises `ValueError`."""
    family = text.split(".")[1]
    if family in UNUSABLE_CACHE_FAMILIES:
        raise ValueError(f"{text}: {family} {UNUSABLE_CACHE_FAMILIES[family]}; choose one such as cache.t4g.small")
    return _known(text, CACHE_NODE_TYPES, "a node type that ElastiCache sells for Valkey")


def _known(text: str, families: Mapping[str, Sequence[str]], meaning: str) -> str:
    prefix, family, size = text.split(".")
    if family not in families:
        near = difflib.get_close_matches(family, sorted(families), n=1)
        hint = f"; did you mean {prefix}.{near[0]}?" if near else "."
        raise ValueError(f"{text} is not {meaning}{hint} Families: {', '.join(sorted(families))}")
    if size not in families[family]:
        raise ValueError(f"{text} does not exist; {prefix}.{family} has {', '.join(families[family])}")
    return text
