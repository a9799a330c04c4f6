"""`check-files`: what rows refer to and the bucket does not have."""

import json
from typing import Any

import pytest

from ops.clients import s3_client
from tests.ops.bucket_history import REGION
from tests.ops.conftest import Outcome, ops
from tests.ops.postgres_server import Server

ORGANIZATION, WORKSPACE, FLOW, STORE = (f"00000000-0000-4000-8000-00000000000{number}" for number in "1234")
KEYS = (
    f"{ORGANIZATION}/{FLOW}/chat-1/photo 1.png",
    f"{ORGANIZATION}/{FLOW}/chat-1/chart.png",
    f"{ORGANIZATION}/{FLOW}/a.pdf",
    f"{ORGANIZATION}/{FLOW}/b.pdf",
    f"{ORGANIZATION}/docustore/{STORE}/manual.docx",
)
"""Of every file that the rows below refer to."""


@pytest.fixture(scope="module")
def dsn(server: Server) -> str:
    """A Flowise with a reference of each kind; no test changes it."""
    made = server.make("files")
    server.run("files", 'ALTER TABLE chat_message ADD "chatId" varchar, ADD "fileUploads" text, ADD artifacts text')
    server.run("files", 'CREATE TABLE document_store (id uuid, name varchar, loaders text, "workspaceId" uuid)')
    user = "INSERT INTO \"user\" VALUES (%s, 'owner@example.com')"
    server.run("files", user, WORKSPACE)
    server.run("files", "INSERT INTO organization VALUES (%s, 'ours', %s)", ORGANIZATION, WORKSPACE)
    server.run("files", "INSERT INTO workspace VALUES (%s, 'ours', %s)", WORKSPACE, ORGANIZATION)
    nodes = {"nodes": [{"data": {"inputs": {"pdfFile": 'FILE-STORAGE::["a.pdf","b.pdf"]', "usage": "perPage"}}}]}
    server.run(
        "files", "INSERT INTO chat_flow VALUES (%s, 'f', %s, NULL, now(), %s)", FLOW, json.dumps(nodes), WORKSPACE
    )
    uploads = [
        {"type": "stored-file", "name": "photo: 1.png"},  # the colon is not part of the key
        {"type": "stored-file:full", "name": "text.txt"},  # its text is in the message
        {"type": "url", "name": "far.png", "data": "https://www.example.com/far.png"},
    ]
    artifacts = [{"type": "png", "data": "FILE-STORAGE::chart.png"}, {"type": "markdown", "data": "# Text"}]
    message = "INSERT INTO chat_message VALUES (gen_random_uuid(), 'user', %s, '', now(), 'chat-1', %s, %s)"
    server.run("files", message, FLOW, json.dumps(uploads), json.dumps(artifacts))
    server.run("files", message, FLOW, None, None)
    loaders = [{"id": "1", "loaderConfig": {"docxFile": "FILE-STORAGE::manual.docx"}}]
    store = "INSERT INTO document_store VALUES (%s, 'handbook', %s, %s)"
    server.run("files", store, STORE, json.dumps(loaders), WORKSPACE)
    return made


@pytest.fixture
def s3() -> Any:
    client = s3_client(REGION)
    client.create_bucket(Bucket="files")
    return client


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="files", Key=key, Body=b"x")


def check(dsn: str) -> Outcome:
    return ops("check-files", "--database", dsn, "--bucket", "files", "--region", REGION)


def test_nothing_is_missing_when_all_were_copied(dsn: str, s3: Any) -> None:
    put(s3, *KEYS, "other/object")
    done = check(dsn)
    assert (done.code, done.text) == (0, "0 of 5 files that rows refer to are not in files")


@pytest.mark.parametrize("missing", KEYS)
def test_each_kind_that_is_missing_is_named(missing: str, dsn: str, s3: Any) -> None:
    put(s3, *(key for key in KEYS if key != missing))
    done = check(dsn)
    assert (done.code, "1 of 5 files" in done.text) == (1, True), done.text
    assert f": {missing} " in done.text


def test_a_file_without_its_organisation_is_found_as_flowise_finds_it(dsn: str, s3: Any) -> None:
    put(s3, *(key.removeprefix(f"{ORGANIZATION}/") for key in KEYS))
    assert check(dsn).code == 0


def test_files_of_the_organisation_of_before_are_pointed_out(dsn: str, s3: Any) -> None:
    put(s3, *(key.replace(ORGANIZATION, "old-organisation") for key in KEYS))
    done = check(dsn)
    assert (done.code, "5 of 5" in done.text) == (1, True)
    assert done.text.endswith("Some are there under another organisation: old-organisation/")
