"""What could be restored of each thing that holds data, and what is wrong with that."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.clients import backup_client, rds_client, s3_client, secrets_client
from ops.database import find_instance, snapshots_of
from ops.errors import OpsError, code_of, explained
from ops.moments import format_duration, format_timestamp
from ops.objects.bucket import bucket_region, version_days, versioning
from ops.replication import FAILED_HOURS, replication_progress

_CONTINUOUS = ":recovery-point:continuous:"
_USABLE = frozenset({"COMPLETED", "AVAILABLE", "STOPPED"})
"""States of a recovery point that can be restored. A continuous one is AVAILABLE while it goes on, and STOPPED when it
was interrupted: it can still be restored, to any second before that (AWS Backup developer guide, "Continuous backups
and point-in-time recovery")."""


@dataclass(frozen=True, kw_only=True)
class RestoreOption:
    """One way to bring something back."""

    what: str
    how: str
    earliest: datetime | None = None
    latest: datetime | None = None
    detail: str = ""
    problem: str = ""
    """Why it does not hold what was promised; empty when it does."""


@dataclass(frozen=True, kw_only=True)
class RecoveryPointObjective:
    """How much may be lost."""

    now: datetime
    continuous: timedelta
    """Of what is backed up all the time."""
    daily: timedelta
    """Of what is backed up once a day."""

    def too_old(self, latest: datetime | None, limit: timedelta) -> str:
        """Say that a recovery point is too old; nothing when it is not."""
        if latest is None:
            return "there is none"
        age = self.now - latest
        return f"is {format_duration(age)} old; at most {format_duration(limit)} were promised" if age > limit else ""


def found(what: str, look: Callable[[], Iterator[RestoreOption]]) -> list[RestoreOption]:
    """Look at one thing; what cannot be looked at is a finding too, so that the others are still seen."""
    try:
        return list(look())
    except (ClientError, BotoCoreError) as error:
        problem = explained(error)
    except OpsError as error:
        problem = error
    return [RestoreOption(what=what, how="?", problem=" ".join(filter(None, (problem.message, problem.hint))))]


def of_database(identifier: str, region: str | None, promise: RecoveryPointObjective) -> Iterator[RestoreOption]:
    """RDS's own backups of an instance."""
    client = rds_client(region)
    what = f"database {identifier}"
    instance = find_instance(client, identifier)
    if instance is None:
        yield RestoreOption(what=what, how="any second", problem="there is no such instance")
    else:
        window = instance.window
        protection = "on" if instance.is_protected else "off"
        yield RestoreOption(
            what=what,
            how="any second",
            earliest=window and window.earliest,
            latest=window and window.latest,
            detail=f"kept {instance.retention_days} d, {instance.status}, deletion protection {protection}",
            problem=promise.too_old(window and window.latest, promise.continuous),
        )
    snapshots = [one for one in snapshots_of(client, identifier) if one.taken and one.status == "available"]
    latest = snapshots[0].taken if snapshots else None
    yield RestoreOption(
        what=what,
        how=f"{len(snapshots)} snapshots",
        earliest=snapshots[-1].taken if snapshots else None,
        latest=latest,
        detail=snapshots[0].identifier if snapshots else "",
        problem=promise.too_old(latest, promise.daily),
    )


def of_bucket(name: str, region: str | None, promise: RecoveryPointObjective) -> Iterator[RestoreOption]:
    """Versions of a bucket's objects, and their replicas."""
    client = s3_client(region)
    what = f"bucket {name}"
    status = versioning(client, name)
    if status != "Enabled":
        yield RestoreOption(what=what, how="versions", problem=f"versioning is {status.lower()}")
        return
    days = version_days(client, name, "")
    yield RestoreOption(
        what=what,
        how="versions",
        earliest=promise.now - timedelta(days=days) if days else None,
        latest=promise.now,
        detail=f"old versions kept {days} d" if days else "old versions kept indefinitely",
    )
    try:
        rules = client.get_bucket_replication(Bucket=name)["ReplicationConfiguration"]["Rules"]
    except ClientError as error:
        if code_of(error) != "ReplicationConfigurationNotFoundError":
            raise
        yield RestoreOption(what=what, how="replica", detail="not set up")
        return
    for rule in rules:
        yield _replica(what, name, rule, region, promise)


def _replica(
    what: str, source: str, rule: Mapping[str, Any], region: str | None, promise: RecoveryPointObjective
) -> RestoreOption:
    """Say whether a replication rule is on, and what S3 reports of it."""
    target = str(rule["Destination"]["Bucket"]).rsplit(":", 1)[-1]
    if rule["Status"] != "Enabled":
        return RestoreOption(what=what, how="replica", detail=target, problem="the rule is off")
    if rule["Destination"].get("Metrics", {}).get("Status") != "Enabled":
        problem = "its metrics are off: whether it is in sync cannot be known"
        return RestoreOption(what=what, how="replica", detail=target, problem=problem)
    progress = replication_progress(
        source=source,
        destination=target,
        rule=str(rule.get("ID", "")),
        source_region=region,
        destination_region=bucket_region(s3_client(region), target),
        now=promise.now,
    )
    problems = [
        f"{progress.failed} operations failed in the last {FAILED_HOURS} h and are not tried again"
        * bool(progress.failed),
        f"is {format_duration(progress.latency)} behind; at most {format_duration(promise.continuous)} were promised"
        if progress.latency > promise.continuous
        else "",
    ]
    waits = f"{target}, {progress.pending} operations wait"
    return RestoreOption(what=what, how="replica", detail=waits, problem="; ".join(filter(None, problems)))


def of_vault(vault: str, region: str | None, promise: RecoveryPointObjective) -> Iterator[RestoreOption]:
    """Recovery points of AWS Backup in a vault (name or ARN), by what they are of."""
    name = vault.rsplit(":", 1)[-1]
    client = backup_client(_region(vault) or region)
    points: defaultdict[tuple[str, bool], list[datetime]] = defaultdict(list)
    broken: defaultdict[tuple[str, bool], int] = defaultdict(int)
    going_on: set[tuple[str, bool]] = set()
    for page in client.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=name):
        for point in page["RecoveryPoints"]:
            of = (point.get("ResourceArn", "?"), _CONTINUOUS in point.get("RecoveryPointArn", ""))
            if point.get("Status") in _USABLE and "CreationDate" in point:
                points[of].append(point["CreationDate"].astimezone(UTC))
                if point.get("Status") != "STOPPED":
                    going_on.add(of)
            else:
                broken[of] += point.get("Status") not in {"CREATING", "EXPIRED", "DELETING"}
    if not points and not broken:
        yield RestoreOption(what=f"vault {name}", how="recovery points", problem="there is none")
    for resource, is_continuous in sorted({*points, *broken}):
        dates = sorted(points[resource, is_continuous])
        failed = broken[resource, is_continuous]
        # A continuous point is made once and goes on; its age is how far back it reaches, until it is cut off.
        late = "" if is_continuous and dates else promise.too_old(dates[-1] if dates else None, promise.daily)
        if is_continuous and dates and (resource, is_continuous) not in going_on:
            late = "was stopped: what is older can be restored, nothing newer is added"
        yield RestoreOption(
            what=f"vault {name}",
            how="any second" if is_continuous else f"{len(dates)} recovery points",
            earliest=dates[0] if dates else None,
            latest=dates[-1] if dates and not is_continuous else None,
            detail=resource,
            problem="; ".join(filter(None, (late, f"{failed} cannot be used" if failed else ""))),
        )


def of_secret(secret: str, region: str | None, _promise: RecoveryPointObjective) -> Iterator[RestoreOption]:
    """A secret's replicas; its value is not read."""
    answer = secrets_client(_region(secret) or region).describe_secret(SecretId=secret)
    what = f"secret {answer['Name']}"
    if deleted := answer.get("DeletedDate"):
        hint = "restore it with: aws secretsmanager restore-secret"
        yield RestoreOption(
            what=what, how="secret", problem=f"is deleted, and gone on {format_timestamp(deleted)}; {hint}"
        )
    replicas = answer.get("ReplicationStatus", [])
    for replica in replicas:
        state = replica.get("Status")
        bad = "" if state == "InSync" else f"{state}: {replica.get('StatusMessage', '')}"
        yield RestoreOption(what=what, how="replica", detail=str(replica.get("Region")), problem=bad)
    if not replicas:
        yield RestoreOption(what=what, how="replica", detail="not set up")


def _region(arn: str) -> str | None:
    return arn.split(":")[3] if arn.startswith("arn:") else None
