"""The guards of image/preload/guards: on the code that is installed, and on the real Flowise as somebody from outside.

Harmless input alone: ids that do not exist, credentials that are absent, servers of the tests' own.
"""

import hashlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from analysis.stackfiles import ROOT
from pages.advisories import load
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi
from tests.local.rig import NODE_BIN

STACKS = {"dev"}
TESTS = ROOT / "image" / "test" / "tree"
REFUSED = (401, '{"error":"Unauthorized Access"}')
CHAT = str(uuid4())


@dataclass(frozen=True)
class Flows:
    """A public flow and a private one, and a key of their workspace."""

    public: str
    private: str
    api_key: str


@pytest.fixture(scope="module")
def flows(local_env: LocalEnvironment) -> Flows:
    """Made by the owner."""
    with local_env.login() as owner:
        public = owner.create_agent_flow("open to everybody", public=True)
        return Flows(public, owner.create_agent_flow("for people of ours"), owner.create_api_key("guards"))


@pytest.fixture
def outsider(local_env: LocalEnvironment) -> Iterator[FlowiseApi]:
    """Somebody without a login."""
    with FlowiseApi(local_env.url) as client:
        yield client


def run(tree: Path, tests: str, *, guards: str) -> dict[str, int]:
    """Run the tests of the guards on an installed tree; returns how many passed and failed."""
    done = subprocess.run(
        [NODE_BIN / "node", "--test", "--test-timeout=60000", "--test-reporter=tap", TESTS / tests],
        env={"PATH": str(NODE_BIN), "FLOWISE_TREE": str(tree), "FLOWISE_GUARDS": guards, "HOME": "/tmp"},  # noqa: S108
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    counts = {name: int(count) for name, count in re.findall(r"^# (tests|pass|fail) (\d+)$", done.stdout, re.MULTILINE)}
    if guards == "all":
        assert counts["fail"] == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return counts


@pytest.mark.parametrize("tests", ["guards.test.cjs", "code.test.cjs", "runs.test.cjs"])
def test_every_test_of_a_guard_fails_without_it(local_env: LocalEnvironment, tests: str) -> None:
    """So that each of them asks for what Flowise alone does not do; those that say `still` hold either way."""
    tree = local_env.image / "node_modules"
    still = (TESTS / tests).read_text(encoding="utf-8").count("test('still ")
    guarded = run(tree, tests, guards="all")
    assert guarded["pass"] == guarded["tests"] > still
    assert run(tree, tests, guards="none")["pass"] == still


def test_every_advisory_was_read_in_the_installed_code(local_env: LocalEnvironment) -> None:
    tree = local_env.image / "node_modules"
    texts = {name: (tree / name).read_text("utf-8") for name in load().files}
    changed = [n for n, text in texts.items() if hashlib.sha256(text.encode()).hexdigest() != load().files[n]]
    assert changed == [], "read the advisories of these files again, then write their digests into docs/advisories.yaml"
    for advisory in load().advisories:
        assert (tree / advisory.where).exists() == (advisory.verdict != "absent"), advisory.id
        assert advisory.holds in texts.get(advisory.where, ""), advisory.id
        assert not advisory.lacks or advisory.lacks not in texts[advisory.where], advisory.id


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/text-to-speech/generate", {"text": "hello", "provider": "openai", "credentialId": str(uuid4())}),
        ("POST", f"/oauth2-credential/refresh/{uuid4()}", None),
        ("GET", f"/oauth2-credential/callback?code=none&state={uuid4()}", None),
        ("GET", f"/leads/{uuid4()}", None),
        ("GET", f"/feedback/{uuid4()}", None),
    ],
)
def test_a_stranger_reaches_no_credential(outsider: FlowiseApi, method: str, path: str, body: object) -> None:
    assert outsider.status(method, f"/api/v1{path}", body) == REFUSED


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/chatflows-streaming/{flow}", None),
        ("GET", "/chatflows-uploads/{flow}", None),
        ("GET", "/public-chatbotConfig/{flow}", None),
        ("GET", "/public-chatflows/{flow}", None),
        ("POST", "/leads", {"chatflowid": "{flow}", "name": "nobody"}),
        ("GET", f"/get-upload-file?chatflowId={{flow}}&chatId={CHAT}&fileName=none.txt", None),
        ("POST", "/openai-assistants-file/download", {"chatflowId": "{flow}", "chatId": CHAT, "fileName": "none.txt"}),
        ("POST", f"/attachments/{{flow}}/{CHAT}", None),
        ("PUT", f"/chatmessage/abort/{{flow}}/{CHAT}", None),
        ("POST", "/text-to-speech/generate", {"text": "hello", "chatflowId": "{flow}"}),
    ],
)
def test_a_stranger_cannot_tell_a_private_flow_from_none(
    outsider: FlowiseApi, flows: Flows, method: str, path: str, body: dict[str, str] | None
) -> None:
    def ask(flow: str, api_key: str = "") -> tuple[int, str]:
        filled = {name: value.replace("{flow}", flow) for name, value in body.items()} if body else None
        return outsider.status(method, f"/api/v1{path.replace('{flow}', flow)}", filled, api_key)

    assert ask(flows.private) == ask(str(uuid4())) == REFUSED
    assert ask(flows.public) != REFUSED
    assert ask(flows.private, flows.api_key) != REFUSED
    assert ask(str(uuid4()), flows.api_key) == (404, '{"message":"Not found"}')


def test_people_of_the_workspace_use_their_private_flow(local_env: LocalEnvironment, flows: Flows) -> None:
    with local_env.login() as owner:
        assert owner.status("GET", f"/api/v1/chatflows-streaming/{flows.private}") == (200, '{"isStreaming":true}')
        assert owner.upload_file(flows.private, CHAT, "notes.txt", b"ours") == "ours"
        assert owner.download_file(flows.private, CHAT, "notes.txt") == b"ours"


def test_visitors_use_a_public_flow(outsider: FlowiseApi, flows: Flows) -> None:
    assert outsider.predict(flows.public, "hi") == "answer:HI"
    assert outsider.upload_file(flows.public, CHAT, "notes.txt", b"theirs") == "theirs"
    assert outsider.download_file(flows.public, CHAT, "notes.txt") == b"theirs"
    status, text = outsider.status("GET", f"/api/v1/public-chatbotConfig/{flows.public}")
    assert (status, "flowData" in text) == (200, True)
