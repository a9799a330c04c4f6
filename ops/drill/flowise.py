"""Flowise's REST interface, as far as the drill needs it (Flowise 3.1.4)."""

import json
from typing import Any, Self, cast, final

import httpx

from ops.errors import OpsError

_TIMEOUT_SECONDS = 60
_ANSWER = "return 'answer:' + $flow.input.toUpperCase();"


@final
class Flowise:
    """One Flowise, as its owner sees it."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._cookies = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def pings(self) -> bool:
        """Whether it answers at all."""
        try:
            response = self._client.get("/api/v1/ping", timeout=5)
        except httpx.TransportError:
            return False
        return response.is_success and response.text == "pong"

    def login(self, email: str, password: str) -> None:
        """Sign in as its owner."""
        response = self._send("POST", "/api/v1/auth/login", json={"email": email, "password": password})
        # By hand: the cookies are marked Secure, and the local environment is plain HTTP.
        self._cookies = "; ".join(value.split(";", 1)[0] for value in response.headers.get_list("set-cookie"))

    def create_flow(self, name: str) -> str:
        """Make a flow that answers a question in upper case, without a model, and takes text files; return its id."""
        uploads = {"fullFileUpload": {"status": True, "allowedUploadFileTypes": "text/plain"}}
        body = {
            "name": name,
            "type": "AGENTFLOW",
            "flowData": json.dumps(_FLOW),
            "chatbotConfig": json.dumps(uploads),
        }
        return str(self._send("POST", "/api/v1/chatflows", json=body).json()["id"])

    def flows(self) -> dict[str, str]:
        """Content of all flows, by name."""
        found = cast("list[dict[str, Any]]", self._send("GET", "/api/v1/chatflows?type=AGENTFLOW").json())
        return {str(flow["name"]): str(flow["flowData"]) for flow in found}

    def ask(self, flow: str, question: str, chat: str) -> str:
        """Ask a flow in a chat; return its answer."""
        body = {"question": question, "chatId": chat}
        return str(self._send("POST", f"/api/v1/prediction/{flow}", json=body).json()["text"])

    def history(self, flow: str) -> dict[str, tuple[str, ...]]:
        """Everything that was said to and by a flow: when, in which chat, by whom and what, by the message's id."""
        found = cast("list[dict[str, Any]]", self._send("GET", f"/api/v1/chatmessage/{flow}").json())
        parts = ("createdDate", "chatId", "sessionId", "role", "content")
        return {str(message["id"]): tuple(str(message.get(part)) for part in parts) for message in found}

    def attach(self, flow: str, chat: str, name: str, content: bytes) -> None:
        """Attach a text file to a chat."""
        self._send("POST", f"/api/v1/attachments/{flow}/{chat}", files={"files": (name, content, "text/plain")})

    def attached(self, flow: str, chat: str, name: str) -> bytes:
        """Bytes of an attached file."""
        params = {"chatflowId": flow, "chatId": chat, "fileName": name}
        return self._send("GET", "/api/v1/get-upload-file", params=params).content

    def create_credential(self, name: str, user: str, password: str) -> str:
        """Store an HTTP Basic credential, which Flowise encrypts; return its id."""
        plain = {"basicAuthUsername": user, "basicAuthPassword": password}
        body = {"name": name, "credentialName": "httpBasicAuth", "plainDataObj": plain}
        return str(self._send("POST", "/api/v1/credentials", json=body).json()["id"])

    def credential_user(self, credential: str) -> str:
        """User name in a credential: only a server with the key that encrypted it can say it."""
        found = cast("dict[str, Any]", self._send("GET", f"/api/v1/credentials/{credential}").json())
        return str(found["plainDataObj"]["basicAuthUsername"])

    def _send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        # Without the first header Flowise looks for an API key, and ignores the cookies.
        headers = {"x-request-from": "internal"} | ({"Cookie": self._cookies} if self._cookies else {})
        try:
            response = self._client.request(method, url, headers=headers, **arguments)
        except httpx.TransportError as error:
            raise OpsError(f"Flowise does not answer {method} {url}: {error!r}") from error
        if not response.is_success:
            path = response.request.url.path
            raise OpsError(f"Flowise answers {method} {path} with {response.status_code}: {response.text[:300]}")
        return response


def _node(node_id: str, node_type: str, inputs: dict[str, str]) -> dict[str, object]:
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
    }
    return {"id": node_id, "type": "agentFlow", "position": {"x": 0, "y": 0}, "data": data}


_START, _FUNCTION = "startAgentflow_0", "customFunctionAgentflow_0"
_FLOW: dict[str, object] = {
    "nodes": [
        _node(_START, "Start", {"startInputType": "chatInput"}),
        _node(_FUNCTION, "CustomFunction", {"customFunctionJavascriptFunction": _ANSWER}),
    ],
    "edges": [
        {
            "id": "start-answer",
            "type": "agentFlow",
            "source": _START,
            "sourceHandle": f"{_START}-output-startAgentflow",
            "target": _FUNCTION,
            "targetHandle": _FUNCTION,
        }
    ],
    "viewport": {"x": 0, "y": 0, "zoom": 1},
}
