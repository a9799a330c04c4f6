"""Caddy's matchers for what a firewall or a cache behaviour looks at.

Caddy's own path matchers see a decoded, cleaned path. AWS WAF sees the path as it was sent, so everything here looks
at a variable that holds just that (`RAW_PATH`), unless a rule asks for decoding.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any

Matcher = dict[str, Any]
"""A matcher set of Caddy: all of its matchers must hold."""

RAW_PATH = "{edge.raw_path}"
_DECODED_PATH = "{http.request.orig_uri.path}"

KEEP_RAW_PATH: Mapping[str, Any] = {
    "handler": "map",
    "source": "{http.request.orig_uri}",
    "destinations": [RAW_PATH],
    "mappings": [{"input_regexp": "^([^?]*)", "outputs": ["${1}"]}],
}
"""The handler that must run before any matcher of a raw path: the request line without its query."""

_UPPER_CASE = re.compile(r"(?<!\\)[A-Z]")


def path_matches(patterns: Sequence[str], *, lower_case: bool = False, decoded: bool = False) -> Matcher:
    """Any of these regular expressions occurs in the path, after it was decoded or turned to lower case."""
    expression = "|".join(f"(?:{pattern})" for pattern in patterns)
    if lower_case:
        expression = "(?i)" + _for_lower_case(expression)
    return {"vars_regexp": {_DECODED_PATH if decoded else RAW_PATH: {"pattern": expression}}}


def header_matches(name: str, pattern: str) -> Matcher:
    """The regular expression occurs in a header."""
    return {"header_regexp": {name: {"pattern": pattern}}}


def comes_from(networks: Sequence[str]) -> Matcher:
    """The connection comes from one of these networks, whatever its headers say.

    This machine is ::1 as well as 127.0.0.1: a browser takes either for localhost.
    """
    here = any(ipaddress.ip_address("127.0.0.1") in ipaddress.ip_network(network) for network in networks)
    return {"remote_ip": {"ranges": [*networks, *(["::1/128"] if here else [])]}}


def method_in(methods: Sequence[str]) -> Matcher:
    """One of these methods."""
    return {"method": list(methods)}


def path_like(pattern: str) -> Matcher:
    """A path pattern of a cache behaviour: the whole path, in this case, with * and ?."""
    wild = {"*": ".*", "?": "."}
    expression = "".join(wild.get(letter) or re.escape(letter) for letter in pattern.removeprefix("/"))
    return {"vars_regexp": {RAW_PATH: {"pattern": f"^/{expression}$"}}}


def negated(matcher: Matcher) -> Matcher:
    """It does not hold."""
    return {"not": [matcher]}


def all_of(matchers: Sequence[Matcher]) -> Matcher:
    """All hold: none of their opposites, as a set of Caddy takes each kind of matcher only once."""
    return {"not": [negated(matcher) for matcher in matchers]}


def _for_lower_case(expression: str) -> str:
    # Ignoring case is the same as lowering the text, unless the pattern asks for what lowering has removed.
    if _UPPER_CASE.search(expression):
        raise ValueError(f"{expression} looks for capitals in a text in lower case")
    return expression
