"""A real OpenSearch, and a real Flowise beside it: `make retrieval-test`."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from local.backends.authority import Authority
from local.layout import find_layout
from tests.conftest import recorded_with
from tests.e2e.conftest import running
from tests.e2e.environment import LocalEnvironment
from tests.retrieval.opensearch import Administrator, OpenSearch, started

RETRIEVAL = left_out_by_prod()["retrieval"]
DOMAIN = "aws:opensearch/domain:Domain"


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    """The domain that the component sets up."""
    return recorded_with("prod", {"retrieval": RETRIEVAL}).only(DOMAIN).inputs


@pytest.fixture(scope="session")
def secret() -> dict[str, str]:
    """What a person copies into a credential of Flowise; the password has every sign that it may have."""
    recording = recorded_with("prod", {"retrieval": RETRIEVAL})
    kept = json.loads(
        recording.only("aws:secretsmanager/secretVersion:SecretVersion", "retrieval").inputs["secretString"]
    )
    rules = recording.only("random:index/randomPassword:RandomPassword", "retrieval").inputs
    signs = str(rules["overrideSpecial"])
    return {**kept, "password": ("Az09" + signs).ljust(int(rules["length"]), "k")}


@pytest.fixture(scope="session")
def opensearch(domain: dict[str, Any], secret: dict[str, str]) -> Iterator[OpenSearch]:
    """One server for all tests, with a certificate that the pods of the local environment trust."""
    administrator = Administrator(user=secret["user"], password=secret["password"])
    with started(administrator, Authority(find_layout().ca), domain["advancedOptions"]) as server:
        yield server


@pytest.fixture(scope="session")
def local_env() -> Iterator[LocalEnvironment]:
    """A Flowise that stores its upserts itself, freshly started."""
    yield from running("dev")
