"""The restore drill: the right months, the right plan, and no proof but its own."""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import yaml
from botocore.stub import Stubber

from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from delivery.drill import RestoreTestPlan, first_moment, look, stacks_with_restore_tests, verdict

PLAN = "flowise_prod_restore"
ARN = f"arn:aws:backup:us-east-1:123456789012:restore-testing-plan:{PLAN}-1"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
RESTORE_AND_VALIDATION = timedelta(hours=18)


def job(kind: str, status: str, *, validation: str = "SUCCESSFUL") -> dict[str, Any]:
    return {
        "ResourceType": kind,
        "Status": status,
        "ValidationStatus": validation,
        "CreationDate": datetime(2026, 11, 1, 11, tzinfo=UTC),
        "CreatedBy": {"RestoreTestingPlanArn": ARN},
    }


DRILLS: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "both restored": ([job("RDS", "COMPLETED"), job("S3", "COMPLETED")], True),
    "nothing at all": ([], False),
    "files missing": ([job("RDS", "COMPLETED")], False),
    "one failed among good ones": ([job("RDS", "COMPLETED"), job("S3", "COMPLETED"), job("RDS", "FAILED")], False),
    "restored, and wrong": ([job("RDS", "COMPLETED", validation="FAILED"), job("S3", "COMPLETED")], False),
    "still running": ([job("RDS", "RUNNING"), job("S3", "COMPLETED")], False),
}


@pytest.mark.parametrize(("jobs", "good"), DRILLS.values(), ids=list(DRILLS))
def test_a_drill_is_good_only_when_all_was_restored(jobs: list[dict[str, Any]], good: bool) -> None:
    assert verdict(PLAN, jobs)[0] is good


def answers(plans: dict[str, str], jobs: list[dict[str, Any]] | None) -> Any:
    """A client of AWS Backup that gives these answers, and refuses any other question."""
    client = boto3.client("backup", region_name="us-east-1")  # pyright: ignore[reportUnknownMemberType]
    stubber = Stubber(client)
    listed = [
        {
            "RestoreTestingPlanName": name,
            "RestoreTestingPlanArn": arn,
            "CreationTime": SINCE,
            "ScheduleExpression": "cron(0 11 ? * SUN#1 *)",
        }
        for name, arn in plans.items()
    ]
    stubber.add_response("list_restore_testing_plans", {"RestoreTestingPlans": listed}, {})
    if jobs is not None:
        asked = {"ByCreatedAfter": SINCE, "ByRestoreTestingPlanArn": ARN}
        stubber.add_response("list_restore_jobs", {"RestoreJobs": jobs}, asked)
    stubber.activate()
    return client


def test_only_jobs_of_the_stacks_own_plan_count() -> None:
    client = answers(
        {"flowise_staging_restore": "arn:aws:other", PLAN: ARN}, [job("RDS", "COMPLETED"), job("S3", "COMPLETED")]
    )
    assert look(client, PLAN, SINCE)[0]


def test_a_stack_without_its_plan_is_not_proven_by_that_of_another() -> None:
    good, lines = look(answers({"flowise_staging_restore": "arn:aws:other"}, None), PLAN, SINCE)
    assert not good
    assert lines == [
        "flowise_prod_restore: there is no such restore testing plan; was the stack deployed with its backup section?"
    ]


def test_the_plans_asked_for_are_those_that_the_stacks_make(prod: Recording) -> None:
    plan = prod.only("aws:backup/restoreTestingPlan:RestoreTestingPlan")
    assert stacks_with_restore_tests() == [RestoreTestPlan(stack="prod", region="us-east-1")]
    assert stacks_with_restore_tests()[0].name == plan.inputs["name"]


def months() -> Iterator[tuple[int, int]]:
    """The 48 months from December 2026 on."""
    for number in range(48):
        yield 2026 + (11 + number) // 12, (11 + number) % 12 + 1


def test_the_day_of_the_drill_has_the_months_test_behind_it_in_48_months(prod: Recording) -> None:
    workflow = (ROOT / ".github" / "workflows" / "restore-drill.yml").read_text(encoding="utf-8")
    minute, hour, day, *rest = yaml.safe_load(workflow)[True]["schedule"][0]["cron"].split()
    assert rest == ["*", "*"]
    plan = prod.only("aws:backup/restoreTestingPlan:RestoreTestingPlan").inputs
    begins = re.fullmatch(r"cron\(0 (\d+) \? \* SUN#1 \*\)", plan["scheduleExpression"])
    assert begins
    window = timedelta(hours=plan["startWindowHours"])
    for year, month in months():
        first_sunday = next(d for d in range(1, 8) if calendar.weekday(year, month, d) == calendar.SUNDAY)
        test = datetime(year, month, first_sunday, int(begins[1]), tzinfo=UTC)
        run = datetime(year, month, int(day), int(hour), int(minute), tzinfo=UTC)
        assert test + window + RESTORE_AND_VALIDATION < run, f"{run:%Y-%m}: the test may not be over"
        since = first_moment(run)
        assert since <= test, f"{run:%Y-%m}: the month's own test is not looked at"
        assert since >= run.replace(day=1, hour=0, minute=0), f"{run:%Y-%m}: last month's test would count"
        by_hand = first_moment(run.replace(day=3))
        assert by_hand.month == (month - 2) % 12 + 1, "started by hand before the test: the month before"
