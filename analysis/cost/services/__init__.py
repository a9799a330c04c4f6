"""What each service of AWS costs, a file each: every file here is found by its place and has a `SERVICE`."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from analysis.cost.service import Price, Rule, Service, Usage

_Value = TypeVar("_Value")
_FOLDER: Final = __name__.replace(".", "/")


class ServiceError(Exception):
    """The files of this folder contradict each other, or one says nothing; the message names them."""


def _service(module: str) -> Service:
    found: object = getattr(importlib.import_module(f"{__name__}.{module}"), "SERVICE", None)
    if not isinstance(found, Service):
        raise ServiceError(f"{_FOLDER}/{module}.py has no SERVICE: write `SERVICE: Final = Service(prices=, rules=)`")
    return found


SERVICES: Final = {f"{_FOLDER}/{module.name}.py": _service(module.name) for module in pkgutil.iter_modules(__path__)}
"""By file."""


def _together(what: str, entries: Callable[[Service], Mapping[str, _Value]]) -> Mapping[str, _Value]:
    """Entries of all files; raises `ServiceError` when two have the same key."""
    owners: dict[str, str] = {}
    for file, service in SERVICES.items():
        for key in entries(service):
            if key in owners:
                raise ServiceError(f"{owners[key]} and {file} both have the {what} {key}: leave it in one of them")
            owners[key] = file
    return {key: value for service in SERVICES.values() for key, value in entries(service).items()}


PRICES: Final[Mapping[str, Price]] = _together("price", lambda service: service.prices)
"""By key."""
RULES: Final[Mapping[str, Rule]] = _together("rule for", lambda service: service.rules)
"""By type."""
FIGURES: Final = _together("usage figure", lambda service: service.usage.model_fields)
"""Figures of use, by key."""
PARTS: Final[tuple[type[Usage], ...]] = tuple(s.usage for s in SERVICES.values() if s.usage.model_fields)
"""Figures of use, by service."""
