"""The catalogue: every type of AWS, Kubernetes and the random provider that the program may register, one entry each.

What is known of a type stands in its entry and nowhere else; lists elsewhere are made from it. Functions that belong to
a type (price rules, handlers for moto) stay where they work, and `tests/test_catalogue.py` holds that entries and
functions agree. The policy pack refuses a type that is not here, and `plan` counts it as one without a price.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from components.common.catalogue.entry import AwsEntry, Entry, Kept, KubernetesEntry, LogConsent, RandomEntry, Service

__all__ = [
    "AWS",
    "CATALOGUE",
    "DATA",
    "IRREPLACEABLE",
    "KUBERNETES",
    "PROTECTED",
    "RANDOM",
    "SERVICES",
    "AwsEntry",
    "Entry",
    "Kept",
    "KubernetesEntry",
    "LogConsent",
    "RandomEntry",
    "Service",
    "api",
    "is_known",
    "services",
]

_MODULES: Final = [importlib.import_module(module.name) for module in pkgutil.iter_modules(__path__, f"{__name__}.")]
"""Every file of this folder."""
_ENTRIES: Final[tuple[Entry, ...]] = tuple(e for module in _MODULES for e in getattr(module, "ENTRIES", ()))
_SORTED: Final = sorted((e for e in _ENTRIES if isinstance(e, AwsEntry)), key=lambda e: e.type)
AWS: Final[Mapping[str, AwsEntry]] = MappingProxyType({e.type: e for e in _SORTED})
KUBERNETES: Final[Mapping[str, KubernetesEntry]] = MappingProxyType(
    {e.type: e for e in _ENTRIES if isinstance(e, KubernetesEntry)}
)
RANDOM: Final[Mapping[str, RandomEntry]] = MappingProxyType({e.type: e for e in _ENTRIES if isinstance(e, RandomEntry)})
CATALOGUE: Final[Mapping[str, Entry]] = MappingProxyType({**AWS, **KUBERNETES, **RANDOM})
"""Entries by type."""

DATA: Final[Mapping[str, Kept]] = MappingProxyType({type_: e.data for type_, e in CATALOGUE.items() if e.data})
"""Types that hold data or keys, and what is lost with them."""
IRREPLACEABLE: Final = frozenset(type_ for type_, kept in DATA.items() if kept == "irreplaceable")
PROTECTED: Final = tuple(type_ for type_, kept in DATA.items() if kept != "recreated")
"""Types whose resources a protected stack refuses to delete."""

_SERVICES: Final = {s.name: s for module in _MODULES for s in vars(module).values() if isinstance(s, Service)}
SERVICES: Final[Mapping[str, Service]] = MappingProxyType(dict(sorted(_SERVICES.items())))
"""Services of AWS by name: the constants of these files."""

_CLOUD_PACKAGES: Final = ("aws:", "kubernetes:", "random:")


def is_known(type_: str) -> bool:
    """Whether a type is in the catalogue; components and provider objects of other packages hold nothing themselves."""
    return not type_.startswith(_CLOUD_PACKAGES) or type_ in CATALOGUE


def services() -> frozenset[str]:
    """Prefixes of all actions in IAM that the types of AWS need."""
    parts = (e.actions for e in AWS.values())
    every = (f"{a.read} {a.contents} {a.create} {a.update} {a.delete}" for a in parts)
    return frozenset(action.partition(":")[0] for actions in every for action in actions.split())


def api(service: str, operation: str) -> str:
    """Address of AWS's page about an operation; raises `KeyError` that says where a service is entered."""
    if service not in SERVICES:
        raise KeyError(f"{service}: add a `Service` of this name to the file of its types in {__name__}")
    return SERVICES[service].api(operation)
