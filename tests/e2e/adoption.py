"""What a Flowise that moves here has made, one of each kind, and what of it is there after the move (docs/adopt.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.stackfiles import ROOT
from tests.e2e.flowise_api import FlowiseApi, FlowiseError

OLD_OWNER = ("old-owner@example.com", "Old-passw0rd!")
NEW_OWNER = ("new-owner@example.com", "New-passw0rd!")
"""Of the new stack, made before the data comes."""

ROWS = {
    "accounts, with their passwords": f"\"user\" WHERE email = '{OLD_OWNER[0]}'",
    "flows, with their ids": "chat_flow WHERE name = 'moved'",
    "messages of chats": "chat_message",
    "executions": "execution",
    "tools": "tool WHERE name = 'moved'",
    "assistants": "assistant",
    "document stores": "document_store WHERE name = 'moved'",
    "variables": "variable WHERE name = 'moved'",
    "their values": "variable WHERE name = 'moved' AND value = 'value of the variable'",
    "credentials": "credential WHERE name = 'moved'",
    "API keys of Flowise": "apikey WHERE \"keyName\" = 'moved'",
}
"""Kinds of data as the page names them, and which rows are counted; SQL of SQLite and PostgreSQL."""
FILE = "files of chats"
TEXT = b"kept in a file of a chat"


@dataclass(frozen=True, kw_only=True)
class Made:
    """One of each kind."""

    flow: str
    credential: str
    api_key: str
    exported: str
    """Flowise's own export of all of it."""


def make(api: FlowiseApi) -> Made:
    """Make one of each, as its owner."""
    flow = api.create_agent_flow("moved")
    api.predict_with_file(flow, "chat", "kept.txt", TEXT)
    api.create_tool("moved")
    api.create_variable("moved", "value of the variable")
    api.create_assistant("moved")
    api.create_document_store("moved")
    credential = api.create_credential("moved", {"basicAuthUsername": "ada", "basicAuthPassword": "kept-secret-9"})
    api_key = api.create_api_key("moved")
    return Made(flow=flow, credential=credential, api_key=api_key, exported=api.export_all())


def count(ask: Callable[[str], int], api: FlowiseApi, made: Made) -> Mapping[str, int]:
    """How many of each kind there are, in a database that answers a query with a number, and through the API."""
    rows = {kind: ask(f"SELECT count(*) FROM {rows}") for kind, rows in ROWS.items()}  # noqa: S608  # the table above
    return {**rows, FILE: int(_has_file(api, made))}


def check_use(api: FlowiseApi, made: Made) -> None:
    """What came along works: the flow answers, the credential opens, the API key is known."""
    assert api.predict(made.flow, "after it") == "answer:AFTER IT"
    assert api.read_credential(made.credential)["basicAuthUsername"] == "ada"
    assert api.status("GET", "/api/v1/chatflows", api_key=made.api_key)[0] == 200


def lost_on_page(column: int) -> dict[str, int]:
    """What the page says is lost by the procedure of a column of its table (counted from 1)."""
    lines = [line.split("|")[1:-1] for line in (ROOT / "docs" / "adopt.md").read_text("utf-8").splitlines()]
    cells = {line[0].strip(): line[column].strip() for line in lines if len(line) > column}
    return {kind: int(cells[kind].strip("*").split(" of ")[0]) for kind in (*ROWS, FILE)}


def lost(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """How many of each did not come along."""
    return {kind: before[kind] - after[kind] for kind in before}


def _has_file(api: FlowiseApi, made: Made) -> bool:
    try:
        return api.download_file(made.flow, "chat", "kept.txt") == TEXT
    except FlowiseError:
        return False
