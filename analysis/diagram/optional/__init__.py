"""Boxes and arrows of the sections that prod leaves out: a file for each, named after the section, found by its place.

A file has `PARTS` and `ARROWS`, as `parts.py` and `arrows.py` have those of every stack. An arrow stands in the file of
the section without which it would not be.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from analysis.diagram.model import Arrow, Part

_MODULES: Final[Mapping[str, Any]] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
}
SECTIONS: Final = frozenset(_MODULES)
"""Sections that have a file."""
PARTS: Final[Mapping[str, Part]] = MappingProxyType(
    {name: part for module in _MODULES.values() for name, part in module.PARTS.items()}
)
ARROWS: Final[Sequence[Arrow]] = tuple(arrow for module in _MODULES.values() for arrow in module.ARROWS)
