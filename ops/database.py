"""What RDS has of a database: the instance, the moments it can be brought back to, its snapshots."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from ops.errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_rds.client import RDSClient


@dataclass(frozen=True, kw_only=True)
class Window:
    """Moments to any second of which RDS can restore."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A database instance."""

    identifier: str
    status: str
    window: Window | None
    """None: automated backups are off, or the first one is not there yet."""
    retention_days: int
    is_protected: bool


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A snapshot of an instance, taken by AWS or by a person."""

    identifier: str
    instance: str
    status: str
    taken: datetime | None
    """None: it is being taken."""
    engine: str


def find_instance(client: "RDSClient", identifier: str) -> Instance | None:
    """Return an instance; None when there is none."""
    try:
        found = cast(
            "Mapping[str, Any]", client.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0]
        )
    except ClientError as error:
        if code_of(error) in {"DBInstanceNotFound", "DBInstanceNotFoundFault"}:
            return None
        raise
    return Instance(
        identifier=identifier,
        status=found["DBInstanceStatus"],
        window=_window(client, found),
        retention_days=found.get("BackupRetentionPeriod", 0),
        is_protected=found.get("DeletionProtection", False),
    )


def _window(client: "RDSClient", instance: Mapping[str, Any]) -> Window | None:
    latest = instance.get("LatestRestorableTime")
    days = instance.get("BackupRetentionPeriod", 0)
    if not latest or not days:
        return None
    backups = client.describe_db_instance_automated_backups(DBInstanceIdentifier=instance["DBInstanceIdentifier"])
    for backup in cast("Iterable[Mapping[str, Any]]", backups["DBInstanceAutomatedBackups"]):
        window = backup.get("RestoreWindow", {})
        if backup.get("Status") != "retained" and "EarliestTime" in window:
            return Window(earliest=_utc(window["EarliestTime"]), latest=_utc(window.get("LatestTime") or latest))
    # Nothing says it: not before the instance was made, and not further back than backups are kept.
    created = _utc(instance.get("InstanceCreateTime") or latest)
    return Window(earliest=max(created, _utc(latest) - timedelta(days=days)), latest=_utc(latest))


@dataclass(frozen=True, kw_only=True)
class RetainedBackups:
    """Automated backups of an instance that was deleted."""

    resource_id: str
    """What a restore names instead of the instance."""
    window: Window


def find_retained_backups(client: "RDSClient", identifier: str) -> RetainedBackups | None:
    """Return the newest automated backups that RDS kept of a deleted instance; None when there are none.

    RDS API reference, DescribeDBInstanceAutomatedBackups: their status is `retained`.
    """
    answer = client.describe_db_instance_automated_backups(DBInstanceIdentifier=identifier)
    found = [
        RetainedBackups(
            resource_id=backup["DbiResourceId"],
            window=Window(
                earliest=_utc(backup["RestoreWindow"]["EarliestTime"]),
                latest=_utc(backup["RestoreWindow"]["LatestTime"]),
            ),
        )
        for backup in cast("Iterable[Mapping[str, Any]]", answer["DBInstanceAutomatedBackups"])
        if backup.get("Status") == "retained"
        and {"EarliestTime", "LatestTime"} <= backup.get("RestoreWindow", {}).keys()
    ]
    return max(found, key=lambda one: one.window.latest, default=None)


def find_snapshot(client: "RDSClient", identifier: str) -> Snapshot | None:
    """Return a snapshot by its name or ARN; None when there is none."""
    try:
        found = client.describe_db_snapshots(DBSnapshotIdentifier=identifier, **_type_of(identifier))["DBSnapshots"]
    except ClientError as error:
        if code_of(error) in {"DBSnapshotNotFound", "DBSnapshotNotFoundFault"}:
            return None
        raise
    return _snapshot(found[0]) if found else None


def _type_of(identifier: str) -> Mapping[str, Any]:
    """RDS finds an automated snapshot, and one of AWS Backup, by its name only together with its type.

    RDS API reference, DescribeDBSnapshots: names that RDS gives begin with `rds:`, those of AWS Backup with
    `awsbackup:`.
    """
    name = identifier.split(":snapshot:", 1)[-1]
    for prefix, kind in (("rds:", "automated"), ("awsbackup:", "awsbackup")):
        if name.startswith(prefix):
            return {"SnapshotType": kind}
    return {}


def snapshots_of(client: "RDSClient", instance: str) -> list[Snapshot]:
    """Every snapshot of an instance, newest first; also those of one that was deleted."""
    pages = client.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=instance)
    found = [_snapshot(one) for page in pages for one in page["DBSnapshots"]]
    return sorted(found, key=lambda one: one.taken or datetime.max.replace(tzinfo=UTC), reverse=True)


def _snapshot(found: Any) -> Snapshot:
    taken = found.get("SnapshotCreateTime")
    return Snapshot(
        identifier=found["DBSnapshotIdentifier"],
        instance=found["DBInstanceIdentifier"],
        status=found["Status"],
        taken=_utc(taken) if taken else None,
        engine=found["Engine"],
    )


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
