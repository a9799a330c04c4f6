"""Sign-in at the load balancer: decisions about requests, from the rendered listener and rules alone."""

import fnmatch
import json
from functools import cache
from typing import Any, Literal, cast

import pytest

from analysis.recorder import Recording
from components.common.planes import UNAUTHENTICATED
from tests.conftest import recorded_with

SECRET = "s3cret-of-the-client"
SIGN_IN = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "flowise",
}
Fate = Literal["through", "sign in", "401"]


@cache
def signed() -> Recording:
    """Prod with sign-in."""
    return recorded_with("prod", {"load_balancer.sign_in": SIGN_IN}, secrets={"oidc_client_secret": SECRET})


def rules() -> list[dict[str, Any]]:
    """Inputs of the listener's rules, in the order in which they are tried."""
    found = [r.inputs for r in signed().of_type("aws:lb/listenerRule:ListenerRule")]
    return sorted(found, key=lambda rule: int(rule["priority"]))


def fate(path: str) -> Fate:
    """What happens to a request without a session."""
    actions = signed().only("aws:lb/listener:Listener").inputs["defaultActions"]
    for rule in rules():
        (condition,) = rule["conditions"]
        # Patterns of a load balancer are case-sensitive and know * and ? only.
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in condition["pathPattern"]["values"]):
            actions = rule["actions"]
            break
    kinds = [action["type"] for action in sorted(actions, key=lambda action: int(action.get("order", 1)))]
    assert kinds[-1] == "forward"
    if kinds == ["forward"]:
        return "through"
    assert kinds == ["authenticate-oidc", "forward"]
    return "401" if actions[0]["authenticateOidc"]["onUnauthenticatedRequest"] == "deny" else "sign in"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "sign in"),
        ("/login", "sign in"),
        ("/chatflows", "sign in"),
        ("/canvas/5c1e", "sign in"),
        ("/chatbots", "sign in"),
        ("/chatbot/5c1e", "through"),
        ("/assets/index-a1b2.js", "through"),
        ("/favicon.ico", "through"),
        ("/api/v1/ping", "through"),
        ("/api/v1/prediction/5c1e", "through"),
        ("/api/v1/webhook/5c1e", "through"),
        ("/api/v1/mcp/5c1e", "through"),
        ("/api/v1/public-chatflows/5c1e", "through"),
        ("/api/v1/public-chatbotConfig/5c1e", "through"),
        ("/api/v1/get-upload-file", "through"),
        ("/api/v1/feedback/5c1e", "through"),
        ("/api/v1/PREDICTION/5c1e", "401"),
        ("/api/v1/predictions", "401"),
        ("/api/v1/chatflows", "401"),
        ("/api/v1/credentials", "401"),
        ("/api/v1/auth/login", "401"),
        ("/api/v1/account/register", "401"),
        ("/api/v1/apikey", "401"),
        ("/api/v2/anything", "401"),
    ],
)
def test_only_the_public_plane_is_reached_without_a_session(path: str, expected: Fate) -> None:
    assert fate(path) == expected


def test_every_path_goes_the_way_of_its_plane() -> None:
    for path, plane in UNAUTHENTICATED.items():
        assert fate(path) == ("through" if plane == "public" else "401"), path


def test_rules_keep_the_limits_of_a_load_balancer() -> None:
    priorities = [rule["priority"] for rule in rules()]
    assert len(set(priorities)) == len(priorities)
    assert 1 <= priorities[0] <= priorities[-1] <= 50_000
    for rule in rules():
        values = cast("list[str]", rule["conditions"][0]["pathPattern"]["values"])
        assert 1 <= len(values) <= 5
        assert sum(value.count("*") + value.count("?") for value in values) <= 6
        assert all(len(value) <= 128 and not set(value) & set("[]()|^$") for value in values)


def test_the_secret_is_nowhere_in_plain_text() -> None:
    holders: set[str] = set()
    for record in signed().records:
        if SECRET in json.dumps(record.inputs, default=str):
            holders.add(record.name)
            assert record.secrets, record.urn
            assert all("ctions" in path for path in record.secrets), record.secrets
        assert SECRET not in record.urn
    assert holders == {"load-balancer", "load-balancer-admin-api"}
    assert SECRET not in json.dumps(signed().exports, default=str)


def test_the_load_balancer_reaches_the_identity_provider_only_when_there_is_one(recording: Recording) -> None:
    def destinations(found: Recording) -> list[tuple[str, int, int]]:
        every = found.of_type("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule")
        ours = [r.inputs for r in every if r.name.startswith("load-balancer") and "cidrIpv4" in r.inputs]
        return [(rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) for rule in ours]

    assert destinations(signed()) == [("0.0.0.0/0", 443, 443)]
    assert destinations(recording) == []
    assert not recording.of_type("aws:lb/listenerRule:ListenerRule")
