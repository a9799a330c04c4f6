"""The listener of an internal load balancer and its rules as routes of Caddy: the first rule that matches decides."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from local.edge.firewall import Route, refusal
from local.edge.matchers import KEEP_RAW_PATH, Matcher, comes_from, negated, path_like
from local.errors import LocalError

_HEADERS = {
    "routingHttpResponseStrictTransportSecurityHeaderValue": "Strict-Transport-Security",
    "routingHttpResponseXContentTypeOptionsHeaderValue": "X-Content-Type-Options",
}


def to_routes(
    listener: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], networks: Sequence[str]
) -> tuple[Route, ...]:
    """Make the routes of a listener that a security group opens to some networks."""
    ordered = sorted(rules, key=lambda rule: int(rule["priority"]))
    return (
        {"handle": [dict(KEEP_RAW_PATH)]},
        # A security group answers nobody else, not even with a refusal.
        {"match": [negated(comes_from(networks))], "handle": [{"handler": "static_response", "abort": True}]},
        {"handle": [_headers(listener)]},
        *(_route(rule["actions"], _matchers(rule["conditions"])) for rule in ordered),
        _route(listener["defaultActions"], []),
    )


def asks_for_sign_in(listener: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> bool:
    """Whether somebody must sign in, which only AWS can ask for."""
    actions = [*listener["defaultActions"], *(action for rule in rules for action in rule["actions"])]
    return any(str(action["type"]).startswith("authenticate") for action in actions)


def _route(actions: Sequence[Mapping[str, Any]], matchers: list[Matcher]) -> Route:
    last = max(actions, key=lambda action: int(action.get("order") or 1))
    match last["type"]:
        case "forward":
            handlers: list[dict[str, Any]] = [{"handler": "subroute", "routes": []}]
        case "fixed-response":
            handlers = [refusal(int(last["fixedResponse"]["statusCode"]), "This address may not reach this path.")]
        case other:
            raise LocalError(
                f"the local edge does not know the action {other}", hint="Teach it to local/edge/listener.py."
            )
    return {"group": "listener", **({"match": matchers} if matchers else {}), "handle": handlers}


def _matchers(conditions: Sequence[Mapping[str, Any]]) -> list[Matcher]:
    """One set for each path; all of a set must hold."""
    sources: list[str] = []
    paths: list[str] = []
    for condition in conditions:
        sources += _values(condition, "sourceIp")
        paths += _values(condition, "pathPattern")
    source = comes_from(sources) if sources else {}
    return [{**path_like(path), **source} for path in paths] if paths else [source]


def _values(condition: Mapping[str, Any], kind: str) -> list[str]:
    return cast("dict[str, list[str]]", condition.get(kind) or {}).get("values", [])


def _headers(listener: Mapping[str, Any]) -> dict[str, Any]:
    values = {header: [str(listener[key])] for key, header in _HEADERS.items() if listener.get(key)}
    return {"handler": "headers", "response": {"deferred": True, "set": values}}
