"""The rules as policies of Pulumi's analyzer, which asks for them during every preview and update."""

# The analyzer's SDK has types for its own classes only: what the engine sends is unknown to the checker.
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from pulumi.runtime import get_config_env
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.evaluate import EXCEPTION_RULES, evaluate, exceptions_of, is_protected
from policies.exceptions import PolicyException
from policies.model import Finding, Resource, Rule, Stack
from policies.rules import RULES
from policies.wire import convert_when_read

Report = Callable[[str, str | None], None]
_LEVELS = {"mandatory": EnforcementLevel.MANDATORY, "advisory": EnforcementLevel.ADVISORY}


def make_policies(config: Mapping[str, str], today: date) -> list[Policy]:
    """One policy a rule, and one for the exceptions of the stack file."""
    convert_when_read()
    exceptions = exceptions_of(config)
    protected = is_protected(config)
    evaluated = [
        _resource_policy(rule, exceptions, today) if rule.on_resource else _stack_policy(rule, config, today)
        for rule in RULES
        if protected or not rule.protected_only
    ]
    return [*evaluated, _exceptions_policy(config, today)]


def config_of_this_stack() -> Mapping[str, str]:
    """What a Python policy pack is handed as PULUMI_CONFIG.

    Pulumi's Python host asks the engine for the stack's configuration before it starts the pack (pulumi 3.274.1,
    sdk/python/cmd/pulumi-language-python/main.go, `RunPlugin`).
    """
    return cast("Mapping[str, str]", get_config_env())


def _resource_policy(rule: Rule, exceptions: Sequence[PolicyException], today: date) -> Policy:
    def validate(args: ResourceValidationArgs, report: Report) -> None:
        # The SDK asks every policy about every resource.
        if not rule.is_about(args.resource_type):
            return
        resource = Resource(
            type=args.resource_type,
            name=args.name,
            urn=args.urn,
            props=args.props,
            protect=args.opts.protect,
        )
        for finding in rule.evaluate_resource(resource).findings:
            if not any(e.expires >= today and e.covers(finding) for e in exceptions):
                report(_message(finding), None)

    return ResourceValidationPolicy(**_about(rule), validate=validate)


def _stack_policy(rule: Rule, config: Mapping[str, str], today: date) -> Policy:
    def validate(args: StackValidationArgs, report: Report) -> None:
        for finding in evaluate(stack_of(args.resources, config, today), exceptions_of(config), [rule]).findings:
            if finding.rule == rule.id:
                report(_message(finding), finding.urn or None)

    return StackValidationPolicy(**_about(rule), validate=validate)


def _exceptions_policy(config: Mapping[str, str], today: date) -> Policy:
    def validate(args: StackValidationArgs, report: Report) -> None:
        for finding in evaluate(stack_of(args.resources, config, today), exceptions_of(config)).findings:
            if finding.rule in EXCEPTION_RULES:
                report(_message(finding), None)

    return StackValidationPolicy(
        name="policy_exceptions",
        description="Exceptions in the stack file name a rule, a finding and a date to come",
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )


def _about(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.id,
        "description": rule.reason,
        "enforcement_level": _LEVELS[rule.severity],
        "remediation_steps": rule.fix,
        "tags": [rule.theme, *rule.controls],
    }


def _message(finding: Finding) -> str:
    return f"{finding.message}. To fix it: {finding.fix}"


def stack_of(resources: Sequence[PolicyResource], config: Mapping[str, str], today: date) -> Stack:
    """The whole stack as the rules see it.

    For a stack the engine hands outputs, for a single resource inputs (`AnalyzeResources` and `analyzeAll` in its
    `step_generator.go`). A resource whose provider is not configured yet has no outputs at all in a preview
    (`provider_plugin.go`, Create and Update): all of it is unknown.
    """
    return Stack(
        name="",
        protected=is_protected(config),
        today=today,
        resources=tuple(
            Resource(
                type=resource.resource_type,
                name=resource.name,
                urn=resource.urn,
                id=_id(resource.props),
                props=resource.props,
                unknown=not resource.props,
                protect=resource.opts.protect,
                depends_on=frozenset(d.urn for d in resource.dependencies),
            )
            for resource in resources
        ),
    )


def _id(props: Mapping[str, Any]) -> str:
    value = props.get("id")
    return value if isinstance(value, str) else ""
