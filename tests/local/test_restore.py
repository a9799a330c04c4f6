"""Databases made from the backups of one that was lost, on a real PostgreSQL."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from moto.server import ThreadedMotoServer

from local.backends.archive import Archive
from local.backends.authority import Authority
from local.backends.aws import AwsClients
from local.backends.databases import Databases, Source, Wanted
from local.errors import LocalError
from local.events import EventLog, read_events
from local.layout import StackLayout
from local.processes.supervisor import Supervisor
from local.state import State

_PASSWORD = "of-the-master"


@pytest.fixture
def events(stack: StackLayout) -> Iterator[EventLog]:
    log = EventLog(stack.events)
    yield log
    log.close()


@pytest.fixture
def aws() -> Iterator[AwsClients]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    clients = AwsClients(f"http://{host}:{port}", "eu-central-1")
    yield clients
    server.stop()


def test_a_lost_database_comes_back_as_it_was(
    stack: StackLayout, directory: Path, aws: AwsClients, events: EventLog, postgres: Path
) -> None:
    authority = Authority(directory / "ca")
    aws.rds().create_db_instance(DBInstanceIdentifier="app-db", DBInstanceClass="db.t4g.micro", Engine="postgres")

    def rows(port: int) -> list[int]:
        with _connect(authority, port) as connection:
            return [number for (number,) in connection.execute("SELECT id FROM kept ORDER BY id").fetchall()]

    async def scenario() -> None:
        databases = Databases(
            stack,
            supervisor=Supervisor(events),
            authority=authority,
            state=State(stack.state),
            aws=aws,
            events=events,
        )

        async def start(name: str, source: Source | None = None) -> int:
            wanted = Wanted(
                name=name, identifier=f"app-{name}", user="master", password=_PASSWORD, database="app", source=source
            )
            return await databases.start(wanted, postgres)

        first = await start("db")
        moment = ""
        with _connect(authority, first) as connection:
            connection.execute("CREATE TABLE kept (id int)")
            connection.execute("INSERT INTO kept VALUES (1)")
            moment = datetime.now(UTC).isoformat()
            connection.execute("INSERT INTO kept VALUES (2)")
            await databases.snapshot("marked")
            connection.execute("INSERT INTO kept VALUES (3)")
            await databases.snapshot("later")  # brings the archive up to here
        with pytest.raises(LocalError, match="already"):
            await databases.snapshot("marked")
        known = aws.rds().describe_db_snapshots(DBSnapshotIdentifier="marked")["DBSnapshots"]
        assert [each.get("DBInstanceIdentifier") for each in known] == ["app-db"]

        databases.simulate_loss("db")
        with pytest.raises(psycopg.OperationalError):
            rows(first)
        with pytest.raises(psycopg.OperationalError):  # not made again, neither empty nor otherwise
            rows(await start("db"))

        second = await start("db-g2", Source(identifier="app-db", moment=moment))
        assert rows(second) == [1]
        assert rows(await start("db-g3", Source(snapshot="arn:aws:rds:eu-central-1:1:snapshot:marked"))) == [1, 2]
        beyond = f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"  # whole seconds, none of them past
        assert rows(await start("db-g4", Source(identifier="app-db", moment=beyond))) == [1, 2, 3]

        with _connect(authority, second) as connection:
            connection.execute("INSERT INTO kept VALUES (4)")
        aws.rds().create_db_instance(
            DBInstanceIdentifier="app-db-g4", DBInstanceClass="db.t4g.micro", Engine="postgres"
        )
        await databases.snapshot("of-the-restored")
        assert rows(await start("db-g5", Source(snapshot="of-the-restored"))) == [1, 2, 3]

        with _connect(authority, await start("db-g6", Source(snapshot="unknown"))) as connection:
            assert connection.execute("SELECT to_regclass('kept')").fetchone() == (None,)
        await databases.stop()

    asyncio.run(scenario())
    told = [(each["name"], each["state"]) for each in read_events(stack.events) if each["kind"] == "process"]
    assert ("postgres-db", "lost") in told
    assert ("postgres-db-g6", "empty") in told


def test_a_moment_before_the_backups_is_none_of_theirs(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "db")
    for path in (archive.base, *archive.directories):
        path.mkdir(parents=True, exist_ok=True)
    assert not archive.exists
    (archive.base / "PG_VERSION").touch()
    archive.begin()
    assert not archive.reaches(datetime(2020, 1, 1, tzinfo=UTC))
    assert archive.reaches(datetime.now(UTC))


def _connect(authority: Authority, port: int) -> "psycopg.Connection[tuple[int, ...]]":
    return psycopg.connect(
        host="localhost",
        port=port,
        user="master",
        password=_PASSWORD,
        dbname="app",
        sslmode="verify-full",
        sslrootcert=str(authority.bundle),
        autocommit=True,
    )
