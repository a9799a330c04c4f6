"""A file of the stated size passes on every entry point of the real Flowise; a larger one gets 413."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.events import read_events
from settings import parse_settings
from tests.conftest import edited
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi
from tests.local.rig import NODE_BIN

STACKS = {"dev"}
MIB = 1024 * 1024
LIMIT = parse_settings(edited("dev", {}).values, (), "dev").app.file_size_limit_mib * MIB
LINE = b"some words of a text file, one after another\n"
CHAT = "3f0c2c52-8a3e-4a55-9d3d-0c1f6e1c7a11"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """One request with a file in it."""

    path: str
    content_type: str
    body: bytes


@pytest.fixture(scope="module")
def api(local_env: LocalEnvironment) -> Iterator[FlowiseApi]:
    """A client that is logged in as the owner."""
    with local_env.login() as owner:
        yield owner


@pytest.fixture(scope="module")
def places(api: FlowiseApi) -> dict[str, str]:
    """Ids of what files are sent to."""
    return {"flow": api.create_agent_flow("uploads"), "store": api.create_document_store("uploads")}


def file_of(size: int) -> bytes:
    return (LINE * (size // len(LINE) + 1))[:size]


def form(path: str) -> Callable[[int], Upload]:
    def make(size: int) -> Upload:
        request = httpx.Request("POST", "http://x", files={"files": ("notes.txt", file_of(size), "text/plain")})
        return Upload(path=path, content_type=request.headers["content-type"], body=request.read())

    return make


def in_json(path: str, around: Callable[[str], dict[str, Any]]) -> Callable[[int], Upload]:
    def make(size: int) -> Upload:
        data = "data:text/plain;base64," + base64.b64encode(file_of(size)).decode()
        return Upload(path=path, content_type="application/json", body=json.dumps(around(data)).encode())

    return make


ENTRY_POINTS = {
    "attachment": form(f"/api/v1/attachments/{{flow}}/{CHAT}"),
    "prediction by form": form("/api/v1/prediction/{flow}"),
    "prediction": in_json(
        "/api/v1/prediction/{flow}",
        lambda data: {
            "question": "x",
            "uploads": [{"type": "file", "name": "notes.txt", "mime": "text/plain", "data": data}],
        },
    ),
    "document store by form": form("/api/v1/document-store/upsert/{store}"),
    "document store": in_json(
        "/api/v1/document-store/loader/preview",
        lambda data: {
            "storeId": "{store}",
            "loaderId": "textFile",
            "loaderConfig": {"txtFile": f"{data},filename:notes.txt"},
            "previewChunkCount": 1,
        },
    ),
    "vector upsert by form": form("/api/v1/vector/upsert/{flow}"),
    "vector upsert": in_json("/api/v1/vector/upsert/{flow}", lambda data: {"overrideConfig": {"txtFile": data}}),
}
WORKS = ("attachment", "prediction", "document store")
"""Where this flow and this store use the file; to the others it is no document to be taken in, which they say."""


def send(api: FlowiseApi, places: dict[str, str], entry: str, size: int, *, chunked: bool = False) -> int:
    upload = ENTRY_POINTS[entry](size)
    path, body = upload.path, upload.body
    for name, id_ in places.items():
        path, body = path.replace(f"{{{name}}}", id_), body.replace(f"{{{name}}}".encode(), id_.encode())
    return api.send_raw(path, upload.content_type, body, chunked=chunked).status_code


@pytest.mark.parametrize("entry", WORKS)
def test_a_file_of_the_limit_passes(api: FlowiseApi, places: dict[str, str], entry: str) -> None:
    assert send(api, places, entry, LIMIT, chunked=entry == "attachment") == 200


@pytest.mark.parametrize("entry", ENTRY_POINTS)
def test_three_bytes_more_are_refused(api: FlowiseApi, places: dict[str, str], entry: str) -> None:
    assert send(api, places, entry, LIMIT + 3, chunked="form" in entry) == 413


@pytest.mark.parametrize("entry", ["attachment", "prediction"])
def test_what_says_that_it_is_far_too_long_is_refused_at_the_edge(
    local_env: LocalEnvironment, api: FlowiseApi, places: dict[str, str], entry: str
) -> None:
    before = local_env.log("server")
    assert send(api, places, entry, 2 * LIMIT) == 413
    assert "413" not in local_env.log("server").removeprefix(before)


def test_no_server_was_started_again(local_env: LocalEnvironment) -> None:
    """A pod that runs out of memory is started again by the kubelet."""
    events = read_events(local_env.directory / "events.jsonl")
    starts = [event for event in events if event.get("container") == "server" and event.get("state") == "started"]
    assert len(starts) == 1


SERVER = """
const { createRequire } = require('node:module');
const load = createRequire(process.cwd() + '/');
const express = load('express');
const app = express();
app.use(express.json({ limit: process.env.FLOWISE_FILE_SIZE_LIMIT }));
const keep = load('multer')({ dest: process.argv[1] }).array('files');
app.post('/form', keep, (request, response) => response.json(request.files.map(({ size }) => size)));
app.post('/json', (request, response) => response.json(Object.keys(request.body)));
app.use((error, request, response, next) => response.status(error.statusCode ?? 500).json({ message: error.message }));
app.listen(0, '127.0.0.1', function () { console.log(this.address().port); });
"""


@pytest.fixture(scope="module")
def parsers(
    local_env: LocalEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, Path]]:
    """The image's own parsers behind its preload, with a limit of 1 MiB, and where forms keep files."""
    kept = tmp_path_factory.mktemp("kept")
    process = subprocess.Popen(
        [NODE_BIN / "node", "--require", "./preload.cjs", "--eval", SERVER, kept],
        cwd=local_env.image,
        env={"PATH": "/usr/bin:/bin", "FLOWISE_FILE_SIZE_LIMIT": "1mb"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        port = process.stdout.readline().strip()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            yield client, kept
    finally:
        process.kill()
        process.communicate(timeout=10)


def post(client: httpx.Client, path: str, content_type: str, body: bytes, *, chunked: bool) -> int:
    content = (body[start : start + 65536] for start in range(0, len(body), 65536)) if chunked else body
    return client.post(path, content=content, headers={"content-type": content_type}).status_code


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize(
    ("sizes", "status"),
    [
        ([MIB], 200),
        ([MIB + 1], 413),
        ([2 * MIB], 413),
        ([50 * MIB], 413),
        ([MIB // 2, MIB // 2], 200),
        ([MIB, MIB], 413),
        ([MIB // 2] * 10, 413),
    ],
    ids=str,
)
@pytest.mark.parametrize("fields", [{}, {"streaming": "true"}], ids=["files", "streaming"])
def test_forms(
    parsers: tuple[httpx.Client, Path], sizes: list[int], status: int, fields: dict[str, str], *, chunked: bool
) -> None:
    client, kept = parsers
    before = set(kept.iterdir())
    files = [("files", (f"{n}.txt", file_of(size), "text/plain")) for n, size in enumerate(sizes)]
    request = httpx.Request("POST", "http://x", data=fields, files=files)
    assert post(client, "/form", request.headers["content-type"], request.read(), chunked=chunked) == status
    assert len(set(kept.iterdir()) - before) == (len(sizes) if status == 200 else 0)  # nothing of a refused one stays


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("escaped", [False, True], ids=["plain", "escaped"])
@pytest.mark.parametrize(
    ("size", "status"), [(MIB, 200), (MIB + 1, 413), (MIB + 3 * MIB // 4, 413), (3 * MIB, 413), (40 * MIB, 413)]
)
def test_base64(parsers: tuple[httpx.Client, Path], size: int, status: int, *, escaped: bool, chunked: bool) -> None:
    text = json.dumps({"question": "x", "uploads": [{"data": "data:x/y;base64," + random_base64(size)}]})
    body = (text.replace("/", "\\/") if escaped else text).encode()
    assert post(parsers[0], "/json", "application/json", body, chunked=chunked) == status


def test_a_long_text_beside_a_file_is_no_larger_file(parsers: tuple[httpx.Client, Path]) -> None:
    half, prose = random_base64(MIB // 2), "two words. " * (MIB // 12)
    body = json.dumps({"uploads": [half], "question": prose}).encode()
    assert post(parsers[0], "/json", "application/json", body, chunked=False) == 200


def random_base64(size: int) -> str:
    return base64.b64encode(os.urandom(size)).decode()
