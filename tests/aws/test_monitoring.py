"""Alarms, topics, dashboard, events and budget as AWS would show them."""

import json
from typing import Any

import pytest

from tests.aws.environment import ACCOUNT, LocalEnvironment


@pytest.fixture
def alarms(local_env: LocalEnvironment) -> dict[str, dict[str, Any]]:
    found = local_env.aws("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(f"flowise-{local_env.stack}-"): alarm for alarm in found}


def _topic(local_env: LocalEnvironment) -> str:
    return local_env.only("sns/topic:Topic", "observability").id


def test_every_alarm_is_there(local_env: LocalEnvironment, alarms: dict[str, dict[str, Any]]) -> None:
    made = local_env.all("cloudwatch/metricAlarm:MetricAlarm")
    assert len(alarms) == len(made) > 20
    assert {alarm["AlarmArn"] for alarm in alarms.values()} == {record.outputs["arn"] for record in made}


def test_alarm_watches_the_stacks_own_database(local_env: LocalEnvironment, alarms: dict[str, dict[str, Any]]) -> None:
    alarm = alarms["database-cpu"]
    assert alarm["Namespace"] == "AWS/RDS"
    assert alarm["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": f"flowise-{local_env.stack}-database"}]
    known = local_env.aws("rds").describe_db_instances()["DBInstances"]
    assert [instance["DBInstanceIdentifier"] for instance in known] == [alarm["Dimensions"][0]["Value"]]
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (300, 3, 3)
    assert alarm["AlarmActions"] == alarm["OKActions"] == [_topic(local_env)]
    assert alarm["AlarmDescription"].endswith("Runbook: docs/runbooks/database-slow.md")


def test_alarms_watch_the_nodes_that_the_cache_has(
    local_env: LocalEnvironment, alarms: dict[str, dict[str, Any]]
) -> None:
    if not local_env.promise.queue_nodes:
        assert not any(name.startswith(("cache", "queue")) for name in alarms)
        return
    (group,) = local_env.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
    metrics = [query["MetricStat"]["Metric"] for query in alarms["cache-memory"]["Metrics"] if "MetricStat" in query]
    watched = {metric["Dimensions"][0]["Value"] for metric in metrics}
    assert watched == {f"{group['ReplicationGroupId']}-{number:03}" for number in range(1, 3)}


def test_alarms_watch_the_load_balancer_and_its_targets(
    local_env: LocalEnvironment, alarms: dict[str, dict[str, Any]]
) -> None:
    (balancer,) = local_env.aws("elbv2").describe_load_balancers()["LoadBalancers"]
    (group,) = local_env.aws("elbv2").describe_target_groups()["TargetGroups"]
    watched = {pair["Name"]: pair["Value"] for pair in alarms["servers-gone"]["Dimensions"]}
    assert watched["LoadBalancer"].startswith("app/")
    assert balancer["LoadBalancerArn"].endswith(f":loadbalancer/{watched['LoadBalancer']}")
    assert watched["TargetGroup"].startswith("targetgroup/")
    assert group["TargetGroupArn"].endswith(f":{watched['TargetGroup']}")


def test_alarm_counts_under_the_name_that_the_firewall_uses(
    local_env: LocalEnvironment, alarms: dict[str, dict[str, Any]]
) -> None:
    waf = local_env.aws("wafv2")
    (summary,) = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    acl = waf.get_web_acl(Name=summary["Name"], Id=summary["Id"], Scope="CLOUDFRONT")["WebACL"]
    watched = {pair["Name"]: pair["Value"] for pair in alarms["edge-blocked"]["Dimensions"]}
    assert watched == {"WebACL": acl["VisibilityConfig"]["MetricName"], "Rule": "ALL"}


def test_topic_is_encrypted_and_takes_messages_of_this_account_alone(local_env: LocalEnvironment) -> None:
    attributes = local_env.aws("sns").get_topic_attributes(TopicArn=_topic(local_env))["Attributes"]
    assert attributes["KmsMasterKeyId"] == local_env.key_arn
    services, events, plain = json.loads(attributes["Policy"])["Statement"]
    assert services["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert events["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert plain["Effect"] == "Deny"
    assert all(statement["Resource"] == [_topic(local_env)] for statement in (services, events, plain))


def test_recipients_are_subscribed(local_env: LocalEnvironment) -> None:
    found = local_env.aws("sns").list_subscriptions_by_topic(TopicArn=_topic(local_env))["Subscriptions"]
    assert [(each["Protocol"], each["Endpoint"]) for each in found] == [("email", "ops@example.com")]


def test_dashboard_answers_four_questions(local_env: LocalEnvironment) -> None:
    text = local_env.aws("cloudwatch").get_dashboard(DashboardName=f"flowise-{local_env.stack}")["DashboardBody"]
    widgets = json.loads(text)["widgets"]
    questions = [widget["properties"]["markdown"] for widget in widgets if widget["type"] == "text"]
    assert [question[: question.index("?") + 1] for question in questions] == [
        "## Is it up?",
        "## Is it slow?",
        "## What is full?",
        "## What does it cost?",
    ]
    for widget in widgets:
        assert widget["x"] + widget["width"] <= 24
    charged = [widget for widget in widgets if "EstimatedCharges" in json.dumps(widget)]
    assert [widget["properties"]["region"] for widget in charged] == ["us-east-1"]


def test_people_are_told_what_happens_to_the_database(local_env: LocalEnvironment) -> None:
    (subscription,) = local_env.aws("rds").describe_event_subscriptions()["EventSubscriptionsList"]
    assert subscription["SnsTopicArn"] == _topic(local_env)
    assert subscription["SourceType"] == "db-instance"
    assert subscription["SourceIdsList"] == [f"flowise-{local_env.stack}-database"]
    assert {"failover", "failure", "low storage"} <= set(subscription["EventCategoriesList"])


def test_people_are_told_of_backups_that_fail(local_env: LocalEnvironment) -> None:
    events, rule = local_env.aws("events"), local_env.only("cloudwatch/eventRule:EventRule")
    described = events.describe_rule(Name=rule.id)
    assert described["State"] == "ENABLED"
    pattern = json.loads(described["EventPattern"])
    assert pattern["source"] == ["aws.backup"]
    assert {"FAILED", "EXPIRED"} <= set(pattern["detail"]["$or"][0]["state"])
    (target,) = events.list_targets_by_rule(Rule=rule.id)["Targets"]
    assert target["Arn"] == _topic(local_env)
    assert json.loads(target["InputTransformer"]["InputTemplate"]).endswith("docs/runbooks/backup-failed.md")


def test_budget_tells_before_the_month_ends(local_env: LocalEnvironment) -> None:
    budgets = local_env.aws("budgets", "us-east-1")
    (budget,) = budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    assert budget["TimeUnit"] == "MONTHLY"
    limit = {"dev": 200, "prod": 1200}[local_env.stack]
    assert (float(budget["BudgetLimit"]["Amount"]), budget["BudgetLimit"]["Unit"]) == (limit, "USD")
    found = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=budget["BudgetName"])
    kinds = {(each["NotificationType"], each["Threshold"]) for each in found["Notifications"]}
    assert kinds == {("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100)}
