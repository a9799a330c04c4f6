"""What AWS's managed groups may block of what people send: decided rule by rule, and a stack may decide more."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.recorder import Recording
from components.edge.managed_rules import DECISIONS
from tests.conftest import recorded_with
from tests.test_settings import broken, set_key

PUBLISHED: Mapping[str, set[str]] = {
    "AWSManagedRulesCommonRuleSet": {
        *("SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER", "SizeRestrictions_BODY"),
        *("EC2MetaDataSSRF_BODY", "EC2MetaDataSSRF_COOKIE", "EC2MetaDataSSRF_QUERYARGUMENTS"),
        *("GenericLFI_QUERYARGUMENTS", "GenericLFI_BODY", "RestrictedExtensions_QUERYARGUMENTS"),
        *("GenericRFI_QUERYARGUMENTS", "GenericRFI_BODY"),
        *("CrossSiteScripting_COOKIE", "CrossSiteScripting_QUERYARGUMENTS", "CrossSiteScripting_BODY"),
    },
    "AWSManagedRulesKnownBadInputsRuleSet": {
        *("JavaDeserializationRCE_BODY", "JavaDeserializationRCE_QUERYSTRING"),
        *("Log4JRCE_BODY", "Log4JRCE_QUERYSTRING", "ReactJSRCE_BODY"),
    },
    "AWSManagedRulesSQLiRuleSet": {
        *("SQLi_QUERYARGUMENTS", "SQLiExtendedPatterns_QUERYARGUMENTS"),
        *("SQLi_BODY", "SQLiExtendedPatterns_BODY", "SQLi_COOKIE"),
    },
    "AWSManagedRulesLinuxRuleSet": {"LFI_QUERYSTRING"},
}
"""Rules about bodies, query strings and cookies, as AWS lists them ("Baseline rule groups", "Use-case specific rule
groups", static versions of 2026). Compare again when the changelog of AWS Managed Rules names a new one."""


def overrides(recording: Recording) -> dict[str, list[str]]:
    """Counted rules of each managed group of the web ACL."""
    found: dict[str, list[str]] = {}
    for rule in recording.only("aws:wafv2/webAcl:WebAcl").inputs["rules"]:
        group: dict[str, Any] = rule["statement"].get("managedRuleGroupStatement", {})
        if group:
            assert all(each["actionToUse"] == {"count": {}} for each in group.get("ruleActionOverrides", []))
            found[group["name"]] = [each["name"] for each in group.get("ruleActionOverrides", [])]
    return found


def test_every_published_rule_about_what_people_send_is_decided() -> None:
    decided: dict[str, set[str]] = {}
    for rule in DECISIONS:
        decided.setdefault(rule.group, set()).add(rule.name)
        assert rule.why
    assert decided == PUBLISHED


def test_no_rule_about_bodies_blocks(prod: Recording) -> None:
    """Prompts hold SQL, code and paths."""
    about_bodies = {name for names in PUBLISHED.values() for name in names if name.endswith("_BODY")}
    assert about_bodies <= {name for names in overrides(prod).values() for name in names}


def test_a_sign_in_with_many_groups_comes_back(prod: Recording) -> None:
    """A long code in the query string, and the load balancer's cookies, which may be 16 KB."""
    common = overrides(prod)["AWSManagedRulesCommonRuleSet"]
    assert {"SizeRestrictions_QUERYSTRING", "SizeRestrictions_Cookie_HEADER"} <= set(common)


def test_what_is_decided_is_what_the_firewall_has(recording: Recording) -> None:
    expected = {group: {r.name for r in DECISIONS if r.group == group and r.counted} for group in PUBLISHED}
    assert {group: set(names) for group, names in overrides(recording).items() if names} == {
        group: names for group, names in expected.items() if names
    }


def test_a_stack_lets_further_rules_count() -> None:
    further = ["GenericRFI_QUERYARGUMENTS", "NoUserAgent_HEADER", "AWSManagedRulesSQLiRuleSet/New_BODY", "SQLi_BODY"]
    counted = overrides(recorded_with("prod", {"edge.counted_rules": further}))
    assert counted["AWSManagedRulesCommonRuleSet"][-2:] == ["GenericRFI_QUERYARGUMENTS", "NoUserAgent_HEADER"]
    assert counted["AWSManagedRulesSQLiRuleSet"] == ["SQLi_BODY", "SQLiExtendedPatterns_BODY", "New_BODY"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("SQLi_Body", "did you mean SQLi_BODY?"),
        ("AWSManagedRulesSqliRuleSet/X", "did you mean AWSManagedRulesSQLiRuleSet?"),
        ("PHPHighRiskMethodsVariables_BODY", "is no rule of the groups that are on"),
    ],
)
def test_a_rule_that_no_group_has_is_refused(name: str, says: str) -> None:
    assert says in broken(set_key("edge.counted_rules", [name]))
