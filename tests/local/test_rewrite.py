"""Container paths and cluster names, as they are on this machine."""
# ruff: noqa: S108  # paths in containers

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cluster.rewrite import Rewriter
from local.cluster.services import Services
from local.cluster.store import KubernetesObject

PATHS = {"/opt/flowise": Path("/x/image"), "/tmp": Path("/x/tmp"), "/home/flowise": Path("/x/home")}


def rewriter() -> Rewriter:
    return Rewriter(PATHS, lambda host, port: "127.0.0.1:41000" if (host, port) == ("flowise", 3000) else None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/opt/flowise", "/x/image"),
        ("--require /opt/flowise/preload.cjs --max", "--require /x/image/preload.cjs --max"),
        ("--x=/tmp/a:/home/flowise/b", "--x=/x/tmp/a:/x/home/b"),
        ('{"path":"/tmp"}', '{"path":"/x/tmp"}'),
        ("file:///opt/flowise/a.mjs", "file:///x/image/a.mjs"),
        ("/tmpfs /opt/flowise2 /var/tmp/x ./tmp a/tmp", "/tmpfs /opt/flowise2 /var/tmp/x ./tmp a/tmp"),
        ("https://example.com/tmp/x", "https://example.com/tmp/x"),
    ],
)
def test_paths_are_replaced_as_whole_parts(text: str, expected: str) -> None:
    assert rewriter().text(text) == expected


@given(st.text(alphabet="abc/.- :=", max_size=30))
def test_a_text_without_a_mapped_path_stays_as_it_is(text: str) -> None:
    assert rewriter().text(text) == text


def test_urls_lead_to_the_service() -> None:
    values = {
        "A": "http://flowise:3000/api",
        "B": "http://flowise:3001",
        "C": "redis://u:p@flowise:3000",
        "D": "flowise",
    }
    assert rewriter().environment(values) == {
        "A": "http://127.0.0.1:41000/api",
        "B": "http://flowise:3001",
        "C": "redis://u:p@127.0.0.1:41000",
        "D": "flowise",
    }


@pytest.mark.parametrize("host", ["web", "web.flowise", "web.flowise.svc", "web.flowise.svc.cluster.local"])
def test_every_name_of_a_service(host: str) -> None:
    services = Services()
    body = {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}
    services.add(KubernetesObject(kind="Service", namespace="flowise", name="web", body=body))
    [listener] = services.listeners
    resolve = services.resolver("flowise")
    assert resolve(host, 80) == resolve(host, None) == listener.address
    assert resolve(host, 81) is None
    assert services.resolver("other")("web", 80) is None
    assert resolve("web.flowise.example.com", 80) is None
