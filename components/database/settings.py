"""What a stack decides about its database."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from components.common.instance_types import database_class
from components.common.model import AS_A_SET, Settings
from components.common.spelling import Spelling
from components.common.windows import DAILY_SCHEMA, WEEKLY_SCHEMA, daily, overlap, weekly


def _validate_timestamp(given: str) -> str:
    # What Pulumi makes of a moment that stands in the stack file without quotation marks.
    text = re.sub(r"^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) \+0000 UTC$", r"\1T\2Z", given)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise ValueError(f'"{text}" is not a moment in UTC such as 2026-11-22T03:15:00Z, to the second and with its Z')
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not a moment in UTC such as 2026-11-22T03:15:00Z ({error})') from error
    now = datetime.now(UTC)
    if moment > now:
        raise ValueError(f"{text} lies in the future (now it is {now:%Y-%m-%dT%H:%M:%SZ}); give a moment that has been")
    return text


class RestoreSource(Settings):
    """What a new generation of the database is restored from: a snapshot or a moment."""

    snapshot_identifier: (
        Annotated[
            str,
            Spelling(
                pattern=r"^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:snapshot:)?[A-Za-z][A-Za-z0-9:-]{0,254}$",
                is_="the identifier or the ARN of a snapshot",
                examples=["rds:flowise-prod-database-2026-11-22-03-10"],
                wrong=((r"^\d", "it begins with a digit"), (r"[_ ./]", "it has signs that RDS does not use")),
                find="`aws rds describe-db-snapshots --query 'DBSnapshots[].DBSnapshotIdentifier'` prints all",
            ),
        ]
        | None
    ) = None
    """Snapshot by its name or ARN, in the stack's region (also one that AWS Backup made)."""
    point_in_time: Annotated[str | None, AfterValidator(lambda text: text and _validate_timestamp(text))] = None
    """Moment in UTC to restore to, such as `2026-11-22T03:15:00Z`; the source must have backups of it."""
    source_generation: Annotated[int | None, Field(ge=1)] = None
    """Generation to restore from with `point_in_time`; without it the newest one that is kept."""
    source_resource_id: (
        Annotated[
            str,
            Spelling(
                pattern=r"^db-[A-Z0-9]{10,64}$",
                is_="the resource id of an instance",
                examples=["db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
                wrong=((r"[a-z]", "it is the instance's name, or its id in small letters"),),
                find="`aws rds describe-db-instance-automated-backups --query "
                "'DBInstanceAutomatedBackups[].DbiResourceId'` prints those whose backups are kept",
            ),
        ]
        | None
    ) = None
    """Resource id of a deleted instance whose backups are retained, to restore from with `point_in_time`."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.snapshot_identifier is None) == (self.point_in_time is None):
            given = "both are" if self.snapshot_identifier else "neither is"
            raise ValueError(f"give either snapshot_identifier or point_in_time; {given} given")
        if self.snapshot_identifier and (self.source_generation or self.source_resource_id):
            raise ValueError("a snapshot is its own source; remove source_generation and source_resource_id")
        if self.source_generation and self.source_resource_id:
            raise ValueError(
                "give either source_generation (an instance that exists) or source_resource_id (one that is deleted)"
            )
        return self


PostgresVersion = Literal["16", "17", "18"]
"""Major versions of PostgreSQL, oldest first."""


_SHORTEST_WINDOW = 30
"""Minutes; RDS API Reference, CreateDBInstance: PreferredBackupWindow and PreferredMaintenanceWindow."""


def _backup_window(text: str) -> str:
    daily(text, at_least=_SHORTEST_WINDOW)
    return text


def _maintenance_window(text: str) -> str:
    weekly(text, at_least=_SHORTEST_WINDOW)
    return text


class DatabaseSettings(Settings):
    """The database of a stack."""

    postgres_version: PostgresVersion = "17"
    """Major version; AWS applies minor versions in the maintenance window. Cannot be lowered."""
    instance_class: Annotated[
        str,
        Spelling(
            pattern=r"^db\.[a-z][a-z0-9]+\.[a-z0-9]+$",
            is_="an instance class of RDS: db, family and size, parted by dots",
            examples=["db.m7g.large"],
            wrong=((r"^(?!db\.)", "it does not begin with db."), (r"[A-Z]", "it has capitals")),
            find="`aws rds describe-orderable-db-instance-options --engine postgres --query "
            "'OrderableDBInstanceOptions[].DBInstanceClass'` prints those of your region",
        ),
        AfterValidator(database_class),
    ]
    """Size of the instance."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = 50
    """Storage at creation, in GiB (gp3). It grows by itself up to `max_storage_gib` and never shrinks."""
    max_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 500
    """Storage beyond which it does not grow, in GiB."""
    vectors: bool = False
    """Make a second database with pgvector, for retrieval flows; Flowise's Postgres vector store then uses it."""
    multi_az: bool = True
    """Keep a standby in another zone; a failover takes one to two minutes. Doubles the price."""
    backup_retention_days: Annotated[int, Field(ge=1, le=35)] = 7
    """Days back to which the database can be restored, to any second. With a `flowise:backup` section it holds at
    creation only; from then on AWS Backup decides (`backup.continuous_days`)."""
    backup_window_utc: Annotated[str, AfterValidator(_backup_window), Field(json_schema_extra=DAILY_SCHEMA)] = (
        "03:00-04:00"
    )
    """When the daily snapshot is taken; with a `flowise:backup` section at creation only."""
    maintenance_window_utc: Annotated[
        str,
        AfterValidator(_maintenance_window),
        Field(json_schema_extra=WEEKLY_SCHEMA),
    ] = (  # one pattern
        "sun:04:30-sun:05:30"
    )
    """When AWS may apply minor versions and patches; must not overlap the backup window."""
    monitoring_interval_seconds: Literal[0, 1, 5, 10, 15, 30, 60] = 60
    """How often the operating system's metrics are sent (enhanced monitoring); 0 turns it off."""
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep the server's logs in CloudWatch."""
    slow_statement_milliseconds: Annotated[int, Field(ge=100, le=3_600_000)] = 2000
    """Statements that take at least this long are written to that log: text and duration, without the values passed to
    them, which are people's questions and answers. A low value fills the log, and AWS bills it by volume."""
    password_generation: Annotated[int, Field(ge=1, le=1000)] = 1
    """Raise it by one to give Flowise's role a new password; the pods restart (docs/runbooks/key-leaked.md)."""
    generation: Annotated[int, Field(ge=1, le=99)] = 1
    """Which instance Flowise uses. Raise it by one together with `restore_from`: a new instance is made beside the old
    one, which stays until `removed_generations` names it."""
    removed_generations: Annotated[list[Annotated[int, Field(ge=1)]], AS_A_SET] = []
    """Earlier generations that the stack no longer holds; their removal has to be allowed one by one
    (docs/runbooks/database-gone.md)."""
    restore_from: Annotated[RestoreSource | None, Field(validate_default=True)] = None
    """What the newest generation is restored from. Read only when that instance is made; it may stay here."""

    @property
    def parameter_group_versions(self) -> list[str]:
        """Major versions that have a parameter group, the one in use last."""
        versions: tuple[str, ...] = get_args(PostgresVersion)
        return [version for version in versions if int(version) <= int(self.postgres_version)]

    @property
    def kept_generations(self) -> list[int]:
        """Generations that the stack holds, the newest (in use) last."""
        return [number for number in range(1, self.generation + 1) if number not in self.removed_generations]

    @field_validator("removed_generations")
    @classmethod
    def _check_removed(cls, removed: list[int], info: ValidationInfo) -> list[int]:
        generation = int(info.data.get("generation", 99))
        if wrong := sorted(number for number in removed if number >= generation):
            raise ValueError(f"generation {wrong[0]} is in use or does not exist yet; generation is {generation}")
        return removed

    @field_validator("restore_from")
    @classmethod
    def _check_restore(cls, source: RestoreSource | None, info: ValidationInfo) -> RestoreSource | None:
        if "generation" not in info.data or "removed_generations" not in info.data:
            return source  # what is wrong with them has been said
        generation, removed = int(info.data["generation"]), list[int](info.data["removed_generations"])
        if source is None:
            if generation > 1:
                raise ValueError(
                    f"is missing, but generation is {generation}: a new generation without it would be an empty "
                    "database. Say what it is restored from, and leave it there; or set generation to 1"
                )
            return None
        if generation == 1:
            raise ValueError(
                "generation is still 1; a restore never overwrites, it makes a new instance. Raise "
                "database.generation to 2"
            )
        if source.source_generation and source.source_generation >= generation:
            raise ValueError(
                f"source_generation {source.source_generation} must be below generation {generation}; an instance "
                "cannot be restored from itself"
            )
        earlier = [number for number in range(1, generation) if number not in removed]
        if source.source_generation in removed or (
            source.point_in_time and not source.source_resource_id and not earlier
        ):
            raise ValueError(
                "the generation to restore from is in removed_generations; name its retained backups by "
                "source_resource_id, or a snapshot"
            )
        return source

    @model_validator(mode="after")
    def _check(self) -> Self:
        backup = daily(self.backup_window_utc, at_least=_SHORTEST_WINDOW)
        if overlap(backup, weekly(self.maintenance_window_utc, at_least=_SHORTEST_WINDOW)):
            raise ValueError(
                f"maintenance_window_utc {self.maintenance_window_utc} overlaps backup_window_utc "
                f"{self.backup_window_utc}, which RDS refuses; choose another time for one of them"
            )
        if self.max_storage_gib <= self.storage_gib * 1.1:
            raise ValueError(
                f"max_storage_gib {self.max_storage_gib} must be more than 10 % above storage_gib {self.storage_gib}, "
                "or RDS refuses to let the storage grow"
            )
        return self
