"""CloudWatch alarms and dashboards, EventBridge rules, budgets, events of RDS."""

from collections.abc import Mapping
from typing import Any, cast

from analysis.recorder import Created
from components.common.partition import partition
from local.aws.resource_request import Handler, ResourceRequest, made
from local.aws.translate import given, pascal


def _metric_alarm(request: ResourceRequest) -> Created:
    cloudwatch, inputs = request.client("cloudwatch", request.region), request.inputs
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
        Tags=request.tag_list(),
    )
    arn = f"arn:{partition(request.region)}:cloudwatch:{request.region}:{request.client.account}:alarm:{name}"
    return made(name, arn=arn, name=name)


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


def _dashboard(request: ResourceRequest) -> Created:
    cloudwatch, name = request.client("cloudwatch", request.region), request.inputs["dashboardName"]
    cloudwatch.put_dashboard(**request.inputs.pascal("dashboardName", "dashboardBody"))
    return made(name, dashboardArn=cloudwatch.get_dashboard(DashboardName=name).get("DashboardArn"))


def _event_rule(request: ResourceRequest) -> Created:
    events = request.client("events", request.region)
    name = request.physical_name()
    arn = events.put_rule(Name=name, **request.inputs.pascal("description", "eventPattern"), Tags=request.tag_list())[
        "RuleArn"
    ]
    return made(name, arn=arn, name=name)


def _event_target(request: ResourceRequest) -> Created:
    inputs = request.inputs
    transformer = cast("dict[str, Any]", inputs["inputTransformer"])
    target: Any = {
        "Id": request.name,
        "Arn": inputs["arn"],
        "InputTransformer": {
            "InputPathsMap": transformer["inputPaths"],
            "InputTemplate": transformer["inputTemplate"],
        },
    }
    request.client("events", request.region).put_targets(Rule=inputs["rule"], Targets=[target])
    return made(f"{inputs['rule']}-{request.name}", targetId=request.name)


def _event_subscription(request: ResourceRequest) -> Created:
    inputs = request.inputs
    name = request.physical_name()
    answer = request.client("rds", request.region).create_event_subscription(
        SubscriptionName=name,
        SnsTopicArn=inputs["snsTopic"],
        **inputs.pascal("sourceType", "sourceIds", "eventCategories"),
        Tags=request.tag_list(),
    )
    return made(name, name=name, arn=answer["EventSubscription"].get("EventSubscriptionArn"))


def _budget(request: ResourceRequest) -> Created:
    inputs = request.inputs
    account = request.client.account
    name = request.physical_name()
    filters: Any = {each["name"]: each["values"] for each in inputs.get("costFilters", [])}
    request.client("budgets", "us-east-1").create_budget(
        AccountId=account,
        Budget={
            "BudgetName": name,
            **inputs.pascal("budgetType", "timeUnit"),
            "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
            "CostFilters": filters,
        },
        NotificationsWithSubscribers=[_notification(each) for each in inputs["notifications"]],
        ResourceTags=request.tag_list(),
    )
    return made(f"{account}:{name}", name=name, arn=f"arn:{partition(request.region)}:budgets::{account}:budget/{name}")


def _notification(notification: Mapping[str, Any]) -> Any:
    topics = notification["subscriberSnsTopicArns"]
    compared = {key: value for key, value in notification.items() if key != "subscriberSnsTopicArns"}
    return {
        "Notification": pascal(compared),
        "Subscribers": [{"SubscriptionType": "SNS", "Address": topic} for topic in topics],
    }


HANDLERS: Mapping[str, Handler] = {
    "aws:budgets/budget:Budget": _budget,
    "aws:cloudwatch/dashboard:Dashboard": _dashboard,
    "aws:cloudwatch/eventRule:EventRule": _event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": _event_target,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _metric_alarm,
    "aws:rds/eventSubscription:EventSubscription": _event_subscription,
}
