"""`export --sqlite`: what a file of SQLite holds is there after an import into PostgreSQL."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ops.portable.sqlite import NEWEST, POSTGRES_MIGRATIONS
from tests.ops.conftest import Outcome, ops
from tests.ops.postgres_server import Server

FLOW, WORKSPACE, ORGANIZATION, USER = (f"00000000-0000-4000-8000-00000000000{number}" for number in "1234")
TEXT = 'tab\t newline\n "quotes" \\N \\ backslash, 漢字'
SCHEMA = """
CREATE TABLE migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp bigint, name varchar);
CREATE TABLE "user" (id uuid, email varchar, credential text, "createdBy" uuid);
CREATE TABLE organization (id uuid, name varchar, "createdBy" uuid);
CREATE TABLE workspace (id uuid, name varchar, "organizationId" uuid);
CREATE TABLE chat_flow (id varchar, name varchar, "flowData" text, "isPublic" boolean, "createdDate" datetime,
  "workspaceId" TEXT);
CREATE TABLE login_sessions (sid PRIMARY KEY, expired, sess);
CREATE TABLE upsertion_records (uuid TEXT);
"""
"""Written for these tests, with SQLite's types as Flowise's migrations name them."""


@pytest.fixture
def new(server: Server) -> str:
    """A database that Flowise 3.1.4 has made."""
    dsn = server.make("new")
    names = [line for line in POSTGRES_MIGRATIONS.read_text().splitlines() if not line.startswith("#")]
    server.run("new", "INSERT INTO migrations (timestamp, name) SELECT 1, unnest(%s::text[])", names)
    return dsn


def make(migration: str = NEWEST) -> str:
    """Write the file of an old Flowise."""
    rows: dict[str, tuple[Any, ...]] = {
        "migrations": (1, 1, migration),
        '"user"': (USER, "owner@example.com", "hash", USER),
        "organization": (ORGANIZATION, "ours", USER),
        "workspace": (WORKSPACE, "ours", ORGANIZATION),
        "chat_flow": (FLOW, TEXT, "{}", 1, "2026-01-02 03:04:05.678", WORKSPACE),
        "login_sessions": ("a", 1, "{}"),
        "upsertion_records": ("a",),
    }
    with closing(sqlite3.connect("database.sqlite")) as connection, connection:
        connection.executescript(SCHEMA)
        for table, values in rows.items():
            places = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} VALUES ({places})", values)  # noqa: S608  # names from above
    return "database.sqlite"


def export(*words: str) -> Outcome:
    return ops("export", "--archive", "archive", *words)


def test_rows_of_sqlite_are_there_in_postgresql(new: str) -> None:
    before = Path(make()).read_bytes()
    done = export("--sqlite", "database.sqlite")
    assert done.code == 0, done.text
    assert "of nodes and not of Flowise: upsertion_records" in done.text
    assert Path("database.sqlite").read_bytes() == before
    done = ops("import", "--archive", "archive", "--database", new)
    assert done.code == 0, done.text
    with psycopg.connect(new) as connection:
        [(flow,)] = connection.execute("SELECT to_jsonb(t) FROM chat_flow t").fetchall()
        [(owner,)] = connection.execute('SELECT to_jsonb(t) FROM "user" t').fetchall()
    expected = {"id": FLOW, "name": TEXT, "flowData": "{}", "isPublic": True, "workspaceId": WORKSPACE}
    assert flow == {**expected, "createdDate": "2026-01-02T03:04:05.678"}
    assert (owner["email"], owner["createdBy"]) == ("owner@example.com", USER)


def test_a_column_that_postgresql_does_not_have_is_left_out() -> None:
    make()
    with closing(sqlite3.connect("database.sqlite")) as connection, connection:
        connection.executescript(
            "CREATE TABLE apikey (id, keyName, createdDate); INSERT INTO apikey VALUES (1, 2.5, 3)"
        )
    assert export("--sqlite", "database.sqlite").code == 0
    assert json.loads(Path("archive/tables/apikey.jsonl").read_text()) == {"id": "1", "keyName": "2.5"}


@pytest.mark.parametrize("migration", ["AddScheduleEntities1772000000000", "OfAFork1790000000000"])
def test_another_version_is_refused(migration: str) -> None:
    make(migration)
    done = export("--sqlite", "database.sqlite")
    assert (done.code, f"was last migrated by {migration}" in done.text) == (1, True), done.text
    assert not Path("archive/manifest.json").exists()


def test_what_is_no_file_of_flowise_is_refused() -> None:
    done = export("--sqlite", "nowhere.sqlite")
    assert (done.code, "cannot be read as a database of SQLite" in done.text) == (1, True), done.text
    assert not Path("nowhere.sqlite").exists()
    Path("text.sqlite").write_text("no database, but some text\n" * 100)
    assert "file is not a database" in export("--sqlite", "text.sqlite").text
    with closing(sqlite3.connect("empty.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE other (a)")
    assert "has no tables of Flowise" in export("--sqlite", "empty.sqlite").text


def test_one_source_is_given() -> None:
    assert "two sources" in export().text
    assert "two sources" in export("--sqlite", "a", "--database", "dbname=b").text
