"""Flowise's REST interface, as far as the end-to-end tests use it (Flowise 3.1.4)."""

import json
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast, final
from uuid import uuid4

import httpx

_ANSWER_FUNCTION = """
const wait = /^wait (\\d+)/.exec($flow.input);
if (wait) await new Promise((resolve) => setTimeout(resolve, Number(wait[1])));
return 'answer:' + $flow.input.toUpperCase();
"""

_TIMEOUT_SECONDS = 60.0
"""Longer than Flowise's own limit for a custom function (10 s), so that a slow answer is told from none."""


class FlowiseError(Exception):
    """An answer that is no success: what was asked, the status and what Flowise said."""


@final
@dataclass(frozen=True, kw_only=True)
class StreamEvent:
    """One server-sent event of a streamed prediction."""

    event: str
    """Such as `start`, `token`, `agentFlowEvent`, `nextAgentFlow`, `metadata`, `end`."""

    data: Any
    """Whatever JSON value came with it."""


@final
class FlowiseApi:
    """Talks to one Flowise as one signed-in person; without `login` only the public calls work.

    Cookies are kept by hand: Flowise marks them Secure in production, and a test that talks plain HTTP to a server
    behind the edge has to send them all the same.
    """

    def __init__(self, base_url: str, verify: str | bool = True) -> None:
        """`verify` is False, or the path of the edge's certificate authority, where it is no public one."""
        self._client = httpx.Client(base_url=base_url, verify=_trust(verify), timeout=_TIMEOUT_SECONDS)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def ping(self) -> bool:
        """Whether Flowise itself answers: its page for people answers 200 on every other path."""
        try:
            response = self._client.get("/api/v1/ping", timeout=5.0)
        except httpx.TransportError:
            return False
        return response.is_success and response.text == "pong"

    def login(self, email: str, password: str) -> None:
        """Signs in; later calls are made as this person."""
        response = self._send("POST", "/api/v1/auth/login", json_body={"email": email, "password": password})
        self._cookies = {
            name: value
            for header in response.headers.get_list("set-cookie")
            for name, _, value in [header.split(";", 1)[0].partition("=")]
        }

    def create_api_key(self, name: str) -> str:
        """Makes a key that may view flows and returns the key itself."""
        body = {"keyName": name, "permissions": ["chatflows:view", "agentflows:view"]}
        keys = cast("list[dict[str, Any]]", self._call("POST", "/api/v1/apikey", json_body=body))
        return next(str(key["apiKey"]) for key in keys if key["keyName"] == name)

    def create_agent_flow(self, name: str, *, public: bool = False, padding_kib: int = 0) -> str:
        """Makes a flow that needs no model, and returns its id.

        It answers `answer:` and the question in upper case; a question that begins with `wait 1500` is answered after
        1500 milliseconds (Flowise allows 10 seconds). It takes text files as attachments. A public one has a
        page of its own. With `padding_kib` its definition is so much larger.
        """
        return self._create_flow(name, _function(padding_kib), public=public)

    def create_variable_flow(self, name: str, variable: str) -> str:
        """Makes a flow that answers with the value of a variable which its inputs name; returns its id."""
        given = {"variableName": "given", "variableValue": "{{$vars." + variable + "}}"}
        inputs = {
            "customFunctionJavascriptFunction": "return $given",
            "customFunctionInputVariables": [given],
        }
        node = _node("customFunctionAgentflow_0", "CustomFunction", 250, inputs)
        cast("dict[str, Any]", node["data"])["inputParams"] = [
            {"name": "customFunctionInputVariables", "type": "array", "acceptVariable": True}
        ]
        return self._create_flow(name, node, public=False)

    def create_model_flow(self, name: str, base_path: str) -> str:
        """Makes a public flow that asks a model server (OpenAI's protocol) below `base_path`; returns its id.

        Flowise's check against private addresses does not cover the clients of model providers (3.1.4).
        """
        config = {"basepath": base_path, "modelName": "words", "openAIApiKey": "none", "streaming": True}
        inputs = {"llmModel": "chatOpenAI", "llmModelConfig": config, "llmEnableMemory": False}
        return self._create_flow(name, _node("llmAgentflow_0", "LLM", 250, inputs), public=True)

    def create_retrieval_flow(self, name: str, store_id: str) -> str:
        """Makes a public flow that answers with the nearest texts of a document store, and returns its id."""
        inputs = {"retrieverKnowledgeDocumentStores": [{"documentStore": f"{store_id}:{name}"}], "outputFormat": "text"}
        return self._create_flow(name, _node("retrieverAgentflow_0", "Retriever", 250, inputs), public=True)

    def _create_flow(self, name: str, answering: dict[str, object], *, public: bool) -> str:
        uploads = {"fullFileUpload": {"status": True, "allowedUploadFileTypes": "text/plain"}}
        body = {
            "name": name,
            "type": "AGENTFLOW",
            "isPublic": public,
            "flowData": json.dumps(_flow_data(answering)),
            "chatbotConfig": json.dumps(uploads),
        }
        return str(self._call("POST", "/api/v1/chatflows", json_body=body)["id"])

    def create_scheduled_flow(self, name: str) -> str:
        """Makes a flow that runs by itself at every full minute, and returns its id."""
        start = {
            "startInputType": "scheduleInput",
            "scheduleType": "cronExpression",
            "scheduleCronExpression": "* * * * *",
            "scheduleTimezone": "UTC",
            "scheduleInputMode": "text",
            "scheduleDefaultInput": "tick",
        }
        body = {"name": name, "type": "AGENTFLOW", "flowData": json.dumps(_flow_data(_function(), start))}
        return str(self._call("POST", "/api/v1/chatflows", json_body=body)["id"])

    def status(self, method: str, url: str, body: object = None, api_key: str = "") -> tuple[int, str]:
        """Status and text of whatever Flowise answers."""
        internal = {"x-request-from": "internal", **self._session()} if self._cookies else {}
        headers = internal | ({"Authorization": f"Bearer {api_key}"} if api_key else {})
        response = self._client.request(method, url, json=body, headers=headers)
        return response.status_code, response.text

    def list_flows(self) -> list[str]:
        """Names of all agent flows."""
        flows = cast("list[dict[str, Any]]", self._call("GET", "/api/v1/chatflows?type=AGENTFLOW"))
        return [str(flow["name"]) for flow in flows]

    def list_nodes(self) -> set[str]:
        """Names of the nodes that are offered to whoever builds a flow."""
        return {str(node["name"]) for node in cast("list[dict[str, Any]]", self._call("GET", "/api/v1/nodes"))}

    def answer(self, path: str) -> bytes:
        """The body of an answer to GET, as it came."""
        return self._send("GET", path, json_body=None).content

    def options(self, node: str, method: str) -> object:
        """What a node offers in a list, such as models; it runs the node's own code."""
        return self._call("POST", f"/api/v1/node-load-method/{node}", json_body={"loadMethod": method})

    def predict(self, flow_id: str, question: str, api_key: str | None = None) -> str:
        """Asks a flow and returns the text of its answer, as the public would (no cookies)."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        url = f"/api/v1/prediction/{flow_id}"
        response = self._client.post(url, json={"question": question}, headers=headers)
        return str(_checked(response).json()["text"])

    def answer_of(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The answer to a POST, as the public would ask (no cookies)."""
        return cast("dict[str, Any]", _checked(self._client.post(path, json=body)).json())

    def predict_with_file(self, flow_id: str, chat_id: str, name: str, content: bytes) -> None:
        """Asks a flow in a chat with a text file, which Flowise keeps and the message refers to."""
        data = f"data:text/plain;base64,{b64encode(content).decode()}"
        upload = {"type": "file", "name": name, "mime": "text/plain", "data": data}
        body = {"question": "with a file", "chatId": chat_id, "uploads": [upload]}
        _checked(self._client.post(f"/api/v1/prediction/{flow_id}", json=body))

    def predict_stream(self, flow_id: str, question: str) -> list[StreamEvent]:
        """Asks a flow and returns every event of the streamed answer, in order."""
        return list(self.stream(flow_id, question))

    def stream(self, flow_id: str, question: str) -> Iterator[StreamEvent]:
        """Asks a flow and yields the events of the streamed answer as they come."""
        url = f"/api/v1/prediction/{flow_id}"
        with self._client.stream("POST", url, json={"question": question, "streaming": True}) as response:
            if response.is_error:
                response.read()
            _checked(response)
            yield from _events(response.iter_lines())

    def upload_file(self, flow_id: str, chat_id: str, name: str, content: bytes) -> str:
        """Attaches a text file (`*.txt`) to a chat and returns the text that Flowise has read from it.

        With a private flow this and `download_file` need a login.
        """
        url = f"/api/v1/attachments/{flow_id}/{chat_id}"
        files = {"files": (name, content, "text/plain")}
        response = self._client.post(url, files=files, headers=self._session())
        return str(_checked(response).json()[0]["content"])

    def download_file(self, flow_id: str, chat_id: str, name: str) -> bytes:
        """The bytes of an attached file."""
        params = {"chatflowId": flow_id, "chatId": chat_id, "fileName": name}
        return _checked(self._client.get("/api/v1/get-upload-file", params=params, headers=self._session())).content

    def list_executions(self, flow_id: str) -> list[str]:
        """Ids of the executions of an agent flow."""
        found = self._call("GET", f"/api/v1/executions?agentflowId={flow_id}")
        return [str(execution["id"]) for execution in found["data"]]

    def share_execution(self, execution_id: str) -> None:
        """Makes an execution public, as the button Share does."""
        self._call("PUT", f"/api/v1/executions/{execution_id}", json_body={"isPublic": True})

    def create_tool(self, name: str) -> str:
        """Makes a custom tool and returns its id."""
        body = {"name": name, "description": name, "color": "#000", "schema": "[]", "func": "return 1"}
        return str(self._call("POST", "/api/v1/tools", json_body=body)["id"])

    def create_assistant(self, name: str) -> str:
        """Makes a custom assistant and returns its id."""
        body = {"type": "CUSTOM", "details": json.dumps({"name": name}), "credential": str(uuid4())}
        return str(self._call("POST", "/api/v1/assistants", json_body=body)["id"])

    def create_variable(self, name: str, value: str) -> str:
        """Makes a variable and returns its id."""
        return str(
            self._call("POST", "/api/v1/variables", json_body={"name": name, "value": value, "type": "static"})["id"]
        )

    def export_all(self) -> str:
        """All that Flowise exports, as the text of the file."""
        kinds = (
            *("agentflow", "agentflowv2", "assistantCustom", "assistantOpenAI", "assistantAzure", "chatflow"),
            *("chat_message", "chat_feedback", "custom_template", "document_store", "execution", "tool", "variable"),
        )
        body = dict.fromkeys(kinds, True)
        return self._send("POST", "/api/v1/export-import/export", json_body=body).text

    def import_all(self, exported: str) -> None:
        """Imports the file of an export."""
        self._send("POST", "/api/v1/export-import/import", json_body=json.loads(exported))

    def send_raw(self, path: str, content_type: str, body: bytes, *, chunked: bool) -> httpx.Response:
        """Posts bytes as they are and returns whatever comes; chunked: without saying before how many they are."""
        pieces = (body[start : start + 65536] for start in range(0, len(body), 65536))
        headers = {"content-type": content_type, "x-request-from": "internal"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return self._client.post(path, content=pieces if chunked else body, headers=headers)

    def create_document_store(self, name: str) -> str:
        """Makes an empty document store and returns its id."""
        body = {"name": name, "description": ""}
        return str(self._call("POST", "/api/v1/document-store/store", json_body=body)["id"])

    def create_credential(self, name: str, plain: dict[str, str]) -> str:
        """Stores an HTTP Basic credential (`basicAuthUsername`, `basicAuthPassword`), encrypted, and returns its id."""
        body = {"name": name, "credentialName": "httpBasicAuth", "plainDataObj": plain}
        return str(self._call("POST", "/api/v1/credentials", json_body=body)["id"])

    def read_credential(self, credential_id: str) -> dict[str, str]:
        """The decrypted values, with passwords redacted by Flowise.

        The user name comes back in plain: only a server with the right encryption key can show it. With another key
        Flowise answers 500 (`FlowiseError`).
        """
        return cast("dict[str, str]", self._call("GET", f"/api/v1/credentials/{credential_id}")["plainDataObj"])

    def _call(self, method: str, url: str, *, json_body: object = None) -> Any:
        return self._send(method, url, json_body=json_body).json()

    def _send(self, method: str, url: str, *, json_body: object) -> httpx.Response:
        # Without this header Flowise looks for an API key and ignores the cookies.
        headers = {"x-request-from": "internal", **self._session()}
        return _checked(self._client.request(method, url, json=json_body, headers=headers))

    def _session(self) -> dict[str, str]:
        if not self._cookies:
            return {}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}


def _trust(verify: str | bool) -> ssl.SSLContext | bool:
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    request = response.request
    raise FlowiseError(f"{request.method} {request.url.path}: HTTP {response.status_code} {response.text[:500]}")


def _events(lines: Iterator[str]) -> Iterator[StreamEvent]:
    """Flowise 3.1.4 sends `message:` and one `data:` line that holds the event's name and its data as JSON."""
    for line in lines:
        if line.startswith("data:"):
            payload: dict[str, Any] = json.loads(line.removeprefix("data:"))
            yield StreamEvent(event=str(payload["event"]), data=payload.get("data"))


_CHAT = {"startInputType": "chatInput"}


def _flow_data(answering: dict[str, object], start_inputs: Mapping[str, str] = _CHAT) -> dict[str, object]:
    """A Start node and the one that answers, with no more than Flowise needs to run and to draw them."""
    start = _node("startAgentflow_0", "Start", 0, start_inputs)
    edge = {
        "id": "start-answer",
        "type": "agentFlow",
        "source": "startAgentflow_0",
        "sourceHandle": "startAgentflow_0-output-startAgentflow",
        "target": answering["id"],
        "targetHandle": answering["id"],
    }
    return {"nodes": [start, answering], "edges": [edge], "viewport": {"x": 0, "y": 0, "zoom": 1}}


def _function(padding_kib: int = 0) -> dict[str, object]:
    """Node that answers without a model."""
    padding = f"// {'x' * padding_kib * 1024}\n" if padding_kib else ""
    inputs = {"customFunctionJavascriptFunction": padding + _ANSWER_FUNCTION}
    return _node("customFunctionAgentflow_0", "CustomFunction", 250, inputs)


def _node(node_id: str, node_type: str, x: int, inputs: Mapping[str, object]) -> dict[str, object]:
    name = node_id.removesuffix("_0")
    data: dict[str, object] = {
        "id": node_id,
        "label": node_type,
        "name": name,
        "version": 1.1,
        "type": node_type,
        "category": "Agent Flows",
        "baseClasses": [node_type],
        "inputParams": [],
        "inputAnchors": [],
        "inputs": inputs,
        "outputAnchors": [{"id": f"{node_id}-output-{name}", "label": node_type, "name": name}],
        "outputs": {},
        "color": "#7EE787",  # nodes of agent flows have a colour; one without it has an icon of its own
    }
    return {"id": node_id, "type": "agentFlow", "position": {"x": x, "y": 0}, "data": data}
