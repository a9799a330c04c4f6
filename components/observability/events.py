"""Events that are no metrics: what RDS does to the database, backup jobs that end badly, what components describe."""

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from components.common.alarm import Event
from components.common.monitoring import DatabaseMetrics
from components.observability.topics import Topics

DATABASE_EVENTS = ("availability", "deletion", "failover", "failure", "low storage", "recovery", "restoration")
"""Categories of RDS's events that somebody must know of; backups that succeed and maintenance are not among them."""
_FAILED = ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"]
_WITH_ISSUES = [{"wildcard": "*"}]
"""Any text: a job that "completed with issues" is COMPLETED and has a status message (AWS Backup developer guide,
"Monitoring AWS Backup events using Amazon EventBridge")."""


def database_events(resource_name: str, database: DatabaseMetrics, topics: Topics, parent: pulumi.Resource) -> None:
    """Tell people of failovers, restarts, and whatever else happens to the database."""
    aws.rds.EventSubscription(
        f"{resource_name}-database",
        sns_topic=topics.stack,
        source_type="db-instance",
        source_ids=[database.identifier],
        event_categories=list(DATABASE_EVENTS),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def tell(resource_name: str, event: Event, topics: Topics, runbooks_url: str | None, parent: pulumi.Resource) -> None:
    """Tell people of events of EventBridge in the stack's region."""
    child = pulumi.ResourceOptions(parent=parent)
    rule = aws.cloudwatch.EventRule(
        f"{resource_name}-{event.name}",
        description=event.description,
        event_pattern=pulumi.Output.json_dumps(event.pattern),
        opts=child,
    )
    aws.cloudwatch.EventTarget(
        f"{resource_name}-{event.name}",
        rule=rule.name,
        arn=topics.stack,
        input_transformer={
            "input_paths": event.paths,
            "input_template": json.dumps(f"{event.says} Runbook: {runbooks_url or 'docs/runbooks'}/{event.runbook}.md"),
        },
        opts=child,
    )


BACKUP_EVENTS: Final = Event(
    name="backup",
    description="Backup, copy and restore jobs that failed or completed with issues",
    pattern={
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
        "detail": {
            "$or": [
                {"state": _FAILED},
                {"status": _FAILED},
                {"state": ["COMPLETED"], "statusMessage": _WITH_ISSUES},
                {"status": ["COMPLETED"], "statusMessage": _WITH_ISSUES},
            ]
        },
    },
    paths={"what": "$.detail-type", "resources": "$.resources", "time": "$.time"},
    says="<what> at <time>: a job of AWS Backup ended badly, for <resources>.",
    runbook="backup-failed",
)
"""Jobs of AWS Backup that end badly, whichever vault of the account and region they are for.

Some of the events call the outcome state, some status (AWS Backup developer guide, "Monitoring AWS Backup events using
Amazon EventBridge"); they come within five minutes.
"""
