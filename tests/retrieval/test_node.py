"""Flowise's OpenSearch node against a real OpenSearch: what it finds, who is let in, what goes unsaid."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from analysis.stackfiles import ROOT
from tests.e2e.environment import LocalEnvironment
from tests.local.rig import NODE_BIN
from tests.retrieval.opensearch import OpenSearch

SCRIPT = Path(__file__).parent / "node.cjs"
ANIMALS = ["eagle", "salmon", "trout"]


class Node:
    """The node in a process of its own, with the credential that the component's secret makes."""

    def __init__(self, image: Path, opensearch: OpenSearch) -> None:
        self._image = image
        self._given = {
            "url": opensearch.url,
            "user": opensearch.administrator.user,
            "password": opensearch.administrator.password,
            "engine": "lucene",
            "space": "l2",
        }
        self._authority = opensearch.authority

    def run(self, *, trusting: bool = True, **wanted: Any) -> "subprocess.CompletedProcess[str]":
        """Let it `upsert` or `ask`."""
        trust = {"NODE_EXTRA_CA_CERTS": str(self._authority)} if trusting else {}
        return subprocess.run(
            [NODE_BIN / "node", SCRIPT, self._image, json.dumps(self._given | wanted)],
            env={"PATH": os.environ["PATH"], **trust},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def upsert(self, texts: list[str], **wanted: Any) -> int:
        """How many documents the node says that it has stored."""
        return int(self._answer(upsert=texts, **wanted)["added"])

    def ask(self, text: str, **wanted: Any) -> list[str]:
        """Texts that it finds nearest."""
        return list(self._answer(ask=text, **wanted)["found"])

    def _answer(self, **wanted: Any) -> dict[str, Any]:
        done = self.run(**wanted)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def node(local_env: LocalEnvironment, opensearch: OpenSearch) -> Node:
    return Node(local_env.image, opensearch)


def test_the_server_is_of_the_version_that_the_component_chooses(
    opensearch: OpenSearch, domain: dict[str, Any]
) -> None:
    number = opensearch.ask("GET", "/")["version"]["number"]
    assert f"OpenSearch_{number.rpartition('.')[0]}" == domain["engineVersion"]


@pytest.mark.parametrize("space", ["l2", "cosinesimil", "innerproduct"])
def test_the_node_stores_and_finds_by_each_distance_of_lucene(node: Node, opensearch: OpenSearch, space: str) -> None:
    index = f"distance-{space}"
    assert node.upsert(ANIMALS, index=index, space=space) == 3
    assert opensearch.texts(index) == ANIMALS
    assert node.ask("salmon", index=index, space=space) == ["salmon", "trout"]
    settings = opensearch.ask("GET", f"/{index}/_settings")[index]["settings"]["index"]
    assert (settings["number_of_shards"], settings["number_of_replicas"], settings["knn"]) == ("5", "1", "true")
    field = opensearch.ask("GET", f"/{index}/_mapping")[index]["mappings"]["properties"]["embedding"]
    assert (field["method"]["engine"], field["method"]["space_type"]) == ("lucene", space)


def test_nobody_is_let_in_without_the_password(node: Node, opensearch: OpenSearch) -> None:
    refused = node.run(index="closed", ask="salmon", password="another")
    assert refused.returncode == 1
    assert "Response Error" in refused.stderr
    anonymous = node.run(index="closed", ask="salmon", user="", password="")
    assert anonymous.returncode == 1
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(opensearch.url.replace("https", "http"), timeout=60)


def test_the_node_verifies_the_certificate(node: Node) -> None:
    refused = node.run(trusting=False, index="closed", ask="salmon")
    assert refused.returncode == 1
    assert "certificate" in refused.stderr


def test_a_second_upsert_stores_everything_twice_until_the_index_is_deleted(node: Node, opensearch: OpenSearch) -> None:
    for _ in range(2):
        node.upsert(["salmon", "trout"], index="twice")
    assert opensearch.texts("twice") == ["salmon", "salmon", "trout", "trout"]
    opensearch.ask("DELETE", "/twice")
    node.upsert(["salmon", "trout"], index="twice")
    assert opensearch.texts("twice") == ["salmon", "trout"]


def test_vectors_of_another_size_are_lost_and_the_node_says_that_they_are_stored(
    node: Node, opensearch: OpenSearch
) -> None:
    node.upsert(["salmon"], index="sizes")
    assert node.upsert(["flat"], index="sizes") == 1
    assert opensearch.texts("sizes") == ["salmon"]


def ask_as_documented(opensearch: OpenSearch, *words: str) -> str:
    """Run what docs/retrieval.md runs in a server pod, with the secret as its input."""
    page = (ROOT / "docs" / "retrieval.md").read_text("utf-8")
    (script,) = re.findall(r'-- node -e "(.*)" GET', page)
    assert "$" not in script, "a shell would change it"
    who = opensearch.administrator
    done = subprocess.run(
        [NODE_BIN / "node", "-e", script, *words],
        input=json.dumps({"url": opensearch.url, "user": who.user, "password": who.password}),
        env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(opensearch.authority)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def documented(what: str) -> dict[str, Any]:
    """The body that docs/retrieval.md shows for a path of the security API."""
    page = (ROOT / "docs" / "retrieval.md").read_text("utf-8")
    (found,) = re.findall(rf"^PUT /_plugins/_security/api/{what}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return json.loads(found)


def test_a_team_reaches_its_own_indexes_and_no_others(node: Node, opensearch: OpenSearch) -> None:
    """With the role and the user of docs/retrieval.md."""
    user = documented("internalusers/sales") | {"password": "Kq7-mVz_2xRd.9LwTp4"}
    made = {"roles/flowise-sales": documented("roles/flowise-sales"), "internalusers/sales": user}
    for path, body in made.items():
        answer = ask_as_documented(opensearch, "PUT", f"/_plugins/_security/api/{path}", json.dumps(body))
        assert answer.startswith("201 "), answer
    sales: dict[str, Any] = {"user": "sales", "password": user["password"]}
    node.upsert(ANIMALS, index="support-faq")

    assert node.upsert(ANIMALS, index="sales-faq", **sales) == 3
    assert node.ask("salmon", index="sales-faq", **sales) == ["salmon", "trout"]
    assert opensearch.texts("sales-faq") == ANIMALS
    tries: list[dict[str, Any]] = [{"ask": "salmon"}, {"upsert": ["trout"]}]
    for wanted in tries:
        assert node.run(index="support-faq", **wanted, **sales).returncode == 1, wanted
    assert opensearch.texts("support-faq") == ANIMALS
    assert node.run(index="marketing-faq", upsert=["trout"], **sales).returncode == 1, "it may not make others' either"
    assert "sales-faq" in ask_as_documented(opensearch, "GET", "/_cat/indices?v")
