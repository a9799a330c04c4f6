"""What rules are made of: resources as plain values, findings, and the decorators that register a rule."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import Any, Literal, cast

from policies.unknown import UNKNOWN, Undecided, decide, noted, those

Severity = Literal["mandatory", "advisory"]
STACK_NAME = "stack"
"""Resource name of a finding about the whole stack."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource, whoever recorded it."""

    type: str
    name: str
    """Logical name."""
    props: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Inputs in camelCase, without secret wrappers; what a preview cannot know is `UNKNOWN`."""
    id: str = ""
    """Physical id; empty while it is unknown."""
    urn: str = ""
    protect: bool = False
    depends_on: frozenset[str] = frozenset()
    """URNs of the resources that the inputs come from."""
    unknown: bool = False
    """Whether nothing of it is known, as of a Kubernetes object whose cluster does not exist yet."""

    def get(self, path: str) -> Any:
        """Value at a path such as `vpcConfig.endpointPublicAccess`: None if absent, `UNKNOWN` if not known yet."""
        return at(UNKNOWN if self.unknown else self.props, path)

    def items(self, path: str) -> list[Any]:
        """The list at a path; empty if absent. Raises `Undecided` if it is unknown."""
        return items(UNKNOWN if self.unknown else self.props, path)

    def lacks(self, path: str, *allowed: object) -> bool:
        """Whether the value is known and not one of `allowed`."""
        value = self.get(path)
        return value is not UNKNOWN and value not in allowed

    def without(self, path: str) -> bool:
        """Whether the value is known to be absent or empty."""
        value = self.get(path)
        return value is not UNKNOWN and not value


def at(value: Any, path: str) -> Any:
    """Value at a path of keys; None if absent, `UNKNOWN` if it, or what holds it, is not known yet."""
    for key in path.split("."):
        if not isinstance(value, Mapping):
            break
        value = cast("Mapping[str, Any]", value).get(key)
    else:
        return UNKNOWN if noted(value) else value
    return UNKNOWN if noted(value) else None


def items(value: Any, path: str) -> list[Any]:
    """The list at a path; empty if absent. Raises `Undecided` if it is unknown."""
    found = _known(at(value, path))
    return list(cast("list[Any]", found)) if isinstance(found, list) else []


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a mapping; otherwise an empty one. Raises `Undecided` if it is unknown."""
    return cast("dict[str, Any]", value) if isinstance(_known(value), dict) else {}


def text(value: object) -> str:
    """The value if it is a text; otherwise nothing. Raises `Undecided` if it is unknown."""
    known = _known(value)
    return known if isinstance(known, str) else ""


def known_text(value: object) -> str:
    """The value if it is a text that is known; otherwise nothing. For rules that an absent text cannot break."""
    return "" if noted(value) else text(value)


def number(value: object) -> float | None:
    """The value if it is a number; None if it is absent or something else. Raises `Undecided` if it is unknown."""
    known = _known(value)
    return known if isinstance(known, int | float) and not isinstance(known, bool) else None


def _known(value: Any) -> Any:
    if value is UNKNOWN:
        raise Undecided
    return value


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources of one stack, and what its file says about it."""

    name: str
    resources: tuple[Resource, ...]
    protected: bool = True
    """The setting `flowise:protected`: this stack holds what people would miss."""
    today: date

    @cached_property
    def _by_type(self) -> Mapping[str, Sequence[tuple[int, Resource]]]:
        """Resources with their places, by type: every rule asks for some of them, most of them more than once."""
        found: dict[str, list[tuple[int, Resource]]] = {}
        for place in enumerate(self.resources):
            found.setdefault(place[1].type, []).append(place)
        return found

    def of(self, *types: str) -> list[Resource]:
        """Resources of these types, in the order of the stack."""
        placed = chain.from_iterable(self._by_type.get(type_, ()) for type_ in dict.fromkeys(types))
        return [resource for _, resource in sorted(placed, key=itemgetter(0))]

    def companions(self, owner: Resource, type_: str, key: str) -> list[Resource]:
        """Resources of `type_` whose input `key` is the id of `owner`.

        Raises `Undecided` when none is known to be one, and one may turn out to be.
        """
        return those(self.of(type_), lambda resource: self.belongs(resource, resource.get(key), owner))

    def belongs(self, resource: Resource, value: object, owner: Resource) -> bool:
        """Whether an input of `resource` is the id of `owner`. Raises `Undecided` while that cannot be known."""
        if refers(resource, value, owner):
            return True
        is_open = value is UNKNOWN or (isinstance(value, str) and not owner.id)
        # Where a value comes from is known before the value: what belongs to another owner does not belong to this one.
        others = frozenset(other.urn for other in self.of(owner.type)) - {owner.urn}
        if is_open and not resource.depends_on & others:
            raise Undecided
        return False


def refers(resource: Resource, value: object, owner: Resource) -> bool:
    """Whether an input of `resource` is the id, ARN or name of `owner`; before they are known, by its dependencies."""
    if isinstance(value, str) and owner.id:
        return value == owner.id or value.endswith((f":{owner.id}", f"/{owner.id}"))
    is_open = value is UNKNOWN or isinstance(value, str)
    return is_open and (owner.urn in resource.depends_on or owner.name == resource.name)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule broken by one resource."""

    rule: str
    severity: Severity
    resource: str
    """Logical name, or `STACK_NAME`."""
    urn: str = ""
    message: str
    """What is wrong, with the value."""
    fix: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rule says about a stack, or about one resource."""

    findings: tuple[Finding, ...] = ()
    undecided: frozenset[str] = frozenset()
    """Names of the resources that it could not decide about, for a value that is not known yet; `STACK_NAME`."""


ResourceCheck = Callable[[Resource], Iterator[str]]
"""Says what is wrong with a resource."""
OwnerCheck = Callable[[Stack, Resource], Iterator[str]]
"""Says what is wrong with a resource among all others."""
StackCheck = Callable[[Stack], Iterator[str]]
"""Says what is wrong with the stack."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A function that finds mistakes, and what a person needs to know about it."""

    id: str
    """Name of the function."""
    theme: str
    """Name of the file in `policies/rules`."""
    reason: str
    fix: str
    controls: tuple[str, ...]
    severity: Severity
    protected_only: bool
    """Evaluated only on stacks that are protected."""
    types: tuple[str, ...]
    """Types of the resources that findings are about; empty for a rule about the stack itself, `*` for all."""
    on_resource: ResourceCheck | None = None
    """Needs one resource: the engine hands its inputs before anything is made."""
    on_owner: OwnerCheck | None = None
    """Needs the resources beside it too: the engine hands outputs, at the end."""
    on_stack: StackCheck | None = None

    def applies(self, resource: Resource) -> bool:
        """Whether the rule is about this resource."""
        return self.is_about(resource.type)

    def is_about(self, type_: str) -> bool:
        """Whether the rule is about resources of this type."""
        return type_ in self.types or "*" in self.types

    def evaluate_resource(self, resource: Resource) -> Outcome:
        """Evaluate one resource; a rule that needs the whole stack says nothing."""
        if not self.on_resource or not self.applies(resource):
            return Outcome()
        return self._outcome(resource, self.on_resource(resource))

    def evaluate(self, stack: Stack) -> Outcome:
        """Evaluate a stack, whatever the rule looks at."""
        if self.protected_only and not stack.protected:
            return Outcome()
        if self.on_stack:
            return self._outcome(None, self.on_stack(stack))
        concerned = stack.resources if "*" in self.types else stack.of(*self.types)
        outcomes = [
            self._outcome(resource, self.on_owner(stack, resource))
            if self.on_owner
            else self.evaluate_resource(resource)
            for resource in concerned
        ]
        return Outcome(
            findings=tuple(finding for outcome in outcomes for finding in outcome.findings),
            undecided=frozenset(name for outcome in outcomes for name in outcome.undecided),
        )

    def _outcome(self, resource: Resource | None, messages: Iterator[str]) -> Outcome:
        name = resource.name if resource else STACK_NAME
        if resource and resource.unknown:
            return Outcome(undecided=frozenset({name}))
        found, is_open = decide(messages)
        return Outcome(
            findings=tuple(self._finding(resource, message) for message in found),
            undecided=frozenset({name} if is_open else ()),
        )

    def _finding(self, resource: Resource | None, message: str) -> Finding:
        return Finding(
            rule=self.id,
            severity=self.severity,
            resource=resource.name if resource else STACK_NAME,
            urn=resource.urn if resource else "",
            message=message,
            fix=self.fix,
        )


REGISTERED: list[Rule] = []
"""Every rule, in the order of its file; complete once `policies.rules` is imported."""


def rule(
    *types: str,
    fix: str,
    controls: Collection[str] = (),
    severity: Severity = "mandatory",
    protected_only: bool = False,
) -> Callable[[ResourceCheck], ResourceCheck]:
    """Register a rule over single resources of `types`. Its id is the function's name, its reason the docstring."""

    def register(check: ResourceCheck) -> ResourceCheck:
        REGISTERED.append(
            _make(check, types, fix, controls, severity, protected_only=protected_only, on_resource=check)
        )
        return check

    return register


def owner_rule(
    *types: str,
    fix: str,
    controls: Collection[str] = (),
    severity: Severity = "mandatory",
    protected_only: bool = False,
) -> Callable[[OwnerCheck], OwnerCheck]:
    """Register a rule over resources of `types` that needs others of the stack. Otherwise as `rule`."""

    def register(check: OwnerCheck) -> OwnerCheck:
        REGISTERED.append(_make(check, types, fix, controls, severity, protected_only=protected_only, on_owner=check))
        return check

    return register


def stack_rule(
    *, fix: str, controls: Collection[str] = (), severity: Severity = "mandatory", protected_only: bool = False
) -> Callable[[StackCheck], StackCheck]:
    """Register a rule about the stack itself. Its id is the function's name, its reason the docstring."""

    def register(check: StackCheck) -> StackCheck:
        REGISTERED.append(_make(check, (), fix, controls, severity, protected_only=protected_only, on_stack=check))
        return check

    return register


def _make(
    check: Callable[..., Any],
    types: tuple[str, ...],
    fix: str,
    controls: Collection[str],
    severity: Severity,
    *,
    protected_only: bool,
    on_resource: ResourceCheck | None = None,
    on_owner: OwnerCheck | None = None,
    on_stack: StackCheck | None = None,
) -> Rule:
    return Rule(
        id=check.__name__,
        theme=check.__module__.rpartition(".")[2],
        reason=" ".join((inspect.getdoc(check) or "").split()),
        fix=fix,
        controls=tuple(controls),
        severity=severity,
        protected_only=protected_only,
        types=types,
        on_resource=on_resource,
        on_owner=on_owner,
        on_stack=on_stack,
    )
