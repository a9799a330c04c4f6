"""The edge as the program renders it for AWS, to be followed by the local one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, final

from analysis.recorder import Created, Request
from components.common.cidr import is_loopback
from local.edge import behaviors, firewall, listener
from local.edge.firewall import Route, Sets
from local.edge.matchers import KEEP_RAW_PATH

_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"
_WEB_ACL = "aws:wafv2/webAcl:WebAcl"
_IP_SET = "aws:wafv2/ipSet:IpSet"
_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
_LISTENER = "aws:lb/listener:Listener"
_LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
_PATTERN_SET = "aws:wafv2/regexPatternSet:RegexPatternSet"


@dataclass(frozen=True, kw_only=True)
class EdgeRoutes:
    """What the local edge does with a request before it goes to a pod."""

    routes: tuple[Route, ...] = ()
    """Routes of Caddy, in order."""
    not_emulated: tuple[str, ...] = ()
    """Names of the firewall's rules that only AWS can apply."""
    read_timeout_seconds: float | None = None
    """Seconds without a byte after which CloudFront, or an internal load balancer, ends a request; None: it waits."""


@final
class RenderedEdge:
    """Remembers what a distribution refers to; every part is made before what refers to it."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, Mapping[str, Any]]] = {
            type_: {} for type_ in (_HEADERS, _WEB_ACL, _IP_SET, _PATTERN_SET, _BALANCER, _LISTENER, _LISTENER_RULE)
        }
        self._admitted: list[str] = []

    def remember(self, request: Request, made: Created) -> None:
        """Take note of a resource; of most there is nothing to note."""
        if request.type in self._made:
            key = made.id if request.type == _HEADERS else str(made.outputs.get("arn") or made.id)
            self._made[request.type][key] = request.inputs

    def routes(self, distribution: Mapping[str, Any]) -> EdgeRoutes:
        """Translate a distribution, given its inputs. Raises `LocalError` for what the local edge cannot do."""
        sets = Sets(
            patterns={
                arn: [str(each["regexString"]) for each in inputs["regularExpressions"]]
                for arn, inputs in self._made[_PATTERN_SET].items()
            },
            networks={arn: list(inputs["addresses"]) for arn, inputs in self._made[_IP_SET].items()},
        )
        web_acl = self._made[_WEB_ACL].get(str(distribution.get("webAclId")), {})
        rules = sorted(cast("list[dict[str, Any]]", web_acl.get("rules", [])), key=lambda rule: int(rule["priority"]))
        ordered = cast("list[dict[str, Any]]", distribution.get("orderedCacheBehaviors") or [])
        cache = [*ordered, distribution["defaultCacheBehavior"]]
        return EdgeRoutes(
            routes=(
                {"handle": [dict(KEEP_RAW_PATH)]},
                *(firewall.to_route(rule, sets) for rule in rules if firewall.is_emulated(rule)),
                *(behaviors.to_route(behavior, self._made[_HEADERS]) for behavior in cache),
            ),
            read_timeout_seconds=_read_timeout(distribution),
            not_emulated=tuple(str(rule["name"]) for rule in rules if not firewall.is_emulated(rule)),
        )

    def admit(self, rule: Mapping[str, Any]) -> EdgeRoutes | None:
        """Open an internal load balancer to one more network.

        None for a rule of any other security group, and until this machine is admitted: nothing here could tell
        whether Flowise answers.
        """
        network = rule.get("cidrIpv4")
        for balancer in self._made[_BALANCER].values():
            if network and rule.get("securityGroupId") in (balancer.get("securityGroups") or []):
                self._admitted.append(str(network))
                if any(is_loopback(each) for each in self._admitted):
                    return self._internal(balancer)
        return None

    def _internal(self, balancer: Mapping[str, Any]) -> EdgeRoutes:
        (found,) = self._made[_LISTENER].values()
        rules = list(self._made[_LISTENER_RULE].values())
        return EdgeRoutes(
            routes=listener.to_routes(found, rules, self._admitted),
            read_timeout_seconds=float(balancer.get("idleTimeout") or 60),
            not_emulated=("sign-in at the load balancer",) if listener.asks_for_sign_in(found, rules) else (),
        )


def _read_timeout(distribution: Mapping[str, Any]) -> float | None:
    origins = cast("list[dict[str, dict[str, Any]]]", distribution.get("origins") or [])
    timeouts = [origin.get("vpcOriginConfig", {}).get("originReadTimeout") for origin in origins]
    return min((float(timeout) for timeout in timeouts if timeout), default=None)
