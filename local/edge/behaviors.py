"""The cache behaviours of a distribution as handlers of Caddy."""

from collections.abc import Mapping
from typing import Any, cast

from local.edge.firewall import Route, refusal
from local.edge.matchers import method_in, negated, path_like
from local.errors import LocalError

_SMALLEST_COMPRESSED = 1000
"""Bytes below which CloudFront compresses nothing."""


def to_route(behavior: Mapping[str, Any], policies: Mapping[str, Mapping[str, Any]]) -> Route:
    """Make the route of a behaviour: which methods, which headers, compressed or not.

    It is one of a group of which Caddy takes the first that matches.
    """
    pattern = behavior.get("pathPattern")
    routes: list[Route] = [
        {
            "match": [negated(method_in(behavior["allowedMethods"]))],
            "handle": [refusal(403, "This method is not allowed here.")],
            "terminal": True,
        }
    ]
    if policy_id := behavior.get("responseHeadersPolicyId"):
        routes.append({"handle": [_headers(policies[policy_id])]})
    if behavior.get("compress"):
        encodings: dict[str, Any] = {"zstd": {}, "gzip": {}}
        encode = {"handler": "encode", "encodings": encodings, "minimum_length": _SMALLEST_COMPRESSED}
        routes.append({"handle": [encode | {"prefer": list(encodings)}]})
    return {
        "group": "behaviors",
        **({"match": [path_like(pattern)]} if pattern else {}),
        "handle": [{"handler": "subroute", "routes": routes}],
    }


def _headers(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Make the handler that sets and removes what a response headers policy says."""
    security = dict(policy.get("securityHeadersConfig") or {})
    values: dict[str, list[str]] = {}
    if transport := security.pop("strictTransportSecurity", None):
        value = f"max-age={transport['accessControlMaxAgeSec']}"
        value += "; includeSubDomains" * bool(transport.get("includeSubdomains"))
        values["Strict-Transport-Security"] = [value + "; preload" * bool(transport.get("preload"))]
    if security.pop("contentTypeOptions", None):
        values["X-Content-Type-Options"] = ["nosniff"]
    if referrer := security.pop("referrerPolicy", None):
        values["Referrer-Policy"] = [referrer["referrerPolicy"]]
    if security:
        hint = "Teach them to local/edge/behaviors.py."
        raise LocalError(f"the local edge does not know the security headers {', '.join(security)}", hint=hint)
    removals = cast("dict[str, list[dict[str, str]]]", policy.get("removeHeadersConfig") or {})
    removed = [item["header"] for item in removals.get("items", [])]
    # Deferred: after Flowise's own headers.
    return {"handler": "headers", "response": {"deferred": True, "set": values, "delete": removed}}
