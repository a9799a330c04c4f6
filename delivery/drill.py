"""`make restore-drill`: did AWS Backup's restore testing plan of each stack restore what the stack keeps?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import boto3
import typer
import yaml

from analysis.stackfiles import ROOT, read_stack, stack_names
from delivery.aws import asking_aws
from settings import parse_settings

if TYPE_CHECKING:
    from mypy_boto3_backup.client import BackupClient

_ACCOUNT = Path("bootstrap", "Pulumi.account.yaml")
KINDS = ("RDS", "S3")
"""What each plan restores (components/backup/restore_tests.py)."""
FIRST_DAY = 9
"""Day of the month from which its restore test must be over. The test of a month begins on its first Sunday, the 7th at
the latest, at 11:00 UTC within 8 hours; the 9th leaves the restore and its validation a night and a day."""


@dataclass(frozen=True, kw_only=True)
class RestoreTestPlan:
    """The restore testing plan of a stack whose file asks for restore tests."""

    stack: str
    region: str

    @property
    def name(self) -> str:
        """Its name in AWS Backup (components/backup/restore_tests.py)."""
        return f"flowise_{self.stack.replace('-', '_')}_restore"


def stacks_with_restore_tests(root: Path = ROOT) -> list[RestoreTestPlan]:
    """Every stack that bootstrap lets the workflows deploy, and whose file has a backup section with restore tests."""
    account = yaml.safe_load((root / _ACCOUNT).read_text(encoding="utf-8"))
    deployed: Mapping[str, Any] = account["config"]["flowise-bootstrap:stacks"]
    found: list[RestoreTestPlan] = []
    for name in filter(deployed.__contains__, stack_names(root)):
        config = read_stack(name, root)
        settings = parse_settings(config.values, config.secret_keys, name)
        if settings.backup and settings.backup.restore_tests != "off":
            found.append(RestoreTestPlan(stack=name, region=settings.region))
    return found


def first_moment(now: datetime) -> datetime:
    """Begin of the newest month whose restore test must be over by now."""
    month = now if now.day >= FIRST_DAY else now.replace(day=1) - timedelta(days=1)
    return month.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def verdict(plan: str, jobs: Sequence[Mapping[str, Any]], kinds: Sequence[str] = KINDS) -> tuple[bool, list[str]]:
    """Whether a plan restored every kind and no restore failed; a line for each job and each kind without one."""
    lines = [
        f"{plan}: {job['CreationDate']:%Y-%m-%d %H:%M} {job.get('ResourceType', '?')} {job['Status']}"
        f" {job.get('ValidationStatus', '')} {job.get('StatusMessage', '')}".rstrip()
        for job in sorted(jobs, key=lambda job: job["CreationDate"])
    ]
    failed = [job for job in jobs if job["Status"] in {"FAILED", "ABORTED"} or job.get("ValidationStatus") == "FAILED"]
    restored = {job.get("ResourceType") for job in jobs if job["Status"] == "COMPLETED"}
    missing = [kind for kind in kinds if kind not in restored]
    lines += [f"{plan}: {kind}: nothing was restored" for kind in missing]
    return not failed and not missing, lines


def look(backup: "BackupClient", plan: str, since: datetime) -> tuple[bool, list[str]]:
    """Ask AWS Backup for the jobs of one plan; a restore that a person or another plan started proves nothing."""
    pages = backup.get_paginator("list_restore_testing_plans").paginate()
    arns = {
        each["RestoreTestingPlanName"]: each["RestoreTestingPlanArn"]
        for page in pages
        for each in page["RestoreTestingPlans"]
    }
    if plan not in arns:
        return False, [
            f"{plan}: there is no such restore testing plan; was the stack deployed with its backup section?"
        ]
    jobs = backup.get_paginator("list_restore_jobs").paginate(ByCreatedAfter=since, ByRestoreTestingPlanArn=arns[plan])
    return verdict(plan, [job for page in jobs for job in page["RestoreJobs"]])


def main(
    report: Annotated[Path, typer.Option(help="Where the lines go")] = Path(".reports/restore-drill.txt"),
) -> None:
    """Fail unless each stack's plan restored database and files in its newest test, and nothing failed."""
    since = first_moment(datetime.now(UTC))
    good, lines = True, [f"restore tests since {since:%Y-%m-%d}"]
    for plan in stacks_with_restore_tests():
        with asking_aws():
            client = cast("Any", boto3).client("backup", region_name=plan.region)
            passed, found = look(client, plan.name, since)
        good = good and passed
        lines += found
    if len(lines) == 1:
        good = False
        lines.append("no stack file asks for restore tests (backup.restore_tests)")
    report.parent.mkdir(exist_ok=True)
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    typer.echo(report.read_text(encoding="utf-8"), nl=False, err=not good)
    if not good:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
