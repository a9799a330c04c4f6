"""What AWS takes as the name and the tags of each type that this program registers, and where it says so.

Both stand in the catalogue: names with each type, tags with each service. Names that components give, names that Pulumi
makes, the stack's own name and the tags of a stack file are checked against them; docs/names.md shows them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from components.common.catalogue import AWS, SERVICES
from components.common.catalogue.entry import TagRule

TAG_CHARACTERS: Final = r"\p{L}\p{Z}\p{N}_.:/=+@-"
"""What services take in keys and values; most name exactly these (IAM API Reference, Tag). In keys one takes less
(`TagRule.key_characters`), which stacks with something of that service are told."""

TAGS: Final[Mapping[str, TagRule]] = MappingProxyType({s.name: s.tags for s in SERVICES.values() if s.tags})
"""By service."""

LONGEST_TAG_KEY: Final = min(rule.longest_key for rule in TAGS.values())
LONGEST_TAG_VALUE: Final = min(rule.longest_value for rule in TAGS.values())
MOST_TAGS: Final = min(rule.most for rule in TAGS.values())
RESERVED_TAG_PREFIXES: Final = tuple(sorted({prefix for rule in TAGS.values() for prefix in rule.reserved}))
"""What no tag of a stack may begin with, since a stack's tags are those of all its resources."""


def longest_name(type_: str) -> int:
    """Longest name of a type that has one."""
    return AWS[type_].names[0].longest
