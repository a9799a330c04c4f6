"""A real Flowise keeps a document store in a real OpenSearch, and a flow answers from it (docs/retrieval.md)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.environment import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi
from tests.retrieval.embedder import embedder
from tests.retrieval.opensearch import OpenSearch

STORES = "/api/v1/document-store"
INDEX = "handbook"


@pytest.fixture(scope="module")
def api(local_env: LocalEnvironment) -> Iterator[FlowiseApi]:
    with local_env.login() as api:
        yield api


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    with embedder() as base_path:
        yield base_path


def posted(api: FlowiseApi, path: str, body: object) -> Any:
    status, text = api.status("POST", path, body)
    assert status < 300, text
    return json.loads(text)


def credential(api: FlowiseApi, kind: str, values: dict[str, str]) -> str:
    body = {"name": kind, "credentialName": kind, "plainDataObj": values}
    return str(posted(api, "/api/v1/credentials", body)["id"])


@pytest.fixture(scope="module")
def secret_credential(api: FlowiseApi, opensearch: OpenSearch) -> str:
    """The values of the component's secret, in the fields of Flowise's credential."""
    who = opensearch.administrator
    values = {"openSearchUrl": opensearch.url, "user": who.user, "password": who.password}
    return credential(api, "openSearchUrl", values)


def upsert(api: FlowiseApi, model: str, opensearch_credential: str, texts: list[str]) -> tuple[str, tuple[int, str]]:
    """Make a document store of the texts as its pages do, and insert it; its id, and what the insertion answers."""
    store = api.create_document_store("animals")
    for text in texts:
        loader = {"storeId": store, "loaderId": "plainText", "loaderName": "Plain Text", "loaderConfig": {"text": text}}
        saved = posted(api, f"{STORES}/loader/save", loader)
        posted(api, f"{STORES}/loader/process/{saved['id']}", loader | {"id": saved["id"]})
    config = {
        "storeId": store,
        "embeddingName": "openAIEmbeddingsCustom",
        "embeddingConfig": {
            "credential": credential(api, "openAIApi", {"openAIApiKey": "none"}),
            "basepath": model,
            "modelName": "animals",
            "encodingFormat": "float",
        },
        "vectorStoreName": "openSearch",
        "vectorStoreConfig": {
            "credential": opensearch_credential,
            "indexName": INDEX,
            "engine": "lucene",
            "spaceType": "cosinesimil",
            "topK": "2",
        },
    }
    return store, api.status("POST", f"{STORES}/vectorstore/insert", config)


def test_a_flow_answers_from_documents_in_opensearch(
    api: FlowiseApi, model: str, secret_credential: str, opensearch: OpenSearch
) -> None:
    texts = ["the salmon swims", "the trout swims too", "the eagle flies"]
    store, (status, text) = upsert(api, model, secret_credential, texts)
    assert status == 200, text
    assert json.loads(text)["numAdded"] == 3
    assert opensearch.texts(INDEX) == sorted(texts)

    found = posted(api, f"{STORES}/vectorstore/query", {"storeId": store, "query": "where is the salmon?"})
    assert [doc["pageContent"] for doc in found["docs"]] == texts[:2]
    flow = api.create_retrieval_flow("animals", store)
    assert api.predict(flow, "where is the salmon?") == "\n".join(texts[:2])


def test_a_wrong_password_is_told_at_the_upsert_and_never_shown(
    api: FlowiseApi, model: str, opensearch: OpenSearch
) -> None:
    who = opensearch.administrator
    wrong = {"openSearchUrl": opensearch.url, "user": who.user, "password": "never-to-be-shown"}
    _, (status, text) = upsert(api, model, credential(api, "openSearchUrl", wrong), ["the salmon swims"])
    assert status == 500
    assert "Unauthorized" in text
    assert "never-to-be-shown" not in text
