"""How much of a web ACL's capacity the rules use, in web ACL capacity units (WCU)."""

import math
from collections.abc import Mapping
from typing import Final

LIMIT_WCU: Final = 5000
"""The most that a web ACL may use (AWS WAF quotas)."""
PATTERNS_IN_A_SET: Final = 10
"""Regular expressions that AWS WAF allows in one set (AWS WAF quotas)."""

MANAGED_GROUPS: Final[Mapping[str, int]] = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
}
"""AWS's rule groups that are always on, with their capacity (AWS WAF developer guide, rule groups list)."""
ANONYMOUS_GROUP: Final = "AWSManagedRulesAnonymousIpList"
ANONYMOUS_WCU = 50

_PATTERN_SET_WCU = 25
_IP_SET_WCU = 1
_RATE_WCU = 2
_BYTE_MATCH_WCU = 10  # CONTAINS; STARTS_WITH costs 2
_REGEX_WCU = 3
_TRANSFORMATION_WCU = 10
_MOST_SIGN_IN_PATTERNS = 6
"""Of Flowise's own paths, and of the five that a fork may name, one each at worst."""
PATTERN_SETS_OF_AN_ACCOUNT: Final = 10
"""For all stacks with CloudFront together, which has its own in us-east-1 (AWS WAF quotas, "Maximum number of regex
sets"; one can ask for more)."""


def pattern_sets(*, admin_plane: bool, blocked_paths: int) -> int:
    """Sets of regular expressions that `firewall.rules` makes for the same settings."""
    return int(admin_plane) + math.ceil(blocked_paths / PATTERNS_IN_A_SET)


def capacity_wcu(*, admin_plane: bool, anonymous_addresses: bool, blocked_paths: int) -> int:
    """Sum over the rules that `firewall.rules` makes for the same settings."""
    odd_path = _REGEX_WCU + _TRANSFORMATION_WCU
    body = _REGEX_WCU + _TRANSFORMATION_WCU
    blocked = _PATTERN_SET_WCU + 2 * _TRANSFORMATION_WCU
    rates = 2 * _RATE_WCU + _MOST_SIGN_IN_PATTERNS * _REGEX_WCU
    return (
        sum(MANAGED_GROUPS.values())
        + odd_path
        + body
        + rates
        + (_PATTERN_SET_WCU + _IP_SET_WCU if admin_plane else 0)
        + (ANONYMOUS_WCU if anonymous_addresses else 0)
        + math.ceil(blocked_paths / PATTERNS_IN_A_SET) * blocked
    )
