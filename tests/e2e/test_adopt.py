"""What Flowise's own export brings along to a new instance and what it leaves behind, as docs/adopt.md counts it."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import LocalEnvironment
from tests.e2e.flowise_api import FlowiseApi

STACKS = {"dev"}
SECRET = "kept-secret-7"  # of a credential that the test makes


@pytest.fixture(scope="module")
def api(local_env: LocalEnvironment) -> Iterator[FlowiseApi]:
    """A client that is logged in as the owner."""
    with local_env.login() as owner:
        yield owner


def test_an_export_brings_flows_tools_and_chats_and_no_credentials_keys_or_values(
    local_env: LocalEnvironment, api: FlowiseApi
) -> None:
    flow = api.create_agent_flow("moved")
    assert api.predict(flow, "before the move") == "answer:BEFORE THE MOVE"
    credential = api.create_credential("moved", {"basicAuthUsername": "ada", "basicAuthPassword": SECRET})
    key = api.create_api_key("moved")
    tool, variable = api.create_tool("moved"), api.create_variable("moved", "value of the variable")
    before = api.count_all()

    exported = api.export_all()
    for gone in (SECRET, key, credential, local_env.owner()[0], "value of the variable"):
        assert gone not in exported

    for kind, id_ in (("chatflows", flow), ("tools", tool), ("variables", variable), ("credentials", credential)):
        api.delete(kind, id_)
    api.delete_api_key("moved")
    api.import_all(exported)

    assert "moved" in api.list_flows()
    assert api.predict(flow, "after it") == "answer:AFTER IT"  # with the id of before: embedded chats find it
    after = api.count_all()
    assert {kind: before[kind] - after[kind] for kind in before} == {
        "chatflows": 0,
        "tools": 0,
        "variables": 0,
        "credentials": 1,
        "apikey": 1,
    }
    assert api.variable_value("moved") == ""
