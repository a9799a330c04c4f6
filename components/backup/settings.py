"""What a stack decides about its backups."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from components.common.model import Settings
from components.common.spelling import EmailAddress


class LockSettings(Settings):
    """How hard it is to delete a recovery point before its time."""

    mode: Literal["governance", "compliance"] = "governance"
    """`governance`: who may administer AWS Backup may lift the lock. `compliance`: after `changeable_for_days` NOBODY
    can lift it or delete a recovery point early, neither root nor AWS; only closing the account ends the costs."""
    min_retention_days: Annotated[int, Field(ge=1, le=35)] = 7
    """Shortest retention that the vault accepts, so that nobody can let recovery points expire at once."""
    changeable_for_days: Annotated[int | None, Field(ge=3, le=365)] = None
    """With `compliance`: days in which the lock can still be taken back. It cannot be changed afterwards."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.mode == "compliance" and self.changeable_for_days is None:
            raise ValueError(
                "mode compliance cannot be undone by anybody once it holds; say in changeable_for_days (3 or more) how "
                "long it can still be taken back"
            )
        if self.mode == "governance" and self.changeable_for_days is not None:
            raise ValueError(
                "changeable_for_days makes AWS lock the vault permanently; remove it, or set mode to compliance"
            )
        return self


class BackupSettings(Settings):
    """The backups of a stack. With this section AWS Backup keeps recovery points of the database and of the files."""

    continuous_days: Annotated[int, Field(ge=7, le=35)] = 35
    """Days back to which the database and the files can be restored, to any second."""
    monthly_retention_days: Annotated[int, Field(ge=28, le=3650)] = 365
    """Days to keep the recovery point of the first day of a month."""
    copy_retention_days: Annotated[int, Field(ge=7, le=365)] = 35
    """Days to keep the daily copies in the recovery region (with `flowise:recovery`)."""
    start_hour_utc: Annotated[int, Field(ge=0, le=23)] = 7
    """Hour in which the daily recovery point is taken; away from the database's backup and maintenance windows."""
    restore_tests: Literal["weekly", "monthly", "off"] = "monthly"
    """How often AWS restores the newest recovery points into a new instance and a new bucket, and deletes both."""
    notify: list[EmailAddress] = []
    """E-mail addresses that are notified of a backup, copy or restore that failed; each must confirm once."""
    lock: LockSettings = LockSettings()
    """Vault lock."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("continuous_days", "copy_retention_days", "monthly_retention_days"):
            if getattr(self, name) < self.lock.min_retention_days:
                raise ValueError(
                    f"{name} {getattr(self, name)} is below lock.min_retention_days {self.lock.min_retention_days}; "
                    "the locked vault would refuse every backup"
                )
        return self
