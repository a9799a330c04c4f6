"""All database instances of an environment: made, restored, marked, lost."""

import asyncio
import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import final

import psycopg

from local.backends.archive import SHIPPING_SECONDS, Archive
from local.backends.authority import Authority
from local.backends.aws import AwsClients
from local.backends.postgres import Origin, Postgres
from local.errors import LocalError
from local.events import EventLog
from local.layout import StackLayout
from local.processes.supervisor import Supervisor
from local.state import State

_SNAPSHOT_NAME = re.compile(r"[A-Za-z](-?[A-Za-z0-9]){0,61}")
"""What RDS allows, as far as PostgreSQL can keep it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the program wants a new instance to be made from."""

    snapshot: str = ""
    """Name of a snapshot, or its ARN."""
    identifier: str = ""
    """RDS's name of the instance whose backups to use."""
    moment: str = ""
    """RFC 3339; empty means the latest there is."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An instance as the program asks for it."""

    name: str
    """Name of its resource."""
    identifier: str
    """Its name in RDS."""
    user: str
    password: str
    database: str
    source: Source | None = None


@final
class Databases:
    """Runs on the daemon's event loop."""

    def __init__(
        self,
        stack: StackLayout,
        *,
        supervisor: Supervisor,
        authority: Authority,
        state: State,
        aws: AwsClients,
        events: EventLog,
    ) -> None:
        self._stack = stack
        self._supervisor = supervisor
        self._authority = authority
        self._state = state
        self._aws = aws
        self._events = events
        self._instances: dict[str, Postgres] = {}
        self._identifiers: dict[str, str] = {}
        self._shipping: list[asyncio.Task[None]] = []

    async def start(self, wanted: Wanted, package: Path) -> int:
        """Start an instance, or make it from its source; return its port."""
        name = wanted.name
        new = Postgres(
            name,
            package=package,
            stack=self._stack,
            supervisor=self._supervisor,
            authority=self._authority,
            state=self._state,
            origin=self._origin(wanted),
        )
        self._instances[name] = new
        self._identifiers[name] = wanted.identifier
        if not await new.start(user=wanted.user, password=wanted.password, database=wanted.database):
            self._say(name, "lost", "its data is gone and its backups are there: restore it as a new generation")
        else:
            self._shipping.append(asyncio.create_task(_ship(new)))
        for snapshot in new.archive.snapshots:  # moto's memory begins anew with every start
            await asyncio.to_thread(self._register, wanted.identifier, snapshot)
        return new.port

    def _origin(self, wanted: Wanted) -> Origin | None:
        source = wanted.source
        if source is None or (self._stack.postgres / wanted.name / "data").exists():
            return None
        archive: Archive | None = None
        target: Mapping[str, str] = {}
        if source.snapshot:
            snapshot = source.snapshot.partition(":snapshot:")[2] or source.snapshot
            found = [Archive(path) for path in sorted(self._stack.postgres.iterdir())]
            archive = next((each for each in found if snapshot in each.snapshots), None)
            target = {"recovery_target_name": snapshot}
        else:
            instances = {identifier: name for name, identifier in self._identifiers.items()}
            if name := instances.get(source.identifier):
                archive = Archive(self._stack.postgres / name)
            if source.moment:
                moment = datetime.fromisoformat(source.moment)
                # PostgreSQL reads its command line before it knows what Z means.
                target = {"recovery_target_time": moment.isoformat(" ")}
                if archive and not archive.reaches(moment):
                    archive = None
        if archive is None or not archive.exists:
            # A stack file goes on naming the source of a restore on AWS; here there may never have been one.
            self._say(wanted.name, "empty", "this machine has no such backup, so it begins with no data")
            return None
        return Origin(archive=archive, target=target)

    def _say(self, name: str, state: str, detail: str) -> None:
        self._events.emit("process", name=f"postgres-{name}", state=state, detail=detail)

    def _register(self, identifier: str, snapshot: str) -> None:
        rds = self._aws.rds()
        with contextlib.suppress(rds.exceptions.DBSnapshotAlreadyExistsFault):
            rds.create_db_snapshot(DBInstanceIdentifier=identifier, DBSnapshotIdentifier=snapshot)

    async def snapshot(self, name: str) -> None:
        """Take a snapshot of the instance in use. Raises `LocalError`."""
        if not _SNAPSHOT_NAME.fullmatch(name):
            raise LocalError(
                f"'{name}' is no name of a snapshot",
                hint="Letters, digits and single hyphens, from a letter, up to 63.",
            )
        if any(name in each.archive.snapshots for each in self._instances.values()):
            raise LocalError(f"there is a snapshot '{name}' already", hint="Choose another name.")
        newest = list(self._instances)[-1:]
        if not newest:
            raise LocalError("the stack has no database", hint="There is nothing to take a snapshot of.")
        try:
            await self._instances[newest[0]].snapshot(name)
        except psycopg.OperationalError as error:
            raise LocalError(f"the database {newest[0]} does not answer: {error}", hint="Is it lost?") from None
        await asyncio.to_thread(self._register, self._identifiers[newest[0]], name)

    def simulate_loss(self, name: str) -> None:
        """Lose an instance and its data, but not its backups. Raises `LocalError`."""
        if name not in self._instances:
            known = ", ".join(self._instances) or "none"
            raise LocalError(f"there is no database called '{name}'", hint=f"There are: {known}.")
        self._instances[name].simulate_loss()

    async def stop(self) -> None:
        """Stop them all."""
        for task in self._shipping:
            task.cancel()
        await asyncio.gather(*(instance.stop() for instance in self._instances.values()))


async def _ship(instance: Postgres) -> None:
    """Keep the backups close to now, as RDS does every five minutes; not while the server is away."""
    while True:
        await asyncio.sleep(SHIPPING_SECONDS)
        with contextlib.suppress(psycopg.OperationalError, LocalError):
            await instance.ship()
