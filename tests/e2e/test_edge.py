"""The edge as visitors meet it, over plain HTTP: what is compressed, kept, streamed and refused."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.components.test_edge import rows
from tests.e2e.conftest import OFFICE, OUTSIDER, LocalEnvironment
from tests.e2e.model import WORDS, speaking_model
from tests.local.test_edge_rules import ask

pytestmark = pytest.mark.parametrize("local_env", ["dev"], indirect=True)

SAMPLE = 4
"""Every fourth row of the path table; all of them are tried on a Caddy without Flowise in tests/local."""


@dataclass(frozen=True)
class Bundle:
    """Two kinds of addresses under /assets."""

    file: str
    missing: str = "/assets/not-there-0123abcd.js"


@pytest.fixture
def visitor(local_env: LocalEnvironment) -> Iterator[httpx.Client]:
    """Somebody who takes compressed answers."""
    with httpx.Client(base_url=local_env.url, headers={"Accept-Encoding": "gzip"}, timeout=60) as client:
        yield client


@pytest.fixture
def bundle(visitor: httpx.Client) -> Bundle:
    """The script that the page names."""
    found = re.search(r'src="(/assets/index-[^"]+\.js)"', visitor.get("/").text)
    assert found
    return Bundle(found.group(1))


def test_the_bundle_comes_compressed_and_may_be_kept(visitor: httpx.Client, bundle: Bundle) -> None:
    response = visitor.get(bundle.file)
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in response.headers["content-type"]


def test_a_browser_gets_the_bundle_as_the_image_holds_it(local_env: LocalEnvironment, bundle: Bundle) -> None:
    """In Brotli, untouched by the edge; all headers are of that form. Whoever takes no Brotli gets the plain one."""
    path = local_env.image / "node_modules" / "flowise-ui" / "build" / bundle.file.lstrip("/")
    made, plain = path.with_name(path.name + ".br").read_bytes(), path.read_bytes()
    with httpx.Client(
        base_url=local_env.url, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}, timeout=60
    ) as client:
        with client.stream("GET", bundle.file) as response:
            assert b"".join(response.iter_raw()) == made
        whole = response.headers
        assert whole["content-encoding"] == "br"
        assert whole["content-length"] == str(len(made))
        assert whole["content-type"].startswith("text/javascript")
        assert "accept-encoding" in whole["vary"].lower()
        assert whole["cache-control"] == "public, max-age=31536000, immutable"
        head = client.head(bundle.file).headers
        same = ("content-encoding", "content-length", "content-type", "etag", "vary", "cache-control")
        assert [head[name] for name in same] == [whole[name] for name in same]
        with client.stream("GET", bundle.file, headers={"Range": "bytes=100-199"}) as part:
            assert (part.status_code, b"".join(part.iter_raw())) == (206, made[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(made)}"
        assert client.get(bundle.file, headers={"If-None-Match": whole["etag"]}).status_code == 304
        nothing = client.get(bundle.file, headers={"Accept-Encoding": "identity", "If-None-Match": whole["etag"]})
        assert (nothing.status_code, nothing.content) == (200, plain)
        assert "content-encoding" not in nothing.headers
        assert "accept-encoding" in nothing.headers["vary"].lower()


def test_a_missing_file_is_not_kept(visitor: httpx.Client, bundle: Bundle) -> None:
    assert visitor.get(bundle.missing).headers["cache-control"] == "no-store"


def test_the_api_is_neither_compressed_nor_kept(visitor: httpx.Client) -> None:
    for path in ("/api/v1/ping", "/api/v1/settings", "/"):
        response = visitor.get(path)
        assert response.is_success
        assert "content-encoding" not in response.headers
        assert "immutable" not in response.headers.get("cache-control", "")


def test_security_headers_are_there_and_frames_are_left_to_flowise(visitor: httpx.Client, bundle: Bundle) -> None:
    for path in ("/", "/api/v1/ping", bundle.file):
        headers = visitor.get(path).headers
        assert headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "server" not in headers
    assert "frame-ancestors" in visitor.get("/").headers["content-security-policy"]


def test_events_arrive_while_the_flow_still_works(local_env: LocalEnvironment) -> None:
    """A second prediction is asked and answered between the first event and the last one of the first."""
    with local_env.login() as api:
        flow = api.create_agent_flow("slow")
        seen: list[str] = []
        first = threading.Event()

        def listen() -> None:
            for event in api.stream(flow, "wait 8000"):
                seen.append(event.event)
                first.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert first.wait(60)
        with local_env.login() as other:
            assert other.predict(flow, "quick") == "answer:QUICK"
        between = list(seen)
        listener.join()
    assert between
    assert "token" not in between
    assert "end" not in between
    assert "token" in seen
    assert seen[-1] == "end"


def test_every_token_arrives_before_the_model_says_the_next_one(local_env: LocalEnvironment) -> None:
    heard: list[str] = []
    with speaking_model() as model, local_env.login() as api:
        flow = api.create_model_flow("Words", model.url)
        model.say_next()
        for event in api.stream(flow, "Which words do you know?"):
            if event.event == "token":
                heard.append(str(event.data).strip())
                model.say_next()
    assert [word for word in heard if word] == list(WORDS)


@pytest.mark.parametrize("row", rows()[::SAMPLE], ids=lambda row: " ".join(row[:2]))
def test_the_path_table_holds(local_env: LocalEnvironment, row: list[str]) -> None:
    method, path, _, _, office, outsider = row
    for source, rule in ((OFFICE, office), (OUTSIDER, outsider)):
        blocked = ask(local_env.port, source, method, path).body.startswith('{"message":"This ')
        # The virtual patch of the table is not among the settings of dev.
        assert blocked is (rule not in {"-", "BlockedPaths"} or (rule == "BlockedPaths" and source == OUTSIDER))


def test_a_body_that_is_far_too_large_is_refused(local_env: LocalEnvironment) -> None:
    size = str(5000 * 1024 * 1024)
    refused = ask(local_env.port, OFFICE, "POST", "/api/v1/attachments/x/y", b"x" * 300_000, Content_Length=size)
    assert refused.status == 413
