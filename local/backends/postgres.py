"""RDS: a real PostgreSQL with TLS forced; its data directory survives."""

import asyncio
import os
import secrets
import shutil
import signal
from pathlib import Path
from typing import Any, final

import psycopg
from psycopg import sql

from local.backends.authority import Authority
from local.backends.wait import until_ready
from local.errors import EstateError
from local.layout import POSTGRES_UID, StackLayout
from local.processes.child import Child, Command
from local.processes.ports import free_port
from local.processes.supervisor import Supervisor
from local.state import State

_ADMIN = "rdsadmin"
"""The only superuser, as on RDS: the program's master user is not one."""


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
    ) -> None:
        """`package` is the directory of @embedded-postgres's package for this machine."""
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
        self._password = state.once(f"postgres:{name}", lambda: secrets.token_urlsafe(24))
        self.port = free_port()
        """TLS port on localhost."""

    async def start(self, *, user: str, password: str, database: str) -> None:
        """Start it, with the master user and the database that RDS would make. A kept data directory is used again."""
        self._dir.mkdir(exist_ok=True, mode=0o700)
        if not (self._data / "PG_VERSION").exists():
            await self._initialise()
        certificate, key = self._authority.issue(self._dir)
        hba = self._dir / "pg_hba.conf"
        hba.write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n", "utf-8")
        self._own(self._dir, certificate, key, hba)
        self._supervisor.watch(self._name, await self._run(), self._log, self._run)
        await self._provision(user, password, database)

    async def _initialise(self) -> None:
        # Half a directory (the start was interrupted) is not a database: begin again, and only then give it its name.
        draft = self._dir / "new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self._dir / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password, "utf-8")
        self._own(self._dir, password_file)
        flags = ("-A", "scram-sha-256", "-U", _ADMIN, "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
        command = self._command("initdb", "-D", str(draft), f"--pwfile={password_file}", *flags)
        child = await Child.start(command, log=self._log, registry=self._stack.children)
        try:
            if await child.wait() != 0:
                hint = "Its log says why. A full disk or a .local that others may not enter are the usual reasons."
                raise EstateError("PostgreSQL's initdb failed", hint=hint, log=self._log)
        finally:
            password_file.unlink()
        draft.rename(self._data)

    async def _run(self) -> Child:
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
        }
        flags = [flag for key, value in settings.items() for flag in ("-c", f"{key}={value}")]
        command = self._command("postgres", "-D", str(self._data), *flags)
        self._child = await Child.start(command, log=self._log, registry=self._stack.children)
        await until_ready(self._name, self._answers, log=self._log, child=self._child)
        return self._child

    def _command(self, program: str, *arguments: str) -> Command:
        return Command(
            argv=(str(self._bin / program), *arguments),
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
        try:
            (await self._connect("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    async def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return await asyncio.to_thread(
            psycopg.connect,
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
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))

    async def stop(self) -> None:
        """Fast shutdown: ends the sessions, writes a checkpoint."""
        if self._child:
            await self._child.stop(first=signal.SIGINT, grace=20)
