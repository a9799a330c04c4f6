"""Whether a change of a property replaces a resource."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from components.common.catalogue import AWS, RANDOM
from components.common.catalogue.entry import Replacement

REPLACING: Final[Mapping[str, Replacement]] = {type_: e.replacement for type_, e in {**AWS, **RANDOM}.items()}
"""What replaces each type of `aws` and `random`: for the recordings, for the engine's providers and for the pages."""

Kind = Literal["ADD", "DELETE", "UPDATE"]

_REGION = "region"
"""Replaces every resource of AWS that has it (terraform-provider-aws 6, guide "Enhanced Region Support")."""


class UnknownReplacementError(KeyError):
    """A type of `aws` or `random` has no entry."""


def replaces(type_: str, path: str, kind: Kind = "UPDATE") -> bool:
    """Whether a change of this property (`vpcConfig.subnetIds[0]`) replaces a resource of this type.

    Raises `UnknownReplacementError` for a type of `aws` or `random` that is not in the list.
    """
    if type_ not in REPLACING:
        if type_.startswith(("aws:", "random:")):
            raise UnknownReplacementError(f"nothing says what replaces {type_}: add it to components/common/catalogue")
        return False
    bare = re.sub(r"\[[^\]]*\]", "", path)
    if bare == _REGION and type_.startswith("aws:"):
        return True
    return any(_forces(entry, bare, kind) for entry in REPLACING[type_].properties.split())


def _forces(entry: str, path: str, kind: Kind) -> bool:
    forcing = entry.rstrip("-?")
    if entry.endswith("-"):
        return path == forcing and kind == "DELETE"
    if entry.endswith("?"):
        return path == forcing and kind != "UPDATE"
    # A structure that comes or goes takes what is in it along.
    within = forcing.startswith(f"{path}.") and kind != "UPDATE"
    return path == forcing or path.startswith(f"{forcing}.") or within
