"""Nodes that are loaded when they are used: the same answers as Flowise's own, byte for byte, and every one loads."""

import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from analysis.stackfiles import ROOT
from local.layout import StackLayout
from local.pods import running_containers
from tests.e2e.conftest import LocalEnvironment, free_port
from tests.e2e.drills import until
from tests.e2e.flowise_api import FlowiseApi
from tests.local.rig import NODE_BIN

STACKS = {"dev"}
BATCH = 45
SCRIPT = ROOT / "tests" / "e2e" / "nodes.cjs"
DEPENDING = {
    "AZURE_OPENAI_API_KEY": "key",
    "AZURE_OPENAI_API_INSTANCE_NAME": "instance",
    "AZURE_OPENAI_API_DEPLOYMENT_NAME": "deployment",
    "AZURE_OPENAI_API_VERSION": "1",
    "CUSTOM_MCP_PROTOCOL": "sse",
    "POSTGRES_RECORDMANAGER_TABLE_NAME": "records",
    "POSTGRES_VECTORSTORE_HOST": "vectors.internal",
    "POSTGRES_VECTORSTORE_USER": "vectors",
    "POSTGRES_VECTORSTORE_PASSWORD": "kept-secret",
    "UNSTRUCTURED_API_URL": "http://unstructured.internal",
}
"""What the descriptions of some nodes depend on."""


def ask(local_env: LocalEnvironment, home: Path, *arguments: str, **variables: str) -> str:
    """What the script prints in a process without any other variables."""
    done = subprocess.run(
        [NODE_BIN / "node", SCRIPT, local_env.image, *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)} | variables,
        cwd=local_env.image,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout[done.stdout.index("{") :]


@pytest.mark.parametrize(
    "variables",
    [DEPENDING, {"SHOW_COMMUNITY_NODES": "true", "DISABLED_NODES": "chatOpenAI,pinecone"}],
    ids=["depending", "chosen"],
)
def test_nodes_and_credentials_are_those_of_flowise_byte_for_byte(
    local_env: LocalEnvironment, tmp_path: Path, variables: Mapping[str, str]
) -> None:
    """The REST answers are these objects in this order, as JSON; icons are sent from the paths that they name."""
    lazy, stock = (ask(local_env, tmp_path, how, **variables) for how in ("lazy", "stock"))
    before_loaded, _, loaded = lazy.partition('"loaded":')
    assert before_loaded == stock.partition('"loaded":')[0]
    files = json.loads(loaded[:-1])
    assert bool(files) == bool(set(variables) & set(DEPENDING)), files


def test_every_node_loads_on_first_use_and_is_as_described(local_env: LocalEnvironment, tmp_path: Path) -> None:
    index = json.loads((local_env.image / "nodes.json").read_text())
    count = 0
    for start in range(0, len(index["nodes"]), BATCH):
        answer = ask(local_env, tmp_path, "use", str(start), str(start + BATCH), SHOW_COMMUNITY_NODES="true")
        found = cast("dict[str, Any]", json.loads(answer))
        assert found["wrong"] == []
        count += found["count"]
    left_out = [each for each in index["nodes"] if each["properties"]["category"] in {"Analytic", "SpeechToText"}]
    assert count == len(index["nodes"]) - len(left_out)
    assert count > 290


@contextmanager
def stock_server(local_env: LocalEnvironment, home: Path) -> Generator[FlowiseApi]:
    """The same database and keys, and all nodes loaded at the start."""
    (pod,) = running_containers(StackLayout(name=local_env.stack, dir=local_env.directory), "server")
    own = {"HOME": str(home), "TMPDIR": str(home), "LOG_PATH": str(home), "HOST": "127.0.0.1", "PORT": str(free_port())}
    with (home / "stock.log").open("wb") as log:
        process = subprocess.Popen(
            [NODE_BIN / "node", "node_modules/flowise/bin/run", "start"],
            cwd=local_env.image,
            env={**pod.environment, **own, "FLOWISE_LOAD_ALL_NODES": "true"},
            stdout=log,
            stderr=log,
        )
        try:
            with FlowiseApi(f"http://127.0.0.1:{own['PORT']}") as api:
                until(lambda: process.poll() is not None or api.ping(), "Flowise with all nodes answers", seconds=300)
                assert process.poll() is None, (home / "stock.log").read_text()[-2000:]
                api.login(*local_env.owner())
                yield api
        finally:
            process.kill()
            process.wait(timeout=60)


def test_the_server_answers_as_flowise_does_with_all_nodes_loaded(local_env: LocalEnvironment, tmp_path: Path) -> None:
    with local_env.login() as ours, stock_server(local_env, tmp_path) as stock:
        paths = ["/api/v1/nodes", "/api/v1/components-credentials", "/api/v1/nodes/category/Agent Flows"]
        nodes = json.loads(stock.answer("/api/v1/nodes"))
        paths += [f"/api/v1/node-icon/{node['name']}" for node in nodes if "icon" in node]
        for path in paths:
            assert ours.answer(path) == stock.answer(path), path
        assert len(paths) > 280
        for node, method in (("llmAgentflow", "listModels"), ("toolAgentflow", "listTools"), ("sqlDatabaseChain", "x")):
            assert ours.options(node, method) == stock.options(node, method), node
        flow = ours.create_agent_flow("the same")
        assert ours.predict(flow, "does it work?") == stock.predict(flow, "does it work?")


def test_the_running_server_offers_them_by_the_index(local_env: LocalEnvironment) -> None:
    """Flowise would log each node that it cannot load, and the preload that it lets Flowise load them."""
    assert "initDatabase with file" not in local_env.log("server")
    assert "all nodes are loaded" not in local_env.log("server")
    with local_env.login() as api:
        assert api.list_nodes() >= {"reactAgentChat", "reactAgentLLM", "awsBedrock", "customFunctionAgentflow"}
