"""What the database logs, which RDS sends to CloudWatch: a real PostgreSQL with the stack's parameters."""

from collections.abc import Iterator

import pytest

from tests.conftest import recorded_with
from tests.ops.postgres_server import Server, started

QUESTION = "what may nobody read in a log"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    group = recorded_with("prod", {"database.slow_statement_milliseconds": 400}).of_type(
        "aws:rds/parameterGroup:ParameterGroup"
    )[-1]
    parameters = [
        f"{parameter['name']}={parameter['value']}"
        for parameter in group.inputs["parameters"]
        if not parameter["name"].startswith("rds.")  # RDS's own
    ]
    with started(parameters=parameters) as running:
        yield running


def test_a_slow_statement_is_logged_without_the_values_that_were_passed_to_it(server: Server) -> None:
    server.run("postgres", "SELECT pg_sleep(0.5), %s::text AS asked", QUESTION)
    log = server.log.read_text()
    assert "SELECT pg_sleep(0.5), $1::text AS asked" in log
    assert QUESTION not in log


def test_a_statement_that_is_not_slow_is_not_logged(server: Server) -> None:
    server.run("postgres", "SELECT %s::text AS quick", QUESTION)
    assert "AS quick" not in server.log.read_text()
