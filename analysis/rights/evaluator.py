"""What IAM answers, for the operators that the policies here use (IAM user guide, "Policy evaluation logic")."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, cast

Statement = Mapping[str, Any]
Context = Mapping[str, str | list[str]]


def may(statements: Iterable[Statement], action: str, resource: str, context: Context | None = None) -> bool:
    """Whether an action on a resource is allowed: some statement allows it, and none denies it."""
    effects = {s["Effect"] for s in statements if _applies(s, action, resource, context or {})}
    return effects == {"Allow"}


def _applies(statement: Statement, action: str, resource: str, context: Context) -> bool:
    actions = statement.get("Action", statement.get("NotAction"))
    if _any(actions, action.lower(), lower=True) is ("NotAction" in statement):
        return False
    resources = statement.get("Resource", statement.get("NotResource"))
    return _any(resources, resource) is not ("NotResource" in statement) and all(
        OPERATORS[operator](context.get(key), _listed(wanted))
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _any(patterns: object, value: str, *, lower: bool = False) -> bool:
    return _compiled(tuple(_listed(patterns)), lower).fullmatch(value) is not None


def like(value: str, pattern: str) -> bool:
    """IAM's wildcards: `*` and `?`, which match every character, also `/` and `:`."""
    return _any(pattern, value)


@cache
def _compiled(patterns: tuple[str, ...], lower: bool) -> re.Pattern[str]:
    """All patterns of a statement at once: a policy is asked about thousands of actions."""
    escaped = (re.escape(pattern.lower() if lower else pattern) for pattern in patterns)
    return re.compile("|".join(each.replace(r"\*", ".*").replace(r"\?", ".") for each in escaped), re.DOTALL)


def _listed(value: object) -> list[str]:
    return [value] if isinstance(value, str) else cast("list[str]", value)


def _equals(found: object, wanted: list[str]) -> bool:
    return found is not None and any(value in wanted for value in _listed(found))


def _like(found: object, wanted: list[str]) -> bool:
    return found is not None and any(like(value, pattern) for value in _listed(found) for pattern in wanted)


OPERATORS: dict[str, Callable[[object, list[str]], bool]] = {
    # A key that is not in the request makes a negated operator true, and the others false (IAM user guide, "IAM JSON
    # policy elements: Condition operators").
    "ArnEquals": _like,  # the same as ArnLike: both know the wildcards
    "StringEquals": _equals,
    "StringNotEquals": lambda found, wanted: not _equals(found, wanted),
    "StringLike": _like,
    "StringNotLike": lambda found, wanted: not _like(found, wanted),
    "StringLikeIfExists": lambda found, wanted: found is None or _like(found, wanted),
    "ForAllValues:StringLike": lambda found, wanted: found is None or all(_like(v, wanted) for v in _listed(found)),
}
