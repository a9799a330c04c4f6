"""The database and its copies."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings
from components.common.authorities import subjects
from components.common.model import BUNDLE_NEEDED, GOVCLOUD
from components.common.regions import bundle_url
from components.database import DatabaseSettings

_MIN_PROTECTED_RETENTION_DAYS = 7


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _backup_retention(sections)
    yield from _snapshot_elsewhere(sections)
    yield from _database_authorities(sections)


def _backup_retention(sections: Mapping[str, Any]) -> Iterable[str]:
    database = cast(DatabaseSettings | None, sections.get("database"))
    if database and sections.get("protected") and database.backup_retention_days < _MIN_PROTECTED_RETENTION_DAYS:
        yield (
            f"database.backup_retention_days: {database.backup_retention_days} is too short for a protected "
            f"stack; at least {_MIN_PROTECTED_RETENTION_DAYS}, or set flowise:protected to false"
        )


def _snapshot_elsewhere(sections: Mapping[str, Any]) -> Iterable[str]:
    """RDS restores from snapshots of its own region only (RDS user guide, "Restoring to a DB instance")."""
    database = cast(DatabaseSettings | None, sections.get("database"))
    region = sections.get("region")
    snapshot = database and database.restore_from and database.restore_from.snapshot_identifier
    if not snapshot or not region or not snapshot.startswith("arn:") or (found := snapshot.split(":")[3]) == region:
        return
    yield (
        f"database.restore_from.snapshot_identifier: {snapshot} is in {found}, and the database in aws:region "
        f"{region}; copy it there (`aws rds copy-db-snapshot --source-region {found} --region {region} "
        "--kms-key-id KEY ...`, or a copy job of AWS Backup) and name the copy"
    )


def _database_authorities(sections: Mapping[str, Any]) -> Iterable[str]:
    """Flowise refuses a database whose certificate it cannot verify; the image knows the roots of most regions only."""
    app = cast(AppSettings | None, sections.get("app"))
    region = sections.get("region")
    if not app or region not in (*BUNDLE_NEEDED, *GOVCLOUD):
        return
    known = subjects(app.certificate_authorities) if app.certificate_authorities else []
    wanted = f"Amazon RDS {region} Root CA"
    if not any(wanted in name for name in known):
        yield (
            f"app.certificate_authorities: the image holds no certificates of RDS for aws:region {region}, and Flowise "
            f"refuses a database that it cannot verify; add the text of {bundle_url(region)} (docs/regions.md)"
        )
