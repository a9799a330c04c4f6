"""What a preview cannot know refuses nothing: rule by rule, and both stacks as the engine hands them."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest

from analysis.stackfiles import read_stack
from policies.evaluate import evaluate, exceptions_of
from policies.exceptions import PolicyException
from policies.model import Resource, Rule, at, items, known_text, mapping, number, text
from policies.rules import BY_ID, RULES
from policies.unknown import UNKNOWN, Undecided, decide, those
from tests.conftest import recorded
from tests.policies.engine_view import first_preview, new_cluster
from tests.policies.test_rules import SAMPLES, TODAY, resources_of, stack

RULES_WITH_SAMPLES = sorted(SAMPLES)
USES: list[Callable[[Any], object]] = [
    bool,
    lambda v: v == "a",
    lambda v: v != "a",
    lambda v: v in ("a", "b"),
    lambda v: "a" in v,
    lambda v: "a" in ["b", v],
    lambda v: {v},
    list,
    len,
    lambda v: v["a"],
    lambda v: v > 1,
    lambda v: v.get("a"),
    text,
    number,
    mapping,
    lambda v: items({"a": v}, "a"),
]
"""What a rule may do with a value."""
BY_TYPE = {"type_known"}
"""What it asks is known of every resource."""
BY_EXISTENCE = {"iam_no_users", "data_protected", *BY_TYPE}
"""What they ask needs no value: that the resource is there, and how its options are."""


def veiled(value: Any) -> Iterator[Any]:
    """A value with each part of it unknown in turn, and all of it."""
    yield UNKNOWN
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        for key, item in entries.items():
            for hidden in veiled(item):
                yield {**entries, key: hidden}
    elif isinstance(value, list):
        parts = cast("list[Any]", value)
        for index, item in enumerate(parts):
            for hidden in veiled(item):
                yield [*parts[:index], hidden, *parts[index + 1 :]]


def less_known(resource: Resource) -> Iterator[Resource]:
    """A resource with each value unknown in turn, all of them, its id, and the resource as a whole."""
    for key, value in resource.props.items():
        for hidden in veiled(value):
            yield replace(resource, props={**resource.props, key: hidden})
    every = dict.fromkeys(resource.props, UNKNOWN)
    yield replace(resource, props=every)
    yield replace(resource, props=every, id="")
    yield replace(resource, id="")
    yield replace(resource, props={}, id="", unknown=True)


def variants(resources: list[Resource]) -> Iterator[list[Resource]]:
    """A sample with less known of one resource in turn, and with nothing known of all."""
    for index, resource in enumerate(resources):
        for hidden in less_known(resource):
            yield [*resources[:index], hidden, *resources[index + 1 :]]
    yield [replace(r, props=dict.fromkeys(r.props, UNKNOWN), id="") for r in resources]
    yield [replace(r, props={}, id="", unknown=True) for r in resources]


def messages(rule: Rule, resources: list[Resource]) -> set[str]:
    """What a rule says about resources."""
    return {finding.message for finding in rule.evaluate(stack(resources)).findings}


def test_what_passes_is_not_refused_when_less_of_it_is_known() -> None:
    refused = [
        (name, said, resources)
        for name in RULES_WITH_SAMPLES
        for resources in variants(resources_of(BY_ID[name], SAMPLES[name][1]))
        if (said := messages(BY_ID[name], resources))
    ]
    assert not refused, str(refused)


def test_what_breaks_is_refused_for_known_values_only() -> None:
    refused = [(name, seen) for name in RULES_WITH_SAMPLES for seen in refused_without_knowing(name)]
    assert not refused, str(refused)


def refused_without_knowing(name: str) -> Iterator[list[Resource]]:
    """Resources of which a rule says more than of the sample that breaks it, or anything without knowing a value."""
    rule = BY_ID[name]
    breaks = resources_of(rule, SAMPLES[name][0])
    allowed = messages(rule, breaks)
    seen = list(variants(breaks))
    yield from (resources for resources in seen if len(messages(rule, resources)) > len(allowed))
    without_anything = [] if rule.on_stack or name in BY_TYPE else [seen[-1]]
    if rule.on_resource and name not in BY_EXISTENCE:  # also what the sample lacks, and another one has, is unknown
        (broken,) = breaks
        keys = {key for sample in SAMPLES[name] for r in resources_of(rule, sample) for key in r.props}
        without_anything.append([replace(broken, props=dict.fromkeys(keys, UNKNOWN))])
    yield from (resources for resources in without_anything if messages(rule, resources))


def test_a_rule_says_that_it_could_not_decide() -> None:
    undecided: dict[str, set[str]] = {}
    concerned: dict[str, set[str]] = {}
    for name in RULES_WITH_SAMPLES:
        rule = BY_ID[name]
        if rule.types:
            resources = [replace(r, props={}, id="", unknown=True) for r in resources_of(rule, SAMPLES[name][1])]
            concerned[name] = {r.name for r in resources if rule.applies(r)}
            undecided[name] = set(rule.evaluate(stack(resources)).undecided)
    differ = [name for name in concerned if undecided[name] != concerned[name]]
    assert concerned
    assert not differ, str(differ)


@pytest.mark.parametrize("optional", [False, True], ids=["decided-by-aws", "all-that-aws-may-decide"])
def test_the_first_preview_of_a_stack_is_not_refused(stack: str, *, optional: bool) -> None:
    values = read_stack(stack).values
    seen = first_preview(recorded(stack, preview=True), values, TODAY, optional=optional)
    assert evaluate(seen, exceptions_of(values)).mandatory == ()


def test_a_preview_that_replaces_the_cluster_is_not_refused(stack: str) -> None:
    values = read_stack(stack).values
    assert evaluate(new_cluster(recorded(stack), values, TODAY), exceptions_of(values)).mandatory == ()


def test_a_mistake_that_is_known_is_found_beside_what_is_not() -> None:
    values = read_stack("dev").values
    seen = first_preview(recorded("dev", preview=True), values, TODAY, optional=False)
    fewer = replace(seen, resources=tuple(r for r in seen.resources if "PublicAccessBlock" not in r.type))
    assert {f.rule for f in evaluate(fewer, exceptions_of(values)).mandatory} == {"s3_public_access_blocked"}


def exception(rule: str, resource: str) -> PolicyException:
    """An exception that holds today."""
    reason = "There is a reason for this one"
    return PolicyException(rule=rule, resource=resource, reason=reason, expires=date(2027, 6, 30))


@pytest.mark.parametrize(
    ("rule", "resource", "needed"),
    [
        ("namespace_default_deny", "keda", True),  # its NetworkPolicies cannot be seen yet
        ("pod_not_root", "telemetry-*", True),
        ("pod_not_root", "no-such-pods", False),
        ("rds_private", "database", False),  # this value is known
        ("rds_private", "elsewhere", False),
    ],
)
def test_an_exception_is_useless_only_if_what_it_excepts_was_evaluated(
    rule: str, resource: str, *, needed: bool
) -> None:
    values = read_stack("prod").values
    seen = first_preview(recorded("prod", preview=True), values, TODAY, optional=False)
    found = {f.rule for f in evaluate(seen, [*exceptions_of(values), exception(rule, resource)]).mandatory}
    assert found == (set() if needed else {"exception_needed"})


@pytest.mark.parametrize("use", USES)
def test_nothing_can_be_decided_with_an_unknown_value(use: Any) -> None:
    with pytest.raises(Undecided):
        use(UNKNOWN)


def test_a_rule_may_go_on_beside_an_unknown_value() -> None:
    assert at({"a": UNKNOWN}, "a.b") is UNKNOWN
    found, is_open = decide(m for m in ["known"] if not known_text(UNKNOWN))
    assert (found, is_open) == (["known"], True)
    assert decide(iter(["known"])) == (["known"], False)


def test_a_candidate_that_passes_is_enough() -> None:
    assert those(["a", UNKNOWN], lambda c: bool(c == "a")) == ["a"]
    assert those(["b", "c"], lambda c: bool(c == "a")) == []
    with pytest.raises(Undecided):
        those(["b", UNKNOWN], lambda c: bool(c == "a"))


def test_every_rule_is_among_them() -> None:
    assert {rule.id for rule in RULES} - set(RULES_WITH_SAMPLES) == {"stack_protected"}
