"""Rows of a Flowise that keeps them in a file of SQLite, in the form in which PostgreSQL reads them.

The tables of both are made for the same classes of Flowise 3.1.4, so they have the same columns; SQLite's whole numbers
for yes and no, its texts for times, UUIDs and JSON are values that PostgreSQL's types take as they are.
"""

import hashlib
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ops.errors import OpsError
from ops.portable.archive import Archive, TableEntry, json_line, writing
from ops.portable.tables import NOT_EXPORTED

NEWEST = "AddWebhookSecretToChatFlow1776240000000"
"""Last migration of SQLite in Flowise 3.1.4 (its dist/database/migrations/sqlite/index.js)."""

POSTGRES_MIGRATIONS = Path(__file__).parents[2] / "image" / "migrations.txt"
"""What made the same tables in PostgreSQL."""

TABLES = frozenset(
    {"apikey", "assistant", "chat_flow", "chat_message", "chat_message_feedback", "credential", "custom_mcp_server"}
    | {"custom_template", "dataset", "dataset_row", "document_store", "document_store_file_chunk", "evaluation"}
    | {"evaluation_run", "evaluator", "execution", "lead", "login_activity", "login_method", "organization"}
    | {"organization_user", "role", "schedule_record", "schedule_trigger_log", "tool", "upsert_history", "user"}
    | {"variable", "workspace", "workspace_shared", "workspace_user"}
)
"""Tables of Flowise 3.1.4; nodes keep others in the same file (record managers, memories of agents)."""

ONLY_IN_SQLITE = frozenset({("apikey", "createdDate")})
"""Columns that PostgreSQL's tables of the same version do not have."""


def export_file(path: Path, archive: Archive) -> tuple[dict[str, TableEntry], list[str], list[str]]:
    """Write every table as it is at one moment; returns them, migrations for the manifest, and tables left out."""
    with _opened(path) as connection:
        found = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        _check_version(connection, path, found)
        entries = {name: _written(connection, name, archive) for name in found if name in TABLES}
    others = [name for name in found if name not in TABLES | NOT_EXPORTED and not name.startswith("sqlite_")]
    lines = POSTGRES_MIGRATIONS.read_text("utf-8").splitlines()
    return entries, [line for line in lines if not line.startswith("#")], others


@contextmanager
def _opened(path: Path) -> Generator[sqlite3.Connection]:
    """Open the file so that nothing can be written into it."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise OpsError(
            f"{path} cannot be read as a database of SQLite: {error}",
            hint="Name the file database.sqlite of the old Flowise (in DATABASE_PATH, or its directory .flowise), or a "
            "copy that was made while it was stopped.",
        ) from None


def _check_version(connection: sqlite3.Connection, path: Path, tables: list[str]) -> None:
    query = "SELECT name FROM migrations ORDER BY id DESC LIMIT 1"
    newest = connection.execute(query).fetchone() if "migrations" in tables else None
    if not newest:
        raise OpsError(f"{path} has no tables of Flowise", hint="Name the file database.sqlite of the old Flowise.")
    if newest[0] != NEWEST:
        raise OpsError(
            f"{path} was last migrated by {newest[0]}, and Flowise 3.1.4 ends with {NEWEST}",
            hint="Start Flowise 3.1.4 once with this file, which brings it up to date. A newer Flowise or a fork "
            "cannot be read here: use its own export (docs/adopt.md).",
        )


def _written(connection: sqlite3.Connection, table: str, archive: Archive) -> TableEntry:
    described = connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))
    columns = tuple(name for (name,) in described if (table, name) not in ONLY_IN_SQLITE)
    names = ", ".join(f'"{name}"' for name in columns)
    digest, rows = hashlib.sha256(), 0
    with writing(archive.table(table)) as file:
        # Names come from the file's own catalogue, and those of tables are among TABLES.
        for row in connection.execute(f'SELECT {names} FROM "{table}" ORDER BY "{columns[0]}"'):  # noqa: S608
            line = json_line(dict(zip(columns, _texts(row), strict=True)))
            digest.update(line)
            file.write(line)
            rows += 1
    return TableEntry(rows=rows, columns=columns, sha256=digest.hexdigest(), fingerprint="")


def _texts(row: tuple[Any, ...]) -> Iterator[str | None]:
    """Values as PostgreSQL's text form has them."""
    for value in row:
        if value is None or isinstance(value, str):
            yield value
        else:
            yield rf"\x{value.hex()}" if isinstance(value, bytes) else repr(value)
