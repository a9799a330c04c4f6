"""CloudWatch alarms and dashboards, EventBridge rules, budgets, events of RDS."""

from collections.abc import Mapping
from typing import Any, cast

from analysis.recorder import Created
from components.common.partition import partition
from local.aws.making import Maker, Making, made
from local.aws.translate import given, pascal


def _metric_alarm(making: Making) -> Created:
    cloudwatch, inputs = making.client("cloudwatch", making.region), making.inputs
    name = inputs["name"]
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        **inputs.pascal(
            "alarmDescription", "comparisonOperator", "threshold", "evaluationPeriods", "datapointsToAlarm"
        ),
        **inputs.pascal("treatMissingData", "namespace", "metricName", "period", "statistic", "extendedStatistic"),
        **given(
            AlarmActions=inputs.get("alarmActions"),
            OKActions=inputs.get("okActions"),
            InsufficientDataActions=inputs.get("insufficientDataActions"),
            Dimensions=_pairs(inputs.get("dimensions")),
            Metrics=[_query(query) for query in inputs.get("metricQueries", [])] or None,
        ),
        Tags=making.tag_list(),
    )
    alarms = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return made(name, arn=alarms[0].get("AlarmArn"), name=name)


def _pairs(dimensions: Mapping[str, str] | None) -> list[Any] | None:
    return None if dimensions is None else [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _query(query: Mapping[str, Any]) -> Any:
    metric = query.get("metric")
    if not metric:
        return pascal(query)
    counted = {"Namespace": metric["namespace"], "MetricName": metric["metricName"]}
    return {
        "Id": query["id"],
        "ReturnData": False,
        "MetricStat": {
            "Metric": {**counted, "Dimensions": _pairs(metric["dimensions"])},
            **pascal({"period": metric["period"], "stat": metric["stat"]}),
        },
    }


def _dashboard(making: Making) -> Created:
    cloudwatch, name = making.client("cloudwatch", making.region), making.inputs["dashboardName"]
    cloudwatch.put_dashboard(**making.inputs.pascal("dashboardName", "dashboardBody"))
    return made(name, dashboardArn=cloudwatch.get_dashboard(DashboardName=name).get("DashboardArn"))


def _event_rule(making: Making) -> Created:
    events = making.client("events", making.region)
    name = making.physical_name(limit=64)
    arn = events.put_rule(Name=name, **making.inputs.pascal("description", "eventPattern"), Tags=making.tag_list())[
        "RuleArn"
    ]
    return made(name, arn=arn, name=name)


def _event_target(making: Making) -> Created:
    inputs = making.inputs
    transformer = cast("dict[str, Any]", inputs["inputTransformer"])
    target: Any = {
        "Id": making.name,
        "Arn": inputs["arn"],
        "InputTransformer": {
            "InputPathsMap": transformer["inputPaths"],
            "InputTemplate": transformer["inputTemplate"],
        },
    }
    making.client("events", making.region).put_targets(Rule=inputs["rule"], Targets=[target])
    return made(f"{inputs['rule']}-{making.name}", targetId=making.name)


def _event_subscription(making: Making) -> Created:
    inputs = making.inputs
    name = making.physical_name(limit=255)
    answer = making.client("rds", making.region).create_event_subscription(
        SubscriptionName=name,
        SnsTopicArn=inputs["snsTopic"],
        **inputs.pascal("sourceType", "sourceIds", "eventCategories"),
        Tags=making.tag_list(),
    )
    return made(name, name=name, arn=answer["EventSubscription"].get("EventSubscriptionArn"))


def _budget(making: Making) -> Created:
    inputs = making.inputs
    account = making.client("sts").get_caller_identity()["Account"]
    name = making.physical_name(limit=100)
    filters: Any = {each["name"]: each["values"] for each in inputs.get("costFilters", [])}
    making.client("budgets", "us-east-1").create_budget(
        AccountId=account,
        Budget={
            "BudgetName": name,
            **inputs.pascal("budgetType", "timeUnit"),
            "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
            "CostFilters": filters,
        },
        NotificationsWithSubscribers=[_notification(each) for each in inputs["notifications"]],
        ResourceTags=making.tag_list(),
    )
    return made(f"{account}:{name}", name=name, arn=f"arn:{partition(making.region)}:budgets::{account}:budget/{name}")


def _notification(notification: Mapping[str, Any]) -> Any:
    topics = notification["subscriberSnsTopicArns"]
    compared = {key: value for key, value in notification.items() if key != "subscriberSnsTopicArns"}
    return {
        "Notification": pascal(compared),
        "Subscribers": [{"SubscriptionType": "SNS", "Address": topic} for topic in topics],
    }


MAKERS: Mapping[str, Maker] = {
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventRule:EventRule": _event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _metric_alarm,
    "aws:rds/eventSubscription:EventSubscription": _event_subscription,
}
