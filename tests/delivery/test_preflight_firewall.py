"""AWS's managed rule groups against the table of decisions, with answers of the form that WAF's API model has."""

import json
from typing import Any

from components.edge.capacity import ANONYMOUS_GROUP, MANAGED_GROUPS
from components.edge.managed_rules import GROUP_OF
from delivery.preflight.firewall import firewall
from delivery.preflight.model import Answer
from tests.delivery.test_preflight import NO_CLUSTER, Stub, subject

COMMON = "AWSManagedRulesCommonRuleSet"


def groups(*, add: dict[str, str] | None = None, drop: str = "", capacity: dict[str, int] | None = None) -> list[Stub]:
    """What AWS would say of each group in turn: as the program knows them, but for what is added, dropped or dearer."""
    answers: list[Stub] = []
    for group, known in MANAGED_GROUPS.items():
        names = [name for name, of in GROUP_OF.items() if of == group and name != drop]
        names += [name for name, of in (add or {}).items() if of == group]
        rules: list[dict[str, Any]] = [{"Name": name, "Action": {"Block": {}}} for name in names]
        answers.append(
            ("describe_managed_rule_group", {"Capacity": (capacity or {}).get(group, known), "Rules": rules})
        )
    return answers


def sets(count: int) -> Stub:
    """The answer of an account that has this many sets already."""
    return "list_regex_pattern_sets", {"RegexPatternSets": [{"Name": f"edge-public-{n:07x}"} for n in range(count)]}


def found(*changes: str, there: int = 0, **different: Any) -> list[Answer]:
    return list(firewall(subject("prod", *changes, eks=[NO_CLUSTER], wafv2=[*groups(**different), sets(there)])))


def test_groups_that_are_as_the_table_says_are_good() -> None:
    (answer,) = found()
    assert answer.good is True


def test_the_group_of_anonymous_addresses_is_compared_where_it_is_used() -> None:
    names = [name for name, of in GROUP_OF.items() if of == ANONYMOUS_GROUP]
    anonymous: Stub = (
        "describe_managed_rule_group",
        {"Capacity": 60, "Rules": [{"Name": name, "Action": {"Block": {}}} for name in names]},
    )
    asked = subject(
        "prod", "edge.block_anonymous_addresses=true", eks=[NO_CLUSTER], wafv2=[*groups(), anonymous, sets(0)]
    )
    (answer,) = firewall(asked)
    assert answer.text == f"{ANONYMOUS_GROUP} takes 60 WCU, and the program counts with 50"


def test_a_rule_that_aws_added_is_named_with_the_setting_that_decides_about_it() -> None:
    (answer,) = found(add={"New_BODY": COMMON})
    assert (answer.good, "New_BODY" in answer.text) == (None, True)
    assert '"AWSManagedRulesCommonRuleSet/New_BODY" in flowise:edge.counted_rules' in answer.todo
    decided = found('edge.counted_rules=["AWSManagedRulesCommonRuleSet/New_BODY"]', add={"New_BODY": COMMON})
    assert [answer.good for answer in decided] == [True]


def test_a_rule_that_is_gone_and_another_capacity_are_said() -> None:
    gone, dearer = found(drop="SizeRestrictions_BODY", capacity={COMMON: 900})
    assert gone.text == f"{COMMON} has no rule SizeRestrictions_BODY any more"
    assert dearer.text == f"{COMMON} takes 900 WCU, and the program counts with 700"


def test_a_stack_without_a_firewall_asks_nothing() -> None:
    assert list(firewall(subject("internal", wafv2=[]))) == []


def test_the_sets_of_all_stacks_of_an_account_are_counted() -> None:
    assert [answer.good for answer in found(there=9)] == [True], "prod needs one, and ten are there for all stacks"
    full = found(there=10)
    assert [answer.good for answer in full] == [True, None]
    assert "10 used and 1 needed of 10" in full[1].text
    paths = [f"^/cve/{number}/" for number in range(11)]
    (_, said) = found(f"edge.blocked_paths={json.dumps(paths)}", "edge.capacity_limit_wcu=2000", there=8)
    assert "8 used and 3 needed of 10" in said.text
