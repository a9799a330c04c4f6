"""Which requests the listener forwards: the public plane, and the admin plane to who may reach it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.common.planes import Planes
from components.load_balancer.sign_in import SignInSettings, authenticate

_VALUES_PER_RULE = 5
"""Condition values that a rule may have (quotas of Application Load Balancers)."""
_API = "/api/*"
_API_PRIORITY = 1000
"""After every rule of the public plane, and not the next free number: with one more public rule it would be taken."""
_PAGES_PRIORITY = 2000
"""After those of the API."""
_FORBIDDEN = '{"message":"This address may not reach this path."}'

Actions = list[aws.lb.ListenerDefaultActionArgsDict]


@dataclass(frozen=True, kw_only=True)
class AdminPlane:
    """Who reaches what is not public."""

    target_group_arn: pulumi.Input[str]
    sign_in: SignInSettings | None
    """Sign-in before it; None: Flowise's own login alone."""
    client_secret: pulumi.Input[str] | None
    cidrs: Sequence[str]
    """Networks that reach it; none: every network that reaches the load balancer."""
    planes: Planes
    """What is public, and so not of it."""

    def actions(self, otherwise: Literal["authenticate", "deny"]) -> Actions:
        """Forward, after a sign-in where there is one."""
        if self.sign_in is None or self.client_secret is None:
            return [{"type": "forward", "target_group_arn": self.target_group_arn}]
        return [
            {
                "type": "authenticate-oidc",
                "order": 1,
                "authenticate_oidc": authenticate(self.sign_in, self.client_secret, otherwise),
            },
            {"type": "forward", "order": 2, "target_group_arn": self.target_group_arn},
        ]

    def default_actions(self) -> Actions:
        """What the listener does with what no rule matches: the pages of the UI, or whatever comes from elsewhere."""
        if not self.cidrs:
            return self.actions("authenticate")
        response: aws.lb.ListenerDefaultActionFixedResponseArgsDict = {
            "content_type": "application/json",
            "message_body": _FORBIDDEN,
            "status_code": "403",
        }
        return [{"type": "fixed-response", "fixed_response": response}]


def plane_rules(resource_name: str, listener: aws.lb.Listener, admin: AdminPlane, parent: pulumi.Resource) -> None:
    """Let the public plane through, and programs that may not reach the admin plane be told so in words of HTTP.

    Conditions see the address of the connection, not X-Forwarded-For, and the path as it was sent
    (Elastic Load Balancing API Reference, SourceIpConditionConfig and PathPatternConditionConfig).
    """

    def rule(name: str, priority: int, actions: Actions, **values: list[str]) -> None:
        conditions = [{key: {"values": each}} for key, each in values.items()]
        aws.lb.ListenerRule(
            f"{resource_name}-{name}",
            listener_arn=listener.arn,
            priority=priority,
            conditions=conditions,  # pyright: ignore[reportArgumentType]  # keys of ListenerRuleConditionArgsDict
            actions=actions,  # pyright: ignore[reportArgumentType]  # the same words as a listener's
            opts=pulumi.ResourceOptions(parent=parent),
        )

    if not (admin.sign_in or admin.cidrs):
        return
    public: Actions = [{"type": "forward", "target_group_arn": admin.target_group_arn}]
    patterns = [f"{prefix}*" for prefix in admin.planes.public_prefixes]
    for number, values in enumerate(_chunks(patterns, _VALUES_PER_RULE), start=1):
        rule(f"public-{number}", number, public, path_pattern=values)
    if not admin.cidrs:
        rule("admin-api", _API_PRIORITY, admin.actions("deny"), path_pattern=[_API])
        return
    if admin.sign_in:
        for number, values in enumerate(_chunks(admin.cidrs, _VALUES_PER_RULE - 1)):
            actions = admin.actions("deny")
            rule(f"admin-api-{number + 1}", _API_PRIORITY + number, actions, path_pattern=[_API], source_ip=values)
    for number, values in enumerate(_chunks(admin.cidrs, _VALUES_PER_RULE)):
        rule(f"admin-{number + 1}", _PAGES_PRIORITY + number, admin.actions("authenticate"), source_ip=values)


def _chunks(values: Sequence[str], size: int) -> list[list[str]]:
    return [list(values[start : start + size]) for start in range(0, len(values), size)]
