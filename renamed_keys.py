"""Keys of stack files that have another name now: the old one is accepted for one release, with a warning."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

PROJECT: Final = "flowise"
_KEYS: Final = {
    ("app", "longest_request_seconds"): "drain_timeout_seconds",
    ("observability", "check"): "canary",
}
"""New name of a key, by its section and its old name."""
_SECRETS: Final = {"check_password": "canary_password"}
"""New name of a flat secret key, by its old name."""


def with_current_names(
    values: Mapping[str, str], secret_keys: Iterable[str]
) -> tuple[dict[str, str], set[str], list[str]]:
    """Configuration values and secret keys under today's names, and a warning for each old name that was used.

    A key that stands there under both names keeps the old one, which is then refused as unknown.
    """
    current, secret, warnings = dict(values), set(secret_keys), list[str]()
    for old, new in _SECRETS.items():
        old_key, new_key = f"{PROJECT}:{old}", f"{PROJECT}:{new}"
        if old_key in current and new_key not in current:
            current[new_key] = current.pop(old_key)
            secret = {new_key if key == old_key else key for key in secret}
            warnings.append(_warning(old_key, new_key))
    for (section, old), new in _KEYS.items():
        key = f"{PROJECT}:{section}"
        content = _structure(current.get(key, ""))
        if old in content and new not in content:
            current[key] = json.dumps({new if name == old else name: value for name, value in content.items()})
            warnings.append(_warning(f"{key}.{old}", f"{key}.{new}"))
    return current, secret, warnings


def stored_secret(name: str, values: Mapping[str, str]) -> str:
    """Name under which the stack file holds the secret `name`."""
    old = next((old for old, new in _SECRETS.items() if new == name), name)
    return old if f"{PROJECT}:{old}" in values and f"{PROJECT}:{name}" not in values else name


def _structure(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _warning(old: str, new: str) -> str:
    return f"{old} is called {new} now; rename it: only this release accepts the old name"
