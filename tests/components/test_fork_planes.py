"""Edge and load balancer follow the paths of a fork that `app.distribution` describes."""

import re
from functools import cache
from typing import Any

import pytest

from analysis.recorder import Recording
from components.app.distribution import DistributionSettings
from components.common.planes import FLOWISE_PLANES, SIGN_IN_PATHS
from components.edge.paths import public_patterns
from tests.components.edge_evaluator import Edge, HttpRequest
from tests.components.test_internal import COLLEAGUE, fate
from tests.conftest import recorded_with

OUTSIDER = "203.0.113.9"
LONG = "/api/v1/" + "x" * 120
ASK, ENTER, GALLERY = "/v2/ask/", "/api/v1/enter", "/api/v1/gallery"
FORK: dict[str, Any] = {
    "package": "@acme/flow",
    "guards": "aside",
    "added_paths": [ASK, ENTER, GALLERY],
    "public_paths": [ASK],
    "sign_in_paths": [ENTER],
    "missing_paths": ["/api/v1/leads", "/api/v1/account/register"],
    "public_pages": ["/talk/", "/assets/"],
}
PATHS = {
    "/v2/ask/1": True,
    "/talk/1": True,
    "/assets/index.js": True,
    "/api/v1/prediction/1": True,
    "/v2/other": False,
    "/api/v1/enter": False,
    "/api/v1/gallery": False,
    "/api/v1/leads": False,
    "/chatbot/1": False,
    "/api/v1/chatflows": False,
}
"""Whether a path is public in the fork."""


def edits(**more: Any) -> dict[str, Any]:
    return {"app.distribution": FORK, "app.flowise_version": "1.0.2", **more}


@cache
def at_the_edge() -> Recording:
    return recorded_with("prod", edits(**{"edge.admin_cidrs": ["198.51.100.0/24"]}))


@cache
def inside() -> Recording:
    return recorded_with("internal", edits())


@pytest.mark.parametrize(("path", "public"), PATHS.items())
def test_a_path_lies_in_the_plane_that_the_description_gives_it(path: str, *, public: bool) -> None:
    decision = Edge(at_the_edge()).decide(HttpRequest(method="GET", path=path, address=OUTSIDER))
    assert decision.refused_by == (None if public else "AdminPlane")
    assert fate(inside(), path, COLLEAGUE) == ("through" if public else "403")


def test_sign_in_is_counted_where_the_fork_has_it() -> None:
    edge = Edge(at_the_edge())
    for path, counted in ((ENTER, True), ("/api/v1/auth/login", True), ("/api/v1/account/register", False)):
        decision = edge.decide(HttpRequest(method="POST", path=path, address="198.51.100.7"))
        assert ("SignInRate" in decision.rates) is counted, path


def test_the_largest_description_is_within_the_limits_of_firewall_and_load_balancer() -> None:
    paths = [f"/api/v1/{str(number) * 37}/" for number in range(9)]
    pages = ["/" + "p" * 80]
    most = DistributionSettings(added_paths=paths, public_paths=paths, public_pages=pages)
    patterns = public_patterns(most.planes)
    assert len(public_patterns(FLOWISE_PLANES)) < len(patterns) <= 10
    assert all(len(pattern) <= 200 for pattern in patterns)
    assert all(len(prefix) < 128 for prefix in most.planes.public_prefixes)
    with pytest.raises(ValueError, match="the firewall's patterns do not hold"):
        DistributionSettings(added_paths=paths, public_paths=paths, public_pages=[*pages, "/" + "q" * 40])


def test_what_a_fork_does_not_have_matches_no_path() -> None:
    """An empty alternative of a regular expression matches everything: all requests would be counted as sign-ins."""
    without: dict[str, Any] = {
        "app.distribution": {"package": "@acme/flowise", "missing_paths": [*SIGN_IN_PATHS]},
        "edge.admin_cidrs": [],
    }
    decision = Edge(recorded_with("prod", without)).decide(HttpRequest(method="GET", path="/", address="198.51.100.7"))
    assert "SignInRate" not in decision.rates
    assert "Rate" in decision.rates
    closed = DistributionSettings(missing_paths=[*FLOWISE_PLANES.public]).planes
    assert not [pattern for pattern in public_patterns(closed) if re.match(pattern, "/api/v1/chatflows")]


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"public_paths": ["/api/v1/none"]}, "public_paths has /api/v1/none, which added_paths does not name"),
        ({"sign_in_paths": ["/api/v1/none"]}, "sign_in_paths has /api/v1/none, which added_paths does not name"),
        ({"added_paths": ["/api/v1"], "public_paths": ["/api/v1"]}, "so short a beginning"),
        ({"added_paths": ["/api/v1/"], "public_paths": ["/api/v1/"]}, "so short a beginning"),
        ({"public_pages": ["/talk/", "/a"]}, "public_pages has /a, which opens paths of the API"),
        ({"public_pages": ["/api/v1/chatflows"]}, "which opens paths of the API"),
        ({"public_pages": ["/talk/", "/" + "x" * 130]}, "the firewall's patterns do not hold"),
        ({"public_pages": ["/talk/../"]}, "nothing but dots"),
        ({"added_paths": [LONG], "sign_in_paths": [LONG]}, "sign_in_paths has /api/v1/x+, of more than 120 characters"),
    ],
)
def test_a_description_that_would_open_more_is_refused(different: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DistributionSettings.model_validate({**FORK, "sign_in_paths": [], "public_paths": [], **different})
