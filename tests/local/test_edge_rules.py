"""The rendered firewall and behaviours, through a real Caddy: the path table of tests/components too."""

import asyncio
import http.client
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from analysis.recorder import Created, Recording, Request
from local.edge import Edge, EdgeRoutes, RenderedEdge
from local.errors import LocalError
from local.layout import StackLayout
from tests.components.test_edge import MCP_NODE, rows
from tests.conftest import recorded_with
from tests.local.rig import Rig
from tests.local.test_edge import run, start

OFFICE, OUTSIDER = "127.0.0.2", "127.0.0.3"
BLOCK: dict[str, Any] = {"block": {"customResponse": {"responseCode": 403}}}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: str


def rendered(recording: Recording) -> EdgeRoutes:
    """The routes of a recording, fed as the environment feeds them."""
    edge = RenderedEdge()
    for record in recording.records:
        if record.type.startswith("aws:"):
            request = Request(type=record.type, name=record.name, inputs=record.inputs)
            edge.remember(request, Created(id=record.id, outputs=record.outputs))
    return edge.routes(recording.only("aws:cloudfront/distribution:Distribution").inputs)


@cache
def two_planes() -> EdgeRoutes:
    """Prod with an office and a virtual patch."""
    edits = {"edge.admin_cidrs": [f"{OFFICE}/32"], "edge.blocked_paths": [MCP_NODE]}
    return rendered(recorded_with("prod", edits))


def ask(port: int, source: str, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    """Send a path exactly as it is written, from an address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(source, 0))
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.read()
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=answer.decode("latin-1"),
        )
    finally:
        connection.close()


def with_edge(stack: StackLayout, make_rig: Callable[[], Rig], routes: EdgeRoutes, look: Callable[[int], None]) -> None:
    async def scenario(rig: Rig, edge: Edge) -> None:
        await start(rig)
        await edge.open(routes)
        await edge.wait()
        await asyncio.to_thread(look, edge.port)

    run(stack, make_rig, scenario)


def test_the_path_table_holds_for_the_local_edge(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    wrong: list[str] = []

    def look(port: int) -> None:
        for method, path, _, _, office, outsider in rows():
            for source, rule in ((OFFICE, office), (OUTSIDER, outsider)):
                answer = ask(port, source, method, path)
                expected = 200 if rule == "-" else 403
                assert not {"server", "via"} & set(answer.headers), f"{method} {path}"
                if answer.status != expected:
                    wrong.append(f"{source} {method} {path}: {answer.status}, not {expected}")

    with_edge(stack, make_rig, two_planes(), look)
    assert wrong == []


def test_odd_requests_are_seen_as_they_were_sent(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    def look(port: int) -> None:
        for path in ("//", "/%2E%2e/", "/api/v1/ping/../x", "/a%2Fb", "/a\\b", "/a%5Cb", "/x%00"):
            assert ask(port, OFFICE, "GET", path).status == 403, path
        # None of that is forbidden in a query, and none of it makes a path public.
        for query in ("?x=//", "?x=%2e%2e", "?next=/../"):
            assert ask(port, OFFICE, "GET", f"/{query}").status == 200, query
        for path in ("/?/chatbot/x", "/%63hatbot/x", "/{http.request.host}", "/?=/api/v1/ping"):
            assert ask(port, OUTSIDER, "GET", path).status == 403, path
        # Nobody moves into the office by saying so.
        assert ask(port, OUTSIDER, "GET", "/", X_Forwarded_For=OFFICE, X_Real_IP=OFFICE).status == 403
        assert ask(port, OUTSIDER, "GET", f"http://{OFFICE}/", X_Forwarded_For=OFFICE).status == 403

    with_edge(stack, make_rig, two_planes(), look)


def test_a_refusal_is_short_json(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    def look(port: int) -> None:
        refused = ask(port, OUTSIDER, "GET", "/")
        assert refused.headers["content-type"] == "application/json"
        assert refused.body == '{"message":"This address may not reach this path."}'
        begun = b"x" * 300_000  # Caddy takes a first part of a body before it says no to the rest
        size = str(500 * 1024 * 1024)
        too_large = ask(port, OFFICE, "POST", "/api/v1/attachments/x/y", begun, Content_Length=size)
        assert too_large.status == 413

    with_edge(stack, make_rig, two_planes(), look)


def test_headers_and_compression_are_those_of_the_behaviour(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    def look(port: int) -> None:
        page = ask(port, OFFICE, "GET", "/big", Accept_Encoding="gzip")
        asset = ask(port, OFFICE, "GET", "/assets/big", Accept_Encoding="gzip")
        assert "content-encoding" not in page.headers
        assert asset.headers["content-encoding"] == "gzip"
        for answer in (page, asset):
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
            assert answer.headers["content-security-policy"] == "frame-ancestors 'self'"
            assert "server" not in answer.headers

    with_edge(stack, make_rig, two_planes(), look)


def test_what_only_aws_can_do_is_named() -> None:
    assert {"Rate", "SignInRate", "AWSManagedRulesCommonRuleSet"} <= set(two_planes().not_emulated)


def rule(action: dict[str, Any], kind: str, **body: Any) -> dict[str, Any]:
    """A rule of one statement."""
    return {"name": "New", "priority": 0, "action": action, "statement": {kind: body}}


def path_rule(pattern: str, transformation: str, part: str = "uriPath") -> dict[str, Any]:
    """A rule that looks for a pattern."""
    texts = [{"priority": 0, "type": transformation}]
    return rule(BLOCK, "regexMatchStatement", regexString=pattern, fieldToMatch={part: {}}, textTransformations=texts)


def translate(new: dict[str, Any]) -> EdgeRoutes:
    """Translate a web ACL of one rule."""
    edge = RenderedEdge()
    web_acl = Request(type="aws:wafv2/webAcl:WebAcl", name="edge", inputs={"rules": [new]})
    edge.remember(web_acl, Created(id="1", outputs={"arn": "acl"}))
    return edge.routes({"webAclId": "acl", "defaultCacheBehavior": {"allowedMethods": ["GET"]}})


@pytest.mark.parametrize(
    "new",
    [
        rule(BLOCK, "geoMatchStatement", countryCodes=["AQ"]),
        rule({"count": {}}, "geoMatchStatement", countryCodes=["AQ"]),
        path_rule("^/x", "NONE", part="body"),
        path_rule("^/x", "HTML_ENTITY_DECODE"),
        path_rule("^/X", "LOWERCASE"),
    ],
    ids=["statement", "action", "field", "transformation", "capitals in lower case"],
)
def test_a_rule_that_it_does_not_know_is_an_error_with_its_name(new: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="does not know the rule New"):
        translate(new)


def test_a_security_header_that_it_does_not_know_is_an_error() -> None:
    edge = RenderedEdge()
    policy = Request(
        type="aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        name="edge",
        inputs={"securityHeadersConfig": {"frameOptions": {"frameOption": "DENY", "override": True}}},
    )
    edge.remember(policy, Created(id="policy"))
    with pytest.raises(LocalError, match="frameOptions"):
        edge.routes({"defaultCacheBehavior": {"allowedMethods": ["GET"], "responseHeadersPolicyId": "policy"}})
