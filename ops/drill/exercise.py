"""The whole exercise: work, a recovery point, a disaster, recovery by the runbooks' own commands, comparison."""

import re
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import final

from ops.database import find_instance
from ops.drill.checkout import STACK, Checkout
from ops.drill.flowise import Flowise
from ops.drill.work import Compared, DrillData, destroy
from ops.errors import OpsError
from ops.moments import format_timestamp

_PATIENCE_SECONDS = 120
_LATER = "made after the recovery point"


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of the exercise."""

    name: str
    seconds: float
    is_recovery: bool = False
    """Whether Flowise is down meanwhile, on AWS as here."""


@final
@dataclass(kw_only=True)
class Exercise:
    """One drill on a checkout; `show` is told what goes on."""

    checkout: Checkout
    show: Callable[[str], None]
    phases: list[Phase] = field(default_factory=list[Phase])
    compared: list[Compared] = field(default_factory=list[Compared])
    work: DrillData = field(default_factory=DrillData)
    point: str = ""
    """The recovery point."""
    instance: str = ""
    """Name of the database that was lost."""

    @property
    def lost(self) -> int:
        """How much of what was there at the recovery point is not there, or not as it was."""
        return sum(each.made - each.right for each in self.compared)

    def run(self) -> None:
        """Do it. Raises `OpsError` when a step cannot be done at all."""
        with self._phase("start of the environment"):
            self.checkout.local("down", STACK, may_fail=True)
            self.checkout.local("clean", STACK, "--yes", may_fail=True)
            self.checkout.up()
        with self._phase("work: flows, credentials, chats, files"), self._signed_in() as flowise:
            self.work.make(flowise, self.checkout.s3())
        self._pass_point()
        with self._phase("until the backups have reached the recovery point"):
            self._wait_for_backups()
        with self._phase("disaster: database, files, namespace"):
            self._destroy()
        self._recover()
        with self._phase("comparison"), self._signed_in() as flowise:
            self.compared = self.work.compare(flowise, self.checkout.s3())
            if _LATER in flowise.flows():
                raise OpsError("what was made after the recovery point is there: this is no restore of that moment")

    def _pass_point(self) -> None:
        """Let the recovery point be a whole second after the work, and work on after it."""
        moment = (datetime.now(UTC) + timedelta(seconds=1)).replace(microsecond=0)
        self.point = format_timestamp(moment)
        self.show(f"recovery point: {self.point}")
        time.sleep((moment + timedelta(seconds=1) - datetime.now(UTC)).total_seconds())
        with self._signed_in() as flowise:
            flowise.create_flow(_LATER)

    def _wait_for_backups(self) -> None:
        self.instance = f"flowise-{STACK}-database"
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            found = find_instance(self.checkout.rds(), self.instance)
            if found and found.window and format_timestamp(found.window.latest) > self.point:
                return
            if time.monotonic() > deadline:
                raise OpsError(f"the backups of {self.instance} have not reached {self.point}")
            time.sleep(1)

    def _destroy(self) -> None:
        self.checkout.local("simulate-loss", STACK, "database", "--yes")
        deleted, overwritten = destroy(self.checkout.s3(), self.work.bucket)
        self.show(f"{deleted} objects deleted, {overwritten} overwritten")
        self.checkout.local("simulate-loss", STACK, "namespace", "--yes")
        with Flowise(self.checkout.url) as flowise:
            if flowise.pings():
                raise OpsError("Flowise still answers after the disaster")

    def _recover(self) -> None:
        with self._phase("recovery: files (ops recover-objects)", is_recovery=True):
            whole = ("--bucket", self.work.bucket, "--prefix", "", "--to", self.point)
            self.checkout.ops("recover-objects", *whole)
            self.show(self.checkout.ops("recover-objects", *whole, "--execute", "--yes"))
            if "There is nothing to do." not in self.checkout.ops("recover-objects", *whole):
                raise OpsError("recover-objects still finds something to do")
        with self._phase("recovery: stack file (ops restore-database)", is_recovery=True):
            self.show(self.checkout.ops("restore-database", "--stack", STACK, "--to", self.point))
        with self._phase("recovery: deployment (local up, on AWS pulumi up)", is_recovery=True):
            self.checkout.local("down", STACK)
            shown = self.checkout.up()
        for name, seconds in re.findall(r"✓ (postgres \S+-g2|job \S+|deployment \S+)\s+([\d.]+) s", shown):
            self.phases.append(Phase(name=f"  of it: {name}", seconds=float(seconds)))

    @contextmanager
    def _signed_in(self) -> Generator[Flowise]:
        with Flowise(self.checkout.url) as flowise:
            flowise.login(*self.checkout.owner())
            yield flowise

    @contextmanager
    def _phase(self, name: str, *, is_recovery: bool = False) -> Generator[None]:
        self.show(f"[{name}]")
        began = time.monotonic()
        yield
        self.phases.append(Phase(name=name, seconds=time.monotonic() - began, is_recovery=is_recovery))
