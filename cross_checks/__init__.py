"""Mistakes of a stack file that no single section can see, a file a theme; each line starts with its key path.

Every module of this package is found by being here. It has a function for what is always wrong (checks), one for
what is wrong in a deployment only (checks_when_deploying), or both.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings
from components.app.variables import FLAT_KEY_PREFIX, free_name
from components.keys import ENCRYPTION_KEY, KeysSettings, key_weaknesses

_THEMES = tuple(importlib.import_module(module.name) for module in pkgutil.iter_modules(__path__, f"{__name__}."))
_REPLACED_BY_INGRESS = {
    "domain": "makes certificates and DNS records for CloudFront; the name of an ingress is ingress.host",
    "load_balancer": "describes the load balancer behind CloudFront",
    "edge": "describes CloudFront and its firewall, and what it limits (such as admin_cidrs) would stay open",
}
"""Sections of the entry point through CloudFront, and what each would have done."""
_REPLACED_BY_INTERNAL = {
    "edge": "describes CloudFront and its firewall; who reaches the admin plane is internal.admin_cidrs",
    "ingress": "is another entry point",
}
"""Sections that an internal stack leaves without effect."""


def cross_checks(sections: Mapping[str, Any], *, deploying: bool) -> Iterable[str]:
    """Compare the sections that are right in themselves, so that these mistakes are reported beside the others."""
    for name in ("checks", "checks_when_deploying") if deploying else ("checks",):
        for theme in _THEMES:
            if check := getattr(theme, name, None):
                yield from check(sections)


def without_effect(document: Mapping[str, Any]) -> Iterable[str]:
    """What another entry point, or having no alarms, would leave without effect; each line starts with its key path."""
    for entry, replaced in {"ingress": _REPLACED_BY_INGRESS, "internal": _REPLACED_BY_INTERNAL}.items():
        if document.get(entry) is None:
            continue
        for name, does in replaced.items():
            if document.get(name) is not None:
                yield (
                    f"{name}: {does}; with flowise:{entry} there is none. "
                    f"Remove flowise:{name}, or remove flowise:{entry}"
                )
    if document.get("observability") is None:
        for name, section in document.items():
            if isinstance(section, Mapping) and "thresholds" in section:
                yield (
                    f"{name}.thresholds: decides when alarms go off; without flowise:observability there are none. "
                    "Remove it, or add flowise:observability"
                )


def imported_keys(brought: Mapping[str, str], sections: Mapping[str, Any]) -> Iterable[str]:
    """Keys of an instance that moves here with which no pod would start; values by their key in the stack file.

    Only where Pulumi has decrypted them: `make plan` and the local environment see a placeholder.
    """
    keys = cast(KeysSettings | None, sections.get("keys")) or KeysSettings()
    encryption_key = ENCRYPTION_KEY.lower()
    by_variable = {key.upper(): value for key, value in brought.items()}
    for variable, why in key_weaknesses(by_variable, short_encryption_key=keys.short_encryption_key):
        command = f"openssl rand -hex 32 | pulumi config set --secret flowise:{variable.lower()}"
        cure = f"Make a new one, which signs people out: `{command}`"
        if variable == ENCRYPTION_KEY and "same as" not in why:
            cure = (
                "Stored credentials can be read with this key only: if you cannot re-encrypt them, set "
                "keys.short_encryption_key to true (docs/keys.md)"
            )
        yield f"{variable.lower()}: {why}, or no pod starts. {cure}"
    if keys.short_encryption_key and encryption_key not in brought:
        yield (
            f"keys.short_encryption_key: is for an instance that brings its key; flowise:{encryption_key} is not set"
        )


def variable_checks(sections: Mapping[str, Any], keys: Iterable[str], stack: str) -> Iterable[str]:
    """Mistakes in the variables that a stack adds to Flowise's environment; `keys` are all of the configuration."""
    app = cast(AppSettings | None, sections.get("app"))
    plain, secret = (app.environment, app.environment_secrets) if app else ({}, {})
    for key in sorted(key.partition(":")[2] for key in keys):
        if not key.startswith(FLAT_KEY_PREFIX):
            continue
        name = key.removeprefix(FLAT_KEY_PREFIX)
        try:
            free_name(name)
        except ValueError as error:
            yield f"{key}: {error}"
        for section, names in {"app.environment": plain, "app.environment_secrets": secret}.items():
            if name in names:
                yield f"{key}: {section}.{name} is set as well; keep one of the two"
    for name, arn in secret.items():
        key = f"app.environment_secrets.{name}"
        if name in plain:
            yield f"{key}: app.environment.{name} is set as well; keep one of the two"
        _, _, _, region, _, _, secret_name = arn.split(":", 6)
        if not secret_name.startswith(f"flowise/{stack}/"):
            yield (
                f"{key}: {arn} is not a secret of this stack, whose roles read none but flowise/{stack}/...; "
                f"create it with `aws secretsmanager create-secret --name flowise/{stack}/...`"
            )
        if region != sections.get("region", region):
            yield f"{key}: {arn} is not in aws:region {sections['region']}; create or replicate it there"
