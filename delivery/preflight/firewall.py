"""Whether AWS's managed rule groups hold today what docs/edge.md decides about.

WAF's API says which rules a group has and what it costs in capacity (AWS WAF API reference, DescribeManagedRuleGroup);
what a rule looks at is in its name only.
"""

from collections.abc import Iterator
from typing import Any

from components.edge.capacity import (
    ANONYMOUS_GROUP,
    ANONYMOUS_WCU,
    MANAGED_GROUPS,
    PATTERN_SETS_OF_AN_ACCOUNT,
)
from components.edge.managed_rules import GROUP_OF
from delivery.preflight.model import Answer, Subject


def firewall(subject: Subject) -> Iterator[Answer]:
    """Compare the rules of each group that the stack uses, and its capacity, with what this program knows."""
    edge = subject.settings.cloudfront
    if edge is None:
        return
    client = subject.ask("wafv2", "us-east-1")  # the web ACL of a distribution, and its rule groups, are there
    counted = {name.rpartition("/")[2] for name in edge.counted_rules}
    used = {**MANAGED_GROUPS, ANONYMOUS_GROUP: ANONYMOUS_WCU} if edge.block_anonymous_addresses else MANAGED_GROUPS
    different = False
    for group, capacity in used.items():
        found = client.describe_managed_rule_group(VendorName="AWS", Name=group, Scope="CLOUDFRONT")
        names = {str(rule["Name"]) for rule in found["Rules"]}
        known = {name for name, of in GROUP_OF.items() if of == group}
        for name in sorted(names - known - counted):
            different = True
            yield Answer(
                about="firewall",
                good=None,
                text=f"AWS has added the rule {name} to {group}, and nobody has decided about it: it blocks",
                todo=f'if it refuses what people send: "{group}/{name}" in flowise:edge.counted_rules',
            )
        if gone := sorted(known - names):
            different = True
            yield Answer(
                about="firewall",
                good=None,
                text=f"{group} has no rule {', '.join(gone)} any more",
                todo="AWS has taken it back or named it otherwise; take a release of this program that knows",
            )
        if (now := int(found["Capacity"])) != capacity:
            different = True
            yield Answer(
                about="firewall",
                good=None,
                text=f"{group} takes {now} WCU, and the program counts with {capacity}",
                todo="above 1,500 WCU in all AWS charges more for each request, above 5,000 it refuses the web ACL",
            )
    if not different:
        yield Answer(about="firewall", good=True, text=f"{len(used)} managed rule groups are as docs/edge.md has them")
    yield from _pattern_sets(subject, client, edge.pattern_sets)


def _pattern_sets(subject: Subject, client: Any, wanted: int) -> Iterator[Answer]:
    """Whether the account has room for the sets of a new stack beside those of its others.

    Too many are doubtful and not refused: the quota may have been raised.
    """
    if subject.is_deployed():
        return
    used = len(client.list_regex_pattern_sets(Scope="CLOUDFRONT", Limit=100)["RegexPatternSets"])
    if used + wanted > PATTERN_SETS_OF_AN_ACCOUNT:
        yield Answer(
            about="firewall",
            good=None,
            text=f"regex pattern sets for CloudFront: {used} used and {wanted} needed of {PATTERN_SETS_OF_AN_ACCOUNT}, "
            "AWS's default",
            todo="ask for more in Service Quotas (us-east-1, AWS WAF, regex pattern sets), or shorten "
            "flowise:edge.blocked_paths of the account's stacks",
        )
