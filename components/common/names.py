"""Physical names: the few that AWS or a person must know, each within the limits of its service."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

import pulumi

from components.common.aws_names import longest_name
from components.common.catalogue import AWS

DEFAULT_NAMESPACE: Final = "flowise"
"""Kubernetes namespace of Flowise where a stack names no other."""

_GIVEN: Final = {entry.given.kind: (entry.given, entry.names[0].longest) for entry in AWS.values() if entry.given}


def physical_name(kind: str, *parts: str, separator: str = "-") -> str:
    """Join project, stack and `parts` into a name that AWS takes for `kind` (`Given.kind` of the catalogue).

    A name that is too long keeps its beginning and ends in a hash of the whole, so two long names never become one.
    """
    given, longest = _GIVEN[kind]
    limit = longest - given.spare
    name = re.sub(given.forbidden, "-", separator.join((pulumi.get_project(), pulumi.get_stack(), *parts)))
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"


_AUTOMATIC: Final = {type_: entry.automatic for type_, entry in AWS.items() if entry.automatic}
AUTONAMES: Final[Mapping[str, str]] = {type_: automatic.pattern for type_, automatic in _AUTOMATIC.items()}
"""Patterns of the names that Pulumi makes with the stack's name in them."""
LONGEST_LOGICAL_NAMES: Final[Mapping[str, str]] = {type_: automatic.longest for type_, automatic in _AUTOMATIC.items()}
"""Longest logical name of each of these types, with every section of the settings."""
STACK_NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""What buckets and databases take (lower case, no two hyphens beside each other), and what ends before `--`."""


def _around(type_: str) -> str:
    """The name of the resource with the longest logical name, without the stack's."""
    pattern = AUTONAMES[type_].replace("${name}", LONGEST_LOGICAL_NAMES[type_])
    return pattern.replace("${hex(7)}", "1a2b3c4").replace("${stack}", "")


LONGEST_STACK_NAME: Final = min(longest_name(type_) - len(_around(type_)) for type_ in AUTONAMES)
"""Characters of a stack's name with which every name of every section fits."""


def stack_name_problems(stack: str) -> Iterator[str]:
    """What is wrong with a stack's name: AWS would refuse names with it, some after the first resources are made."""
    if not re.fullmatch(STACK_NAME_PATTERN, stack):
        yield (
            f"the stack's name '{stack}' becomes part of names of buckets and databases, which take lower-case letters "
            "and digits, in words with one hyphen between them, a letter first; choose a name such as prod-eu"
        )
    lengths = {type_: len(_around(type_)) + len(stack) for type_ in AUTONAMES}
    too_long = [
        f"a {type_.rsplit(':', 1)[1].lower()} named after it would have {length}, where AWS takes "
        f"{longest_name(type_)} ({AWS[type_].names[0].source})"
        for type_, length in lengths.items()
        if length > longest_name(type_)
    ]
    if too_long:
        yield (
            f"the stack's name '{stack}' is too long: it has {len(stack)} characters; {'; '.join(too_long)}. "
            f"A name has at most {LONGEST_STACK_NAME} characters, such as '{stack[:LONGEST_STACK_NAME].rstrip('-')}'"
        )
