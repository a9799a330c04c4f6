"""`app.code_execution: off` on the real Flowise: it serves, and evaluates no code of flows, tools or requests."""

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import LocalEnvironment, running
from tests.e2e.flowise_api import FlowiseApi, FlowiseError

OFF = "Code execution is off"
CODE_ALONE = {"customFunctionAgentflow", "customFunction", "ifElseFunction", "customTool", "seqCustomFunction"}


@pytest.fixture(scope="module")
def without_code() -> Iterator[LocalEnvironment]:
    """Dev, but for the one setting."""
    yield from running("dev", "--set", 'app.code_execution="off"')


@pytest.fixture(scope="module")
def owner(without_code: LocalEnvironment) -> Iterator[FlowiseApi]:
    """A client that is logged in."""
    with without_code.login() as api:
        yield api


def test_a_custom_function_of_a_request_is_refused(owner: FlowiseApi) -> None:
    status, text = owner.status("POST", "/api/v1/node-custom-function", {"javascriptFunction": "return 1 + 1"})
    assert (status, OFF in text) == (403, True)


def test_nodes_that_are_nothing_but_code_are_not_offered(owner: FlowiseApi) -> None:
    offered = owner.list_nodes()
    assert not CODE_ALONE & offered
    assert {"agentAgentflow", "llmAgentflow", "httpAgentflow"} <= offered


def test_a_flow_with_a_function_does_not_run_it(owner: FlowiseApi) -> None:
    flow = owner.create_agent_flow("made before the choice", public=True)
    with pytest.raises(FlowiseError, match=OFF):
        owner.predict(flow, "hi")
