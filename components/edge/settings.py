"""What a stack decides about its edge."""

import ipaddress
import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from components.common.cidr import PublicCidr
from components.common.model import AS_A_SET, Settings
from components.edge.capacity import LIMIT_WCU, capacity_wcu, pattern_sets
from components.edge.managed_rules import CountedRules

_SHORTEST_MEANINGFUL = 4
_UNSUPPORTED = re.compile(r"\(\?<?[=!]|\(\?>|\(\?\(|\(\?P=|\(\*|\\[1-9]|[+*?}]\+")
"""AWS WAF Developer Guide, "Supported regular expression syntax in AWS WAF"."""


def _pattern(text: str) -> str:
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise ValueError(f"{text} is not a regular expression: {error}") from error
    if found := _UNSUPPORTED.search(text):
        raise ValueError(
            f"{text} uses {found[0]}, which AWS WAF does not support: no look-ahead or look-behind, back reference, "
            "atomic group, possessive quantifier, conditional or verb. Write the paths to block one by one"
        )
    lower = re.sub(r"(?<!\\)[A-Z]", lambda capital: capital[0].lower(), text)
    if lower != text:
        raise ValueError(f"{text} holds capitals, but paths are compared in lower case; write {lower}")
    if compiled.search("/") or compiled.search("/api/v1/ping"):
        raise ValueError(f"{text} also matches / or /api/v1/ping: it would take the whole site down")
    return text


def _part_of_the_internet(network: str) -> str:
    if network.endswith("/0"):
        raise ValueError(
            f"{network} is everybody, and AWS WAF takes no such network. Name the networks of those who build flows; "
            "an empty list lets everybody reach the login, so set load_balancer.sign_in before you empty it"
        )
    return network


AdminCidr = Annotated[PublicCidr, AfterValidator(_part_of_the_internet)]
PathPattern = Annotated[
    str,
    Field(min_length=_SHORTEST_MEANINGFUL, max_length=200, examples=["^/api/v1/attachments/"]),
    AfterValidator(_pattern),
]


class EdgeSettings(Settings):
    """The edge of a stack."""

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    """Where CloudFront answers: 100 North America and Europe, 200 also Asia, Africa and the Middle East, or all."""
    origin_read_timeout_seconds: Annotated[int, Field(ge=31, le=180)] = 60
    """Seconds without a byte after which CloudFront gives up; Flowise sends one every 30 s while it streams.

    A prediction or an upsert that does not stream must be ready within this time, or the caller gets 504.
    """
    origin_read_timeout_quota_seconds: Annotated[int, Field(ge=120, le=180)] = 120
    """What AWS allows this account for `origin_read_timeout_seconds` ("Response timeout per origin" in the CloudFront
    quotas): 120, and up to 180 when AWS has granted a request for more."""
    admin_cidrs: Annotated[list[AdminCidr], AS_A_SET] = []
    """Networks that reach the admin plane (UI, management API, login); none: everybody reaches it.

    CloudFront sees the public address behind a VPN or NAT gateway, so a private network is refused.
    The public plane (predictions, chat pages, webhooks) stays open to everybody.
    """
    requests_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """Requests from one address within five minutes before it is blocked; the least that AWS allows is 10."""
    sign_ins_per_five_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 20
    """The same for login, registration and password reset together."""
    block_anonymous_addresses: bool = False
    """Block VPNs, proxies, Tor and hosting providers; the last also hits programs that call the API from a cloud."""
    blocked_paths: Annotated[list[PathPattern], Field(max_length=50), AS_A_SET] = []
    """Regular expressions of paths to block at once, for everybody: a patch for the day on which a CVE appears.

    In lower case, as they are compared with the decoded path in lower case: Flowise takes any spelling.
    """
    counted_rules: CountedRules = []
    """Further rules of AWS's groups that let requests through and only write them into the log, by their names in
    docs/edge.md: for a rule that blocks what your people send (docs/runbooks/blocked-requests.md)."""
    capacity_limit_wcu: Annotated[int, Field(ge=1500, le=LIMIT_WCU)] = 1500
    """Most capacity that the rules may use, in WCU; above 1,500 AWS charges more for each request."""
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep the firewall's log of blocked and counted requests."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(n.prefixlen == 0 for n in ipaddress.collapse_addresses(map(ipaddress.IPv4Network, self.admin_cidrs))):
            raise ValueError(
                f"admin_cidrs {', '.join(self.admin_cidrs)} are together everybody. Name the networks of those who "
                "build flows"
            )
        if self.origin_read_timeout_seconds > self.origin_read_timeout_quota_seconds:
            raise ValueError(
                f"origin_read_timeout_seconds {self.origin_read_timeout_seconds} is more than AWS allows without a "
                "raised quota (120). Ask for it in Service Quotas (us-east-1, CloudFront, Response timeout per "
                "origin); when it is granted, set origin_read_timeout_quota_seconds to the new value; or stream"
            )
        needed = self.capacity_wcu
        if needed > self.capacity_limit_wcu:
            raise ValueError(
                f"the rules need {needed} WCU, more than capacity_limit_wcu {self.capacity_limit_wcu}; raise it "
                "(requests then cost more), list fewer blocked_paths, or turn block_anonymous_addresses off"
            )
        return self

    @property
    def capacity_wcu(self) -> int:
        """Capacity that the rules of these settings use, in web ACL capacity units."""
        return capacity_wcu(
            admin_plane=bool(self.admin_cidrs),
            anonymous_addresses=self.block_anonymous_addresses,
            blocked_paths=len(self.blocked_paths),
        )

    @property
    def pattern_sets(self) -> int:
        """Sets of regular expressions that the rules of these settings use."""
        return pattern_sets(admin_plane=bool(self.admin_cidrs), blocked_paths=len(self.blocked_paths))
