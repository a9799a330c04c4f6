"""Carries changes out: many at once, each one reported when it is done."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import final

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import OpsError, code_of, concerns_everything, explained
from ops.objects.changes import Action, ObjectChange
from ops.objects.report import RecoveryReport
from ops.objects.restoring import Restorer

RESTORED, HIDDEN, ARCHIVED, UNKNOWN, FAILED = "restored", "hidden", "archived", "unknown", "failed"
"""What became of a key; everything but the first two is left as it was, and needs a person."""
_NOT_READABLE = frozenset({"InvalidObjectState", "ObjectNotInActiveTierError"})


@final
class ObjectRecovery:
    """One run over the changes of a bucket, with `workers` requests under way at most."""

    def __init__(self, restorer: Restorer, report: RecoveryReport, *, workers: int, tick: Callable[[], None]) -> None:
        """`tick` is called after each change, by any thread but never by two at once."""
        self._restorer = restorer
        self._report = report
        self._workers = workers
        self._tick = tick
        self._lock = threading.Lock()
        self._stopped_by: Exception | None = None
        self.outcomes: Counter[str] = Counter()
        self.bytes = 0

    def run(self, changes: Iterable[ObjectChange]) -> None:
        """Carry out the changes. Raises what would meet every further request too; what was begun is finished first."""
        slots = threading.Semaphore(2 * self._workers)  # so that the listing never runs far ahead

        def task(change: ObjectChange) -> None:
            try:
                self._do(change)
            finally:
                slots.release()

        with ThreadPoolExecutor(self._workers, thread_name_prefix="recover") as pool:
            for change in changes:
                if change.action is Action.KEEP:
                    continue
                slots.acquire()
                if self._stopped_by:
                    break
                pool.submit(task, change)
        if self._stopped_by:
            raise self._stopped_by

    @property
    def is_complete(self) -> bool:
        """Whether every key is as it was."""
        return not any(self.outcomes[outcome] for outcome in (ARCHIVED, UNKNOWN, FAILED))

    def _do(self, change: ObjectChange) -> None:
        try:
            line = self._carry_out(change)
        except (ClientError, BotoCoreError) as error:
            if concerns_everything(error):
                self._stopped_by = self._stopped_by or error
                return
            line = _failure(error)
        except Exception as error:  # noqa: BLE001 - a thread's error would be lost otherwise; it ends the run
            self._stopped_by = self._stopped_by or error
            return
        with self._lock:
            try:
                self._report.write({"key": change.key, **line})
            except OSError as error:
                self._stopped_by = OpsError(f"cannot write the report {self._report.path}: {error.strerror}")
                return
            self.outcomes[str(line["outcome"])] += 1
            self.bytes += change.version.size if change.version and line["outcome"] == RESTORED else 0
            self._tick()

    def _carry_out(self, change: ObjectChange) -> dict[str, object]:
        if change.version:
            made = self._restorer.restore(change.version)
            return {"outcome": RESTORED, "version": change.version.id, "made": made, "bytes": change.version.size}
        if change.action is Action.HIDE:
            return {"outcome": HIDDEN, "marker": self._restorer.hide(change.key)}
        return {"outcome": UNKNOWN, "detail": "a version without an id was stored after the moment"}


def _failure(error: ClientError | BotoCoreError) -> dict[str, object]:
    if isinstance(error, ClientError) and code_of(error) in _NOT_READABLE:
        return {"outcome": ARCHIVED, "detail": "restore the version from its archive first"}
    return {"outcome": FAILED, "detail": explained(error).message}
