"""What one prediction asks of the database and of the queue, counted (docs/decisions/0070-round-trips.md)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from tests.e2e.conftest import LocalEnvironment
from tests.e2e.drills import Drill, until
from tests.e2e.flowise_api import FlowiseApi

STATEMENTS = Counter(
    {
        "SELECT chat_flow": 1,
        "SELECT workspace": 1,
        "SELECT organization": 1,
        "SELECT execution": 1,
        "INSERT execution": 1,
        "SELECT chat_message": 1,
        "SELECT variable": 1,
        "UPDATE execution": 1,
        "INSERT chat_message": 2,
    }
)
"""Of a flow of two nodes; stock Flowise 3.1.4 sends 25, eight of them to open and close transactions."""

WINDOWS = 5
"""Predictions that are counted: what else runs in the environment only adds, so the least is what one takes."""

_STATEMENT = re.compile(r'LOG:  (?:execute <unnamed>|statement): (\w+)(?: .*?(?:FROM|INTO)| TRANSACTION)? ?"?(\w*)')


@pytest.fixture(scope="module")
def drill(local_env: LocalEnvironment) -> Iterator[Drill]:
    """An environment whose PostgreSQL writes down every statement, and a flow to ask."""
    with local_env.login() as api:
        found = Drill(local_env=local_env, flow=api.create_agent_flow("round-trips"))
    with found.connect("postgres", administrator=True) as connection:
        connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        connection.execute("SELECT pg_reload_conf()")
        yield found
        connection.execute("ALTER SYSTEM RESET log_statement")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def public(drill: Drill) -> Iterator[FlowiseApi]:
    """A client without a login."""
    with FlowiseApi(drill.local_env.url) as found:
        found.predict(drill.flow, "first")
        yield found


def test_a_prediction_sends_few_statements_and_no_transaction_of_one_row(drill: Drill, public: FlowiseApi) -> None:
    def log() -> str:
        return drill.local_env.log("postgres-database")

    def is_written() -> bool:
        return log()[before:].count('INSERT INTO "chat_message"') >= 2  # the last of them is the last statement

    found: list[Counter[str]] = []
    for _ in range(WINDOWS + 1):
        before = len(log())
        assert public.predict(drill.flow, "hi") == "answer:HI"
        until(is_written, "PostgreSQL has written the statements down")
        names = [" ".join(match) for match in _STATEMENT.findall(log()[before:])]
        found.append(Counter(name for name in names if name.strip() != "SELECT"))
    assert min(found[1:], key=lambda counted: counted.total()) == STATEMENTS


def test_the_rows_of_a_prediction_are_those_that_were_asked_for(drill: Drill, public: FlowiseApi) -> None:
    chat = str(uuid4())
    url = f"/api/v1/prediction/{drill.flow}"
    answers = [public.answer_of(url, {"question": question, "chatId": chat}) for question in ("one", "two")]
    last = answers[-1]
    rows = drill.rows(
        'SELECT state, "executionData"::json, "updatedDate" > "createdDate" FROM execution WHERE id = %s',
        last["executionId"],
    )
    assert rows == [("FINISHED", last["agentFlowExecutedData"], True)]
    messages = drill.rows(
        'SELECT role, content, "executionId"::text FROM chat_message WHERE "sessionId" = %s ORDER BY "createdDate"',
        chat,
    )
    assert messages == [
        (role, content, answer["executionId"])
        for answer, word in zip(answers, ("one", "two"), strict=True)
        for role, content in (("userMessage", word), ("apiMessage", f"answer:{word.upper()}"))
    ]
    assert drill.rows("SELECT role FROM chat_message WHERE id = %s", last["chatMessageId"]) == [("apiMessage",)]


def test_a_variable_is_read_when_a_node_names_it(drill: Drill, public: FlowiseApi) -> None:
    name = f"word{uuid4().hex[:8]}"
    with drill.local_env.login() as api:
        api.create_variable(name, "kept")
        flow = api.create_variable_flow(name, name)
    assert public.predict(flow, "hi") == "kept"


def test_a_flow_that_was_changed_answers_as_changed_at_once(drill: Drill, public: FlowiseApi) -> None:
    with drill.local_env.login() as api:
        flow = api.create_agent_flow("changed")
        assert public.predict(flow, "hi") == "answer:HI"
        drill.rows(
            "UPDATE chat_flow SET \"flowData\" = replace(\"flowData\", 'answer:', 'said:') WHERE id = %s RETURNING id",
            flow,
        )
    assert public.predict(flow, "hi") == "said:HI"


def test_only_what_somebody_hears_is_told_to_the_queue(drill: Drill, public: FlowiseApi) -> None:
    if drill.local_env.stack == "dev":
        assert drill.local_env.log("worker") == ""  # there is no queue
        return

    def published() -> int:
        with drill.valkey() as valkey:
            found = re.search(r"cmdstat_publish:calls=(\d+)", valkey.ask("INFO", "commandstats"))
        return int(found[1]) if found else 0

    def told(ask: Callable[[], object]) -> int:
        before = published()
        ask()
        return published() - before

    assert min(told(lambda: public.predict(drill.flow, "hi")) for _ in range(WINDOWS)) == 0
    assert told(lambda: public.predict_stream(drill.flow, "hi")) >= 9, "a stream has all its events"


def test_no_limit_is_counted_where_there_is_none_and_workers_read_one_stream(drill: Drill, public: FlowiseApi) -> None:
    assert public.predict(drill.flow, "hi") == "answer:HI"
    if drill.local_env.stack == "dev":
        return
    organization = drill.rows("SELECT id::text FROM organization")[0][0]
    with drill.valkey() as valkey:
        assert valkey.ask("EXISTS", f"keyv::keyv:predictions:{organization}") == "0"
        reading = valkey.ask("CLIENT", "LIST").count(" cmd=xread ")
    by_server = (
        4  # ends of predictions, upserts and schedules, and changes of rate limits; a worker: aborted predictions
    )
    assert reading == by_server * len(drill.servers) + len(drill.workers)
