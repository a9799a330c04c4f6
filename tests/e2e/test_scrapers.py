"""Scrapers that need a browser are not offered, and what names them all the same ends with an error."""

import json

from tests.e2e.conftest import LocalEnvironment

STACKS = {"dev"}
NEED_A_BROWSER = {"puppeteerWebScraper", "playwrightWebScraper"}


def test_they_are_not_offered_and_end_with_an_error(local_env: LocalEnvironment) -> None:
    with local_env.login() as owner:
        offered = owner.list_nodes()
        assert not offered & NEED_A_BROWSER
        assert "cheerioWebScraper" in offered
        store = owner.create_document_store("scrapers")
        for loader in NEED_A_BROWSER:
            body = {"storeId": store, "loaderId": loader, "loaderConfig": {"url": "https://example.com"}}
            text = json.dumps(body | {"previewChunkCount": 1}).encode()
            answer = owner.send_raw("/api/v1/document-store/loader/preview", "application/json", text, chunked=False)
            assert answer.is_error, answer.text
