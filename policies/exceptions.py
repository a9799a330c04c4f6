"""What a stack file excepts from the rules: `flowise:policy_exceptions`."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BeforeValidator, Field

from components.common.model import Settings
from components.common.spelling import Spelling
from policies.model import STACK_NAME, Finding

LONGEST_DAYS = 366
"""An exception is looked at again after at most a year."""


def _day(given: object) -> object:
    """Read a date, and what Pulumi makes of one that stands in the stack file without quotation marks."""
    if not isinstance(given, str):
        return given
    try:
        return date.fromisoformat(given.removesuffix(" 00:00:00 +0000 UTC"))
    except ValueError:
        return given


class PolicyException(Settings):
    """A finding that this stack lives with, for a reason and for a time."""

    rule: Annotated[
        str,
        Spelling(
            pattern=r"^[a-z0-9_]+$",
            is_="the id of a rule",
            examples=["eks_endpoint_private"],
            wrong=((r"-", "ids have underscores, not hyphens"), (r"[A-Z ]", "it is not the id but a description")),
            find="`make policy STACK=NAME` prints it with each finding, docs/policies.md lists all",
        ),
    ]
    """Id of the rule (docs/policies.md)."""
    resource: Annotated[str, Field(min_length=1, examples=["database", "logs-*"])]
    """Logical name of the resource, as `make policy` shows it; `*` stands for any letters."""
    reason: Annotated[str, Field(min_length=20, examples=["People deploy from the office until the VPN is there"])]
    """Why this stack lives with it, for the person who looks at it next year."""
    expires: Annotated[date, BeforeValidator(_day), Field(examples=["2027-06-30"])]
    """Last day on which it holds, at most a year ahead; write it in quotes."""

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is meant, on whatever day."""
        return self.names(finding.rule, finding.resource)

    def names(self, rule: str, resource: str) -> bool:
        """Whether it is about this rule and this resource."""
        return rule == self.rule and fnmatchcase(resource, self.resource)


def judge_exceptions(
    exceptions: Sequence[PolicyException],
    findings: Sequence[Finding],
    undecided: Collection[tuple[str, str]],
    known_rules: Sequence[str],
    today: date,
) -> Iterator[Finding]:
    """Findings about the exceptions themselves; `findings` are those of all rules, before anything is excepted.

    `undecided` are the rules and resources that could not be evaluated yet: an exception from one may be needed.
    """
    for number, exception in enumerate(exceptions):
        name = f"policy_exceptions.{number} ({exception.rule})"
        if exception.rule not in known_rules:
            yield _finding("exception_known", f"{name}: there is no such rule", "correct the rule (docs/policies.md)")
        elif exception.expires < today:
            message = f"{name}: expired on {exception.expires}: {exception.reason}"
            yield _finding("exception_current", message, "fix the cause, or give a new date with a new reason")
        elif (exception.expires - today).days > LONGEST_DAYS:
            message = f"{name}: expires on {exception.expires}, more than a year ahead"
            yield _finding("exception_current", message, "choose a date within a year")
        elif not any(exception.covers(finding) for finding in findings) and not any(
            exception.names(rule, resource) for rule, resource in undecided
        ):
            message = f"{name}: excepts nothing: no finding about {exception.resource}"
            yield _finding("exception_needed", message, "remove it, or correct the name of the resource")


def _finding(rule: str, message: str, fix: str) -> Finding:
    return Finding(rule=rule, severity="mandatory", resource=STACK_NAME, message=message, fix=fix)
