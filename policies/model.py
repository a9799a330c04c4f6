"""What rules are made of: resources as plain values, findings, and the decorators that register a rule."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, cast, final

Severity = Literal["mandatory", "advisory"]
STACK_NAME = "stack"
"""Resource name of a finding about the whole stack."""


@final
class Unknown:
    """A value that a preview cannot know. It is truthy and equal to nothing: no rule judges it."""


UNKNOWN: Final = Unknown()


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

    def get(self, path: str) -> Any:
        """Value at a path such as `vpcConfig.endpointPublicAccess`: None if absent, `UNKNOWN` if not known yet."""
        return at(self.props, path)

    def items(self, path: str) -> list[Any]:
        """The list at a path; empty if absent or unknown."""
        return items(self.props, path)

    def lacks(self, path: str, *allowed: object) -> bool:
        """Whether the value is known and not one of `allowed`."""
        value = self.get(path)
        return value is not UNKNOWN and value not in allowed

    def without(self, path: str) -> bool:
        """Whether the value is absent or empty."""
        return not self.get(path)


def at(value: Any, path: str) -> Any:
    """Value at a path of keys; None if absent, `UNKNOWN` if it, or what holds it, is not known yet."""
    for key in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, Any]", value).get(key)
    return value


def items(value: Any, path: str) -> list[Any]:
    """The list at a path; empty if absent or unknown."""
    found = at(value, path)
    return list(cast("list[Any]", found)) if isinstance(found, list) else []


def mapping(value: object) -> dict[str, Any]:
    """The value if it is a mapping; otherwise an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def text(value: object) -> str:
    """The value if it is a text; otherwise nothing."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """The value if it is a number; None if it is absent, unknown or something else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, kw_only=True)
class Stack:
    """All resources of one stack, and what its file says about it."""

    name: str
    resources: tuple[Resource, ...]
    protected: bool = True
    """The setting `flowise:protected`: this stack holds what people would miss."""
    today: date

    def of(self, *types: str) -> list[Resource]:
        """Resources of these types."""
        return [resource for resource in self.resources if resource.type in types]

    def companions(self, owner: Resource, type_: str, key: str) -> list[Resource]:
        """Resources of `type_` whose input `key` is the id of `owner`."""
        return [r for r in self.of(type_) if refers(r, r.get(key), owner)]


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


ResourceCheck = Callable[[Resource], Iterator[str]]
"""Says what is wrong with a resource."""
StackCheck = Callable[[Stack], Iterator[tuple[Resource | None, str]]]
"""Says what is wrong with which resource; None is the stack itself."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A function that judges, and what a person needs to know about it."""

    id: str
    """Name of the function."""
    theme: str
    """Name of the file in `policies/rules`."""
    reason: str
    fix: str
    controls: tuple[str, ...]
    severity: Severity
    protected_only: bool
    """Judges only stacks that are protected."""
    types: tuple[str, ...]
    """Types of a rule over single resources; empty for a rule over the stack, `*` for all."""
    on_resource: ResourceCheck | None = None
    on_stack: StackCheck | None = None

    def applies(self, resource: Resource) -> bool:
        """Whether the rule judges resources of this type."""
        return resource.type in self.types or "*" in self.types

    def judge_resource(self, resource: Resource) -> Iterator[Finding]:
        """Findings about one resource; none from a rule over the stack."""
        if self.on_resource and self.applies(resource):
            for message in self.on_resource(resource):
                yield self._finding(resource, message)

    def judge_stack(self, stack: Stack) -> Iterator[Finding]:
        """Findings about the whole stack; none from a rule over single resources."""
        if self.on_stack and (stack.protected or not self.protected_only):
            for resource, message in self.on_stack(stack):
                yield self._finding(resource, message)

    def judge(self, stack: Stack) -> Iterator[Finding]:
        """All findings, whatever the rule looks at."""
        if stack.protected or not self.protected_only:
            for resource in stack.resources:
                yield from self.judge_resource(resource)
        yield from self.judge_stack(stack)

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


def stack_rule(
    *, fix: str, controls: Collection[str] = (), severity: Severity = "mandatory", protected_only: bool = False
) -> Callable[[StackCheck], StackCheck]:
    """Register a rule over the whole stack. Its id is the function's name, its reason the docstring."""

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
        on_stack=on_stack,
    )
