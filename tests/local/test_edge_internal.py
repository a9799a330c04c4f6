"""An internal stack's listener through a real Caddy: who reaches which plane, and who nothing at all."""

import http.client
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from analysis.recorder import Created, Recording, Request
from analysis.stackfiles import read_stack
from local.edge import EdgeRoutes, RenderedEdge
from local.layout import StackLayout
from local.local_overrides import local_overrides
from settings import parse_settings
from tests.components.test_sign_in import SIGN_IN
from tests.conftest import recorded_with
from tests.local.rig import Rig
from tests.local.test_edge_rules import ask, with_edge

HERE, BUILDER, COLLEAGUE, OUTSIDER = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"
CLIENTS = [f"{address}/32" for address in (HERE, BUILDER, COLLEAGUE)]


@cache
def opened(*, signed: bool = False) -> EdgeRoutes:
    """The routes after the last rule of the security group."""
    edits = {"internal.client_cidrs": CLIENTS, "internal.admin_cidrs": [f"{BUILDER}/32"]}
    secrets = {"oidc_client_secret": "x"} if signed else None
    recording = recorded_with(
        "internal", edits | ({"load_balancer.sign_in": SIGN_IN} if signed else {}), secrets=secrets
    )
    found = [routes for _, routes in admitted(recording) if routes]
    return found[-1]


def admitted(recording: Recording) -> Iterator[tuple[str, EdgeRoutes | None]]:
    """Each network that a security group lets in, with what the edge opens then; fed as the environment feeds it."""
    edge = RenderedEdge()
    for record in recording.records:
        if record.type.startswith("aws:"):
            request = Request(type=record.type, name=record.name, inputs=record.inputs)
            edge.remember(request, Created(id=record.id, outputs=record.outputs))
    for rule in recording.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        yield str(rule.inputs.get("cidrIpv4")), edge.admit(rule.inputs)


def test_the_planes_are_the_listeners(stack: StackLayout, make_rig: Callable[[], Rig]) -> None:
    def look(port: int) -> None:
        for path, builder, colleague in [
            ("/login", 200, 403),
            ("/api/v1/chatflows", 200, 403),
            ("/api/v1/prediction/1", 200, 200),
            ("/assets/index.js", 200, 200),
            ("/api/v1/%63hatflows", 200, 403),
        ]:
            assert ask(port, BUILDER, "GET", path).status == builder, path
            assert ask(port, COLLEAGUE, "GET", path).status == colleague, path
        answer = ask(port, COLLEAGUE, "GET", "/api/v1/prediction/1")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.headers["x-content-type-options"] == "nosniff"
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            ask(port, OUTSIDER, "GET", "/api/v1/ping")

    with_edge(stack, make_rig, opened(), look)


def test_it_opens_when_this_machine_is_admitted() -> None:
    edits = {"internal.client_cidrs": ["10.8.0.0/16", f"{HERE}/32"], "internal.admin_cidrs": []}
    opens = [network for network, routes in admitted(recorded_with("internal", edits)) if routes]
    assert opens == [f"{HERE}/32"]


def test_requests_end_at_the_load_balancers_idle_timeout() -> None:
    assert opened().read_timeout_seconds == 300
    assert opened().not_emulated == ()


def test_a_sign_in_is_named_as_not_emulated() -> None:
    assert opened(signed=True).not_emulated == ("sign-in at the load balancer",)


def test_this_machine_is_one_of_the_clients() -> None:
    config = local_overrides(read_stack("internal"), [], observe=False)
    found = parse_settings(config.values, config.secret_keys, "internal").internal
    assert found
    assert f"{HERE}/32" in found.client_cidrs
    assert f"{HERE}/32" in found.admin_cidrs
