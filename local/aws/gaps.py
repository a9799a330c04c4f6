"""What a stack asks for and moto cannot give back, as the catalogue says. Tests assert these on the record instead.

Everything else that the program gives reaches moto: `MotoCloud` refuses to make a resource of which a handler leaves an
input out that is not named there.
"""

from collections.abc import Mapping
from typing import Final

from components.common.catalogue import AWS

UNSUPPORTED_PROPERTIES: Final[Mapping[str, Mapping[str, str]]] = {
    type_: entry.moto.lost for type_, entry in AWS.items() if entry.moto.lost
}
"""Inputs that cannot be read back from moto, by type; the value is the reason. A dot leads into a structure."""

UNSUPPORTED_TYPES: Final[Mapping[str, str]] = {
    type_: entry.moto.recorded_only for type_, entry in AWS.items() if entry.moto.recorded_only
}
"""Types that exist as a record alone; the value is the reason."""
