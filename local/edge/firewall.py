"""The rules of a web ACL as routes of Caddy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from local.edge.matchers import Matcher, all_of, comes_from, header_matches, negated, path_matches
from local.errors import LocalError

Rule = Mapping[str, Any]
Route = dict[str, Any]

_MESSAGES = {413: "The request is too large."}
_FORBIDDEN = "This address may not reach this path."


@dataclass(frozen=True, kw_only=True)
class Sets:
    """What rules refer to, by ARN."""

    patterns: Mapping[str, Sequence[str]]
    networks: Mapping[str, Sequence[str]]


def is_emulated(rule: Rule) -> bool:
    """Whether this machine can decide as the rule does: not AWS's own groups, and nothing is counted over time."""
    return "action" in rule and not rule["statement"].get("rateBasedStatement")


def to_route(rule: Rule, sets: Sets) -> Route:
    """Make the route that ends what the rule blocks. Raises `LocalError` for a rule that only AWS knows."""
    name = str(rule["name"])
    try:
        status = int(rule["action"]["block"]["customResponse"]["responseCode"])
        matcher = _matcher(rule["statement"], sets)
    except (KeyError, ValueError) as error:
        hint = "Teach it to local/edge/firewall.py, or leave it out in is_emulated and in docs/local.md."
        raise LocalError(f"the local edge does not know the rule {name} ({error})", hint=hint) from error
    return {"match": [matcher], "handle": [refusal(status, _MESSAGES.get(status, _FORBIDDEN))], "terminal": True}


def refusal(status: int, message: str) -> dict[str, Any]:
    """Make the handler that answers in place of Flowise."""
    return {
        "handler": "static_response",
        "status_code": status,
        "headers": {"Content-Type": ["application/json"], "Cache-Control": ["no-store"]},
        "body": f'{{"message":"{message}"}}',
    }


def _matcher(statement: Mapping[str, Any], sets: Sets) -> Matcher:
    ((kind, body),) = ((key, value) for key, value in statement.items() if value is not None)
    match kind:
        case "andStatement":
            return all_of([_matcher(inner, sets) for inner in cast("list[dict[str, Any]]", body["statements"])])
        case "notStatement":
            return negated(_matcher(body["statement"], sets))
        case "ipSetReferenceStatement":
            return comes_from(sets.networks[body["arn"]])
        case "regexPatternSetReferenceStatement":
            return _text_matches(body, sets.patterns[body["arn"]])
        case "regexMatchStatement":
            return _text_matches(body, [body["regexString"]])
        case _:
            raise ValueError(f"statement {kind}")


def _text_matches(body: Mapping[str, Any], patterns: Sequence[str]) -> Matcher:
    transformations = {str(each["type"]) for each in body["textTransformations"]} - {"NONE"}
    ((part, details),) = ((key, value) for key, value in body["fieldToMatch"].items() if value is not None)
    if part == "uriPath" and transformations <= {"URL_DECODE", "LOWERCASE"}:
        lower_case, decoded = "LOWERCASE" in transformations, "URL_DECODE" in transformations
        return path_matches(patterns, lower_case=lower_case, decoded=decoded)
    if part == "singleHeader" and not transformations and len(patterns) == 1:
        return header_matches(str(details["name"]), patterns[0])
    raise ValueError(f"{part} with {', '.join(sorted(transformations)) or 'no transformation'}")
