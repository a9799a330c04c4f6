"""The web application firewall: who reaches what, how often, and with which requests."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.customer_key import customer_key
from components.common.iam import log_groups_key_statement
from components.common.model import EDGE_REGION
from components.common.names import physical_name
from components.common.partition import account_root
from components.edge.capacity import ANONYMOUS_GROUP, MANAGED_GROUPS, PATTERNS_IN_A_SET
from components.edge.managed_rules import counted_rules
from components.edge.paths import public_patterns, sign_in_patterns
from components.edge.settings import EdgeSettings

_ODD_PATHS = [r"\.\.", "//", r"\\", "%2e%2e", "%2f", "%5c", "%00"]
"""Spellings that no client of Flowise uses, in lower case, and that might slip past a rule about paths."""

_ANY_SPELLING = ("URL_DECODE", "LOWERCASE")
"""Express decodes the parameters of a path and compares its fixed parts in any case: `%63ustomMCP` is customMCP."""

_FORBIDDEN = 403
_TOO_LARGE = 413
_TOO_MANY = 429

# The SDK's types of a statement contain themselves, and checking a literal against them takes minutes. The tests read
# every rule back from moto, which knows AWS's own form.
_Rule = Any
_Statement = Any


class Firewall:
    """Makes the web ACL of an edge as children of its component."""

    def __init__(
        self,
        resource_name: str,
        settings: EdgeSettings,
        *,
        stack: StackContext,
        max_body_bytes: int,
        parent: pulumi.Resource,
    ) -> None:
        self._name = resource_name
        self._stack = stack
        self._parent = parent
        self._settings = settings
        self._max_body_bytes = max_body_bytes
        self._child = pulumi.ResourceOptions(parent=parent)
        self.metric = physical_name("waf")
        """Name under which the web ACL counts requests; another stack of the account has another."""

    def make(self) -> aws.wafv2.WebAcl:
        """Make the web ACL and its log, without what people send to prove who they are."""
        web_acl = aws.wafv2.WebAcl(
            self._name,
            scope="CLOUDFRONT",
            region=EDGE_REGION,
            description=f"Edge of {pulumi.get_project()} {pulumi.get_stack()}",
            default_action={"allow": {}},
            rules=self._rules(),
            visibility_config=_visible(self.metric),
            opts=self._child,
        )
        self._log(web_acl)
        return web_acl

    def _rules(self) -> list[_Rule]:
        settings = self._settings
        own: list[_Rule] = []
        for number, start in enumerate(range(0, len(settings.blocked_paths), PATTERNS_IN_A_SET)):
            patterns = settings.blocked_paths[start : start + PATTERNS_IN_A_SET]
            own.append(
                _block(f"BlockedPaths{number or ''}", self._path_matches(f"blocked-{number}", patterns, *_ANY_SPELLING))
            )
        own.append(_block("OddPaths", _path_matches_any(["|".join(_ODD_PATHS)], "LOWERCASE")))
        own.append(_block("LargeBodies", self._longer_than_allowed(), code=_TOO_LARGE))
        if settings.admin_cidrs:
            own.append(_block("AdminPlane", self._admin_plane_from_elsewhere()))
        if sign_ins := sign_in_patterns(self._stack.scope.planes):
            scope = _path_matches_any(sign_ins)
            own.append(self._rate("SignInRate", settings.sign_ins_per_five_minutes, scope))
        own.append(self._rate("Rate", settings.requests_per_five_minutes, None))
        groups = [*MANAGED_GROUPS, *([ANONYMOUS_GROUP] if settings.block_anonymous_addresses else [])]
        rules = own + [_managed(group, counted_rules(group, settings.counted_rules)) for group in groups]
        for priority, rule in enumerate(rules):
            rule["priority"] = priority
        return rules

    def _path_matches(self, name: str, patterns: list[str], *transformations: str) -> _Statement:
        """By a set, of which an account has ten for all of its stacks: for what one statement does not hold."""
        pattern_set = aws.wafv2.RegexPatternSet(
            f"{self._name}-{name}",
            scope="CLOUDFRONT",
            region=EDGE_REGION,
            regular_expressions=[{"regex_string": pattern} for pattern in patterns],
            opts=self._child,
        )
        return {
            "regex_pattern_set_reference_statement": {
                "arn": pattern_set.arn,
                "field_to_match": {"uri_path": {}},
                "text_transformations": _transformed(transformations),
            }
        }

    def _admin_plane_from_elsewhere(self) -> _Statement:
        """Neither a public path, as it was sent, nor a listed network: whatever is spelled otherwise is admin plane."""
        admins = aws.wafv2.IpSet(
            f"{self._name}-admins",
            scope="CLOUDFRONT",
            region=EDGE_REGION,
            ip_address_version="IPV4",
            addresses=self._settings.admin_cidrs,
            opts=self._child,
        )
        public = self._path_matches("public", public_patterns(self._stack.scope.planes))
        return {
            "and_statement": {
                "statements": [
                    {"not_statement": {"statement": public}},
                    {"not_statement": {"statement": {"ip_set_reference_statement": {"arn": admins.arn}}}},
                ]
            }
        }

    def _longer_than_allowed(self) -> _Statement:
        """A content length above the largest request. What comes without one (chunked) Flowise itself ends."""
        return {
            "regex_match_statement": {
                "regex_string": _greater_than(self._max_body_bytes),
                "field_to_match": {"single_header": {"name": "content-length"}},
                "text_transformations": [{"priority": 0, "type": "NONE"}],
            }
        }

    def _rate(self, name: str, limit: int, scope: _Statement | None) -> _Rule:
        rate: dict[str, Any] = {
            "limit": limit,
            "evaluation_window_sec": 300,
            "aggregate_key_type": "IP",
        }
        if scope:
            rate["scope_down_statement"] = scope
        return {
            "name": name,
            "priority": 0,
            "action": {"block": {"custom_response": {"response_code": _TOO_MANY}}},
            "statement": {"rate_based_statement": rate},
            "visibility_config": _visible(name),
        }

    def _log(self, web_acl: aws.wafv2.WebAcl) -> None:
        logs = aws.cloudwatch.LogGroup(
            self._name,
            name=f"aws-waf-logs-{physical_name('waf')}",  # AWS demands the beginning
            retention_in_days=self._settings.log_retention_days,
            kms_key_id=self._log_key(),
            region=EDGE_REGION,
            opts=self._child,
        )
        aws.wafv2.WebAclLoggingConfiguration(
            self._name,
            resource_arn=web_acl.arn,
            log_destination_configs=[logs.arn],
            redacted_fields=[{"single_header": {"name": "authorization"}}, {"single_header": {"name": "cookie"}}],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [
                            {"action_condition": {"action": "BLOCK"}},
                            {"action_condition": {"action": "COUNT"}},
                        ],
                    }
                ],
            },
            region=EDGE_REGION,
            opts=self._child,
        )

    def _log_key(self) -> pulumi.Output[str]:
        """The stack's key where the log is; a log group takes keys of its own region only."""
        if self._stack.region == EDGE_REGION:
            return self._stack.kms_key_arn
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self._parent)).account_id
        return customer_key(
            f"{self._name}-log",
            log_groups_key_statement(EDGE_REGION, account_id),
            parent=self._parent,
            protected=self._stack.protected,
            account_root=account_root(EDGE_REGION, account_id),
            description=f"Firewall's log of {pulumi.get_project()} {pulumi.get_stack()}",
            alias=("edge",),
            region=EDGE_REGION,
        ).arn


def _path_matches_any(patterns: Sequence[str], *transformations: str) -> _Statement:
    statements: list[_Statement] = [
        {
            "regex_match_statement": {
                "regex_string": pattern,
                "field_to_match": {"uri_path": {}},
                "text_transformations": _transformed(transformations),
            }
        }
        for pattern in patterns
    ]
    return statements[0] if len(statements) == 1 else {"or_statement": {"statements": statements}}


def _transformed(transformations: Sequence[str]) -> list[dict[str, Any]]:
    return [{"priority": priority, "type": type_} for priority, type_ in enumerate(transformations or ["NONE"])]


def _block(name: str, statement: _Statement, code: int = _FORBIDDEN) -> _Rule:
    return {
        "name": name,
        "priority": 0,
        "action": {"block": {"custom_response": {"response_code": code}}},
        "statement": statement,
        "visibility_config": _visible(name),
    }


def _managed(group: str, counted_names: Sequence[str]) -> _Rule:
    counted: list[Any] = [{"name": rule, "action_to_use": {"count": {}}} for rule in counted_names]
    return {
        "name": group,
        "priority": 0,
        "override_action": {"none": {}},
        "statement": {
            "managed_rule_group_statement": {
                "name": group,
                "vendor_name": "AWS",
                "rule_action_overrides": counted,
            }
        },
        "visibility_config": _visible(group),
    }


def _visible(metric: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {"metric_name": metric, "cloudwatch_metrics_enabled": True, "sampled_requests_enabled": True}


def _greater_than(number: int) -> str:
    """Regular expression for the decimal numbers above this one: WAF compares texts, and has no order for numbers."""
    digits = str(number)
    larger = [f"[1-9][0-9]{{{len(digits)},}}"]
    for place, digit in enumerate(digits):
        if digit != "9":
            rest = len(digits) - place - 1
            larger.append(f"{digits[:place]}[{int(digit) + 1}-9][0-9]{{{rest}}}")
    return f"^0*({'|'.join(larger)})$"
