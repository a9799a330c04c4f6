"""`make restore-drill`: did AWS Backup's restore testing restore what it keeps?"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, cast

import boto3
import typer


def verdict(jobs: Sequence[Mapping[str, Any]], kinds: Sequence[str]) -> tuple[bool, list[str]]:
    """Whether every kind was restored and no restore failed; and a line for each job and each kind without one."""
    tests = [job for job in jobs if "RestoreTestingPlanArn" in job.get("CreatedBy", {})]
    lines = [
        f"{job['CreationDate']:%Y-%m-%d %H:%M} {job.get('ResourceType', '?')} {job['Status']}"
        f" {job.get('ValidationStatus', '')} {job.get('StatusMessage', '')}".rstrip()
        for job in sorted(tests, key=lambda job: job["CreationDate"])
    ]
    failed = [job for job in tests if job["Status"] in {"FAILED", "ABORTED"} or job.get("ValidationStatus") == "FAILED"]
    restored = {job.get("ResourceType") for job in tests if job["Status"] == "COMPLETED"}
    missing = [kind for kind in kinds if kind not in restored]
    lines += [f"{kind}: nothing was restored; is there a restore testing plan for it?" for kind in missing]
    return not failed and not missing, lines


def main(
    days: Annotated[int, typer.Option(help="How far to look back")] = 31,
    report: Annotated[Path, typer.Option(help="Where the lines go")] = Path(".reports/restore-drill.txt"),
) -> None:
    """Fail unless database and files were restored lately, and nothing failed."""
    backup = cast("Any", boto3).client("backup")
    since = datetime.now(UTC) - timedelta(days=days)
    pages = backup.get_paginator("list_restore_jobs").paginate(ByCreatedAfter=since)
    jobs = [job for page in pages for job in page["RestoreJobs"]]
    good, lines = verdict(jobs, ("RDS", "S3"))
    report.parent.mkdir(exist_ok=True)
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    typer.echo(report.read_text(encoding="utf-8"), nl=False, err=not good)
    if not good:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
