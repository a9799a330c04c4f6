"""RDS: a real PostgreSQL with TLS forced; its data directory survives, and its backups survive the data directory."""

import asyncio
import os
import secrets
import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString, final

import psycopg
from psycopg import sql

from local.backends.archive import Archive
from local.backends.authority import Authority
from local.backends.wait import until_ready
from local.errors import LocalError
from local.layout import POSTGRES_UID, StackLayout
from local.processes.child import Child, Command
from local.processes.ports import free_port
from local.processes.supervisor import Supervisor
from local.state import State

_ADMIN = "rdsadmin"
"""The only superuser, as on RDS: the program's master user is not one."""

_SEGMENTS = "--wal-segsize=1"  # MB: a part that is archived after seconds is mostly empty
_RECOVERY_SECONDS = 600
_BEYOND = "recovery ended before configured recovery target was reached"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What a new instance is made from."""

    archive: Archive
    target: Mapping[str, str]
    """PostgreSQL's settings that say where to stop replaying the log; none means at its end."""


@final
class Postgres:
    """One database instance."""

    def __init__(
        self,
        name: str,
        *,
        package: Path,
        stack: StackLayout,
        supervisor: Supervisor,
        authority: Authority,
        state: State,
        origin: Origin | None = None,
    ) -> None:
        """`package` is the directory of @embedded-postgres's package for this machine.

        `origin` is read when the instance is made, and never again.
        """
        self._name = f"postgres-{name}"
        self._bin = package / "native" / "bin"
        self._stack = stack
        self._supervisor = supervisor
        self._authority = authority
        self._log = stack.logs / f"{self._name}.log"
        self._dir = stack.postgres / name
        self._data = self._dir / "data"
        self._uid = POSTGRES_UID if os.geteuid() == 0 else None
        self._child: Child | None = None
        self._origin = origin
        # A restored instance has the roles of its source, and their passwords.
        inherited = state.once(f"postgres:{origin.archive.name}", _new_password) if origin else None
        self._password = state.once(f"postgres:{name}", lambda: inherited or _new_password())
        self.archive = Archive(self._dir)
        self.port = free_port()
        """TLS port on localhost."""

    async def start(self, *, user: str, password: str, database: str) -> bool:
        """Start it, with the master user and the database that RDS would make. A kept data directory is used again.

        An instance whose data was lost is not made again, neither empty nor from its backups: that takes a restore.
        Returns whether it runs.
        """
        self._dir.mkdir(exist_ok=True, mode=0o700)
        certificate, key = self._authority.issue(self._dir)
        hba = self._dir / "pg_hba.conf"
        hba.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n", "utf-8")
        for directory in self.archive.directories:
            directory.mkdir(exist_ok=True, mode=0o700)
        self._own(self._dir, certificate, key, hba, *self.archive.directories)
        if not self._is_made:
            if self.archive.exists:
                return False
            await (self._restore(self._origin) if self._origin else self._initialise())
        if not self.archive.exists:
            await self._back_up()
        self._supervisor.watch(self._name, await self._run(), self._log, self._run)
        await self._provision(user, password, database)
        return True

    @property
    def _is_made(self) -> bool:
        return (self._data / "PG_VERSION").exists()

    async def _back_up(self) -> None:
        """Copy the data directory while no server runs on it; what is written later is in the log."""
        draft = self.archive.directory / "new"
        shutil.rmtree(draft, ignore_errors=True)
        await self._do("cp", "-a", str(self._data), str(draft))
        (draft / "postmaster.pid").unlink(missing_ok=True)
        draft.rename(self.archive.base)
        self.archive.begin()

    async def _restore(self, origin: Origin) -> None:
        draft = self._dir / "new"
        shutil.rmtree(draft, ignore_errors=True)
        await self._do("cp", "-a", str(origin.archive.base), str(draft))
        (draft / "recovery.signal").touch()
        self._own(draft / "recovery.signal")
        try:
            await self._recover(draft, {**origin.archive.recovery(), **origin.target})
        except LocalError as error:
            if not any(_BEYOND in line for line in error.tail):
                raise
            # Nothing was written between the end of the log and the moment.
            await self._recover(draft, origin.archive.recovery())
        draft.rename(self._data)

    async def _recover(self, directory: Path, settings: Mapping[str, str]) -> None:
        child = await self._launch(directory, settings, seconds=_RECOVERY_SECONDS)
        await child.stop(first=signal.SIGINT, grace=60)

    async def _initialise(self) -> None:
        # Half a directory (the start was interrupted) is not a database: begin again, and only then give it its name.
        draft = self._dir / "new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self._dir / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, "utf-8")
        self._own(self._dir, password_file)
        flags = (
            "-A",
            "scram-sha-256",
            "-U",
            _ADMIN,
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
            _SEGMENTS,
        )
        command = self._command("initdb", "-D", str(draft), f"--pwfile={password_file}", *flags)
        try:
            await self._finish(command)
        finally:
            password_file.unlink()
        draft.rename(self._data)

    async def _do(self, *argv: str) -> None:
        await self._finish(self._as_owner(*argv))

    async def _finish(self, command: Command) -> None:
        child = await Child.start(command, log=self._log, registry=self._stack.children)
        if await child.wait() != 0:
            hint = "Its log says why. A full disk or a .local that others may not enter are the usual reasons."
            raise LocalError(f"PostgreSQL's {Path(command.argv[0]).name} failed", hint=hint, log=self._log)

    async def _run(self) -> Child:
        self._child = await self._launch(self._data, self.archive.settings())
        return self._child

    async def _launch(self, directory: Path, more: Mapping[str, str], *, seconds: float = 30) -> Child:
        """Start a server on a data directory, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": str(self._dir / "tls.crt"),
            "ssl_key_file": str(self._dir / "tls.key"),
            "hba_file": str(self._dir / "pg_hba.conf"),
            # A crash of the whole machine may cost data here; a crash of PostgreSQL or of the daemon does not.
            "fsync": "off",
            # Failed statements may hold passwords.
            "log_min_error_statement": "panic",
            **more,
        }
        flags = [flag for key, value in settings.items() for flag in ("-c", f"{key}={value}")]
        command = self._command("postgres", "-D", str(directory), *flags)
        child = await Child.start(command, log=self._log, registry=self._stack.children)
        await until_ready(self._name, self._answers, log=self._log, seconds=seconds, child=child)
        return child

    def _command(self, program: str, *arguments: str) -> Command:
        return self._as_owner(str(self._bin / program), *arguments)

    def _as_owner(self, *argv: str) -> Command:
        return Command(
            argv=argv,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self._dir), "LC_ALL": "C"},
            cwd=self._dir,
            uid=self._uid,
            death_signal=signal.SIGINT,  # fast shutdown: a clean data directory even if the daemon is killed
        )

    def _own(self, *paths: Path) -> None:
        if self._uid is not None:
            for path in paths:
                os.chown(path, self._uid, self._uid)

    async def _answers(self) -> bool:
        """Whether it takes connections. The thread that opens one closes it, as whoever asks may be cancelled."""

        def try_connect() -> bool:
            try:
                self._open("postgres").close()
            except psycopg.OperationalError:
                return False
            return True

        return await asyncio.to_thread(try_connect)

    async def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return await asyncio.to_thread(self._open, database)

    def _open(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=_ADMIN,
            password=self._password,
            dbname=database,
            sslmode="verify-ca",
            sslrootcert=str(self._authority.bundle),
            autocommit=True,
            connect_timeout=5,
        )

    async def _provision(self, user: str, password: str, database: str) -> None:
        """Make the master user and its database, or give the user the password of this start."""
        with await self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,)).fetchone()
            # Hashed here, so that the password itself never is part of a statement.
            hashed = connection.pgconn.encrypt_password(password.encode(), user.encode(), b"scram-sha-256").decode()
            statement = "ALTER ROLE {} PASSWORD {}" if known else "CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}"
            connection.execute(sql.SQL(statement).format(sql.Identifier(user), sql.Literal(hashed)))
            if (
                database
                and not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            ):
                name, owner = sql.Identifier(database), sql.Identifier(user)
                # The other strategy writes all of a database into the log, from where it is archived piece by piece.
                statement = "CREATE DATABASE {} OWNER {} STRATEGY file_copy"
                connection.execute(sql.SQL(statement).format(name, owner))

    async def _ask(self, statement: LiteralString, *values: str) -> tuple[Any, ...] | None:
        """Ask one thing. The thread that opens the connection closes it, as whoever asks may be cancelled."""

        def ask() -> tuple[Any, ...] | None:
            with self._open("postgres") as connection:
                return connection.execute(statement, values).fetchone()

        return await asyncio.to_thread(ask)

    async def snapshot(self, name: str) -> None:
        """Mark this moment under a name, and wait until the backups hold it."""
        await self._ask("SELECT pg_create_restore_point(%s)", name)
        await self.ship()
        self.archive.add_snapshot(name)

    async def ship(self) -> None:
        """Bring everything that was committed until now into the backups."""
        now = datetime.now(UTC)
        # Of a log without anything new this is the last segment, which is there.
        row = await self._ask("SELECT pg_walfile_name(pg_switch_wal())")
        segment = str(row and row[0])

        async def archived() -> bool:
            return self.archive.holds(segment)

        await until_ready(f"the archive of {self._name}", archived, log=self._log)
        self.archive.complete_to(now)

    def simulate_loss(self) -> None:
        """Lose it as a disaster would: no shutdown, no data directory any more. The backups stay."""
        lost = self._dir / "lost"
        if self._is_made:
            self._data.rename(lost)  # first, so that nobody starts it again
        if self._child:
            self._child.kill()
        shutil.rmtree(lost, ignore_errors=True)

    async def stop(self) -> None:
        """Fast shutdown: ends the sessions, writes a checkpoint."""
        if self._child:
            await self._child.stop(first=signal.SIGINT, grace=20)


def _new_password() -> str:
    return secrets.token_urlsafe(24)
