"""Evaluates a stack by all rules and takes out what its file excepts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from policies.exceptions import PolicyException, judge_exceptions
from policies.model import Finding, Rule, Stack
from policies.rules import BY_ID, RULES

PROJECTS = ("flowise", "flowise-bootstrap")
"""Projects of this repository: each has its keys in a namespace of its own."""
EXCEPTION_RULES = ("exception_known", "exception_current", "exception_needed")
"""Ids of the findings about exceptions; they cannot be excepted."""


@dataclass(frozen=True, kw_only=True)
class PolicyReport:
    """What the rules say about one stack."""

    findings: tuple[Finding, ...]
    """What remains, mandatory first."""
    excepted: tuple[tuple[Finding, PolicyException], ...]
    undecided: frozenset[tuple[str, str]] = frozenset()
    """Rule and resource where a value that is not known yet decides."""

    @property
    def mandatory(self) -> tuple[Finding, ...]:
        """What stops a deployment."""
        return tuple(finding for finding in self.findings if finding.severity == "mandatory")


def evaluate(stack: Stack, exceptions: Sequence[PolicyException], rules: Sequence[Rule] = RULES) -> PolicyReport:
    """Evaluate a stack. An exception past its date excepts nothing."""
    outcomes = {rule.id: rule.evaluate(stack) for rule in rules}
    found = [finding for outcome in outcomes.values() for finding in outcome.findings]
    undecided = frozenset((rule, name) for rule, outcome in outcomes.items() for name in outcome.undecided)
    current = [exception for exception in exceptions if exception.expires >= stack.today]
    remaining: list[Finding] = []
    excepted: list[tuple[Finding, PolicyException]] = []
    for finding in found:
        exception = next((e for e in current if e.covers(finding)), None)
        if exception:
            excepted.append((finding, exception))
        else:
            remaining.append(finding)
    remaining += judge_exceptions(exceptions, found, undecided, list(BY_ID), stack.today)
    return PolicyReport(
        findings=tuple(sorted(remaining, key=lambda f: (f.severity != "mandatory", f.rule, f.resource, f.message))),
        excepted=tuple(excepted),
        undecided=undecided,
    )


def exceptions_of(config: Mapping[str, str]) -> list[PolicyException]:
    """Exceptions of a stack's configuration (`namespace:key` to text). The program has validated it before."""
    return TypeAdapter(list[PolicyException]).validate_json(_setting(config, "policy_exceptions", "[]"), strict=True)


def is_protected(config: Mapping[str, str]) -> bool:
    """The setting `protected`."""
    value: Any = json.loads(_setting(config, "protected", "true"))
    return value is not False


def _setting(config: Mapping[str, str], name: str, default: str) -> str:
    return next((config[key] for project in PROJECTS if (key := f"{project}:{name}") in config), default)
