"""Rows of Flowise's tables, streamed out of PostgreSQL and into it with COPY, in PostgreSQL's own text form.

The text form of every type is read back as the same value (PostgreSQL manual, COPY, text format), so rows come back
as they were, whatever Flowise's migrations make of the tables. psycopg receives and sends COPY in parts: the memory
that it takes depends on the longest row, not on how many there are.
"""

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import sql

from ops.errors import OpsError
from ops.portable.archive import Archive, TableEntry, json_line, lines, writing

Connection = psycopg.Connection[tuple[Any, ...]]

MIGRATIONS = "migrations"
"""TypeORM's table of what made the schema."""

NOT_EXPORTED = frozenset({MIGRATIONS, "login_sessions"})
"""The schema's own history, which the new database has, and browsers' sessions, which end."""

MADE_AT_START = frozenset(
    {"user", "organization", "organization_user", "workspace", "workspace_user", "workspace_users", "role", "roles"}
    | {"login_activity", "login_method"}
)
"""Tables that have rows in a Flowise in which nobody has made anything: the owner's account and what belongs to it."""

ONE_AT_START = frozenset({"user", "organization", "workspace"})
"""Of these there is one row then: a second account, organization or workspace was made by somebody."""

Change = Callable[[str, Mapping[str, str | None]], Mapping[str, str | None]]
"""What to make of a row of a table before it is stored."""


@contextmanager
def connected(database: str) -> Generator[Connection]:
    """Connect with a libpq connection string; the password comes from PGPASSFILE or PGPASSWORD.

    Whatever PostgreSQL refuses is told as an `OpsError`, and the transaction is rolled back.
    """
    try:
        with psycopg.connect(database, application_name="flowise-ops") as connection:
            connection.execute(
                "SET LOCAL timezone TO 'UTC'; SET LOCAL datestyle TO 'ISO'; SET LOCAL bytea_output TO hex"
            )
            connection.execute("SET LOCAL extra_float_digits TO 1; SET LOCAL statement_timeout TO 0")
            yield connection
    except psycopg.Error as error:
        # The first line says what; a second one may quote values of a row.
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise OpsError(
            f"PostgreSQL refused: {said[0]}",
            hint="Nothing in the database was changed. Look at --database, PGPASSFILE or PGPASSWORD.",
        ) from None


def table_names(connection: Connection) -> list[str]:
    """Every table of the schema that is exported."""
    query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return [name for (name,) in connection.execute(query) if name not in NOT_EXPORTED]


def migration_names(connection: Connection) -> list[str]:
    """Migrations that made the schema. Raises `OpsError` where Flowise has made none."""
    (there,) = cast("tuple[bool]", connection.execute("SELECT to_regclass('public.migrations') IS NOT NULL").fetchone())
    if not there:
        raise OpsError(
            "the database has no tables of Flowise",
            hint="Name the database of a stack that has started once (dbname=flowise in --database).",
        )
    return [name for (name,) in connection.execute("SELECT name FROM public.migrations ORDER BY id")]


def columns_of(connection: Connection, table: str) -> tuple[str, ...]:
    """Columns that hold values of their own, in their order."""
    query = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return tuple(name for (name,) in connection.execute(query, (table,)))


def fingerprint(connection: Connection, table: str) -> str:
    """What changes whenever a row does, counted by the server: number of rows, and the sum of their hashes.

    Each value is hashed by itself, as text, because not every type has a hash (json has none). The text of a whole row
    would take ten times as long: PostgreSQL quotes it character by character.
    """
    values = sql.SQL(", ").join(
        [sql.SQL("{}::text").format(sql.Identifier(name)) for name in columns_of(connection, table)]
    )
    query = sql.SQL("SELECT count(*), coalesce(sum(hash_record_extended(ROW({}), 0)), 0) FROM {}")
    rows, total = cast("tuple[int, int]", connection.execute(query.format(values, _qualified(table))).fetchone())
    return f"{rows}:{total}"


def write_table(connection: Connection, table: str, archive: Archive) -> TableEntry:
    """Write a table's rows, in the order of its first column, so that equal rows make an equal file."""
    columns = columns_of(connection, table)
    names = _names(columns)
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}::text) TO STDOUT").format(
        names, _qualified(table), sql.Identifier(columns[0])
    )
    digest, rows = hashlib.sha256(), 0
    with writing(archive.table(table)) as file, connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in copy.rows():
            line = json_line(dict(zip(columns, row, strict=True)))
            digest.update(line)
            file.write(line)
            rows += 1
    return TableEntry(rows=rows, columns=columns, sha256=digest.hexdigest(), fingerprint=fingerprint(connection, table))


def check_empty(connection: Connection) -> None:
    """Raise `OpsError`, naming every table, unless nobody has made anything in this Flowise yet."""
    filled: list[str] = []
    for table in table_names(connection):
        if table in MADE_AT_START - ONE_AT_START:
            continue
        most = 1 if table in ONE_AT_START else 0
        query = sql.SQL("SELECT FROM {} LIMIT {}").format(_qualified(table), most + 1)
        if len(connection.execute(query).fetchall()) > most:
            filled.append(f"{table} (more than the owner's)" if most else table)
    if filled:
        raise OpsError(
            f"the database is not empty: there are rows in {', '.join(filled)}",
            hint="Import into a new stack, in which nobody has made anything. Nothing was changed.",
        )


def check_schema(connection: Connection, migrations: Sequence[str], tables: Mapping[str, TableEntry]) -> None:
    """Raise `OpsError` unless the database has been made by the same migrations, or by those and newer ones."""
    if missing := sorted(set(migrations) - set(migration_names(connection))):
        raise OpsError(
            f"the database was made by an older Flowise than the archive: it lacks the migrations {', '.join(missing)}",
            hint="Bring the new stack to the same or a newer version of Flowise first.",
        )
    for table, entry in tables.items():
        if lost := sorted(set(entry.columns) - set(columns_of(connection, table))):
            raise OpsError(
                f"the table {table} of the database has no place for {', '.join(lost)}",
                hint="This version of Flowise has dropped them. Import into the version that exported, then upgrade.",
            )


@contextmanager
def without_foreign_keys(connection: Connection) -> Generator[None]:
    """Let rows come in any order; at the end every foreign key is back, and has been checked on every row.

    Accounts, organisations and workspaces of Flowise refer to each other in a circle. Tables are locked until the
    transaction ends: a Flowise that runs waits, and sees all or nothing.
    """
    found = connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conrelid, conname"
    ).fetchall()
    for table, name, _ in found:
        connection.execute(_alter(table, "DROP CONSTRAINT", name, ""))
    yield
    for table, name, definition in found:
        connection.execute(_alter(table, "ADD CONSTRAINT", name, definition))


def _alter(table: str, what: str, name: str, definition: str) -> sql.Composed:
    # regclass and pg_get_constraintdef quote their own answers.
    statement = f"ALTER TABLE {table} {what} {{}} {definition}"
    return sql.SQL(cast("Any", statement)).format(sql.Identifier(name))


def read_table(connection: Connection, table: str, entry: TableEntry, archive: Archive, change: Change) -> None:
    """Replace a table's rows by those of the archive."""
    connection.execute(sql.SQL("DELETE FROM {}").format(_qualified(table)))
    query = sql.SQL("COPY {} ({}) FROM STDIN").format(_qualified(table), _names(entry.columns))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        for row in _rows(table, entry, archive, change):
            copy.write_row(row)
    for column in entry.columns:
        _set_sequence(connection, table, column)


def _rows(table: str, entry: TableEntry, archive: Archive, change: Change) -> Iterator[list[str | None]]:
    for line in lines(archive.table(table)):
        row = change(table, line)
        yield [row[column] for column in entry.columns]


def _set_sequence(connection: Connection, table: str, column: str) -> None:
    """Let a counter go on after the largest value that came."""
    arguments = (_qualified(table).as_string(connection), column)
    (sequence,) = cast(
        "tuple[str | None]", connection.execute("SELECT pg_get_serial_sequence(%s, %s)", arguments).fetchone()
    )
    if sequence:
        query = sql.SQL("SELECT setval(%s, coalesce(max({0}), 1), max({0}) IS NOT NULL) FROM {1}")
        connection.execute(query.format(sql.Identifier(column), _qualified(table)), (sequence,))


def _qualified(table: str) -> sql.Identifier:
    return sql.Identifier("public", table)


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join([sql.Identifier(column) for column in columns])
