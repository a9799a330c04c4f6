"""Decides about a request as CloudFront and AWS WAF would, from the rendered behaviours and rules alone."""

import fnmatch
import ipaddress
import re
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

from analysis.recorder import Recording

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """What a rule can look at."""

    method: str
    path: str
    address: str
    content_length: int = 0


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What happens to a request."""

    behavior: str
    """Path pattern of the behaviour; `*` for the default one."""
    cached: bool
    refused_by: str | None
    """Name of the firewall's rule, or `AllowedMethods` when it is the behaviour; None when the request goes on."""
    status: int | None
    """Status of the answer to a refused request."""
    rates: tuple[str, ...]
    """Rate rules that count the request."""


class Edge:
    """The edge of a recording."""

    def __init__(self, recording: Recording) -> None:
        self._distribution = recording.only("aws:cloudfront/distribution:Distribution").inputs
        rules = cast("list[dict[str, Any]]", recording.only("aws:wafv2/webAcl:WebAcl").inputs["rules"])
        self._rules = sorted(rules, key=lambda rule: int(rule["priority"]))
        sets = recording.of_type("aws:wafv2/regexPatternSet:RegexPatternSet")
        self._patterns = {
            r.outputs["arn"]: [re.compile(p["regexString"]) for p in r.inputs["regularExpressions"]] for r in sets
        }
        self._addresses = {
            r.outputs["arn"]: [ipaddress.ip_network(cidr) for cidr in r.inputs["addresses"]]
            for r in recording.of_type("aws:wafv2/ipSet:IpSet")
        }

    def decide(self, request: HttpRequest) -> Decision:
        """Run the request through the rules in their order, then find its behaviour."""
        refused_by, status, rates = None, None, list[str]()
        for rule in self._rules:
            statement = rule["statement"]
            rate = statement.get("rateBasedStatement")
            if rate is not None:
                scope = rate.get("scopeDownStatement")
                if scope is None or self._holds(scope, request):
                    rates.append(rule["name"])
            elif "action" in rule and self._holds(statement, request):
                refused_by = rule["name"]
                status = int(rule["action"]["block"]["customResponse"]["responseCode"])
                break
        behavior = self._behavior(request)
        if refused_by is None and request.method not in behavior["allowedMethods"]:
            refused_by, status = "AllowedMethods", 403
        readable = request.method in behavior["cachedMethods"]
        return Decision(
            behavior=behavior.get("pathPattern", "*"),
            cached=readable and behavior["cachePolicyId"] != CACHING_DISABLED,
            refused_by=refused_by,
            status=status,
            rates=tuple(rates),
        )

    def _behavior(self, request: HttpRequest) -> dict[str, Any]:
        for behavior in self._distribution.get("orderedCacheBehaviors", []):
            if fnmatch.fnmatchcase(request.path, behavior["pathPattern"]):
                return cast("dict[str, Any]", behavior)
        return cast("dict[str, Any]", self._distribution["defaultCacheBehavior"])

    def _holds(self, statement: dict[str, Any], request: HttpRequest) -> bool:
        ((kind, body),) = ((k, v) for k, v in statement.items() if v is not None)
        match kind:
            case "andStatement":
                return all(self._holds(inner, request) for inner in body["statements"])
            case "orStatement":
                return any(self._holds(inner, request) for inner in body["statements"])
            case "notStatement":
                return not self._holds(body["statement"], request)
            case "ipSetReferenceStatement":
                return any(ipaddress.ip_address(request.address) in net for net in self._addresses[body["arn"]])
            case "regexPatternSetReferenceStatement":
                return any(p.search(_field(body, request)) for p in self._patterns[body["arn"]])
            case "regexMatchStatement":
                return re.search(body["regexString"], _field(body, request)) is not None
            case _:
                raise AssertionError(f"the evaluator does not know {kind}")


def _field(body: dict[str, Any], request: HttpRequest) -> str:
    if "uriPath" in body["fieldToMatch"]:
        text = request.path
    else:
        assert body["fieldToMatch"] == {"singleHeader": {"name": "content-length"}}
        text = str(request.content_length)
    for transformation in body["textTransformations"]:
        match transformation["type"]:
            case "NONE":
                pass
            case "URL_DECODE":
                text = unquote(text)
            case "LOWERCASE":
                text = text.lower()
            case other:
                raise AssertionError(f"the evaluator does not know {other}")
    return text
