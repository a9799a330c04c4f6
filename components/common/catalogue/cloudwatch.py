"""Amazon CloudWatch: alarms and dashboards; Amazon EventBridge."""

from typing import Final

from components.common.catalogue.entry import (
    Actions,
    AwsEntry,
    Call,
    Given,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
)

CLOUDWATCH: Final = Service(
    name="cloudwatch",
    reference="AmazonCloudWatch/latest/APIReference",
    tags=TagRule(source="cloudwatch PutMetricAlarm Tags.Key"),
)
EVENTS: Final = Service(
    name="events", reference="eventbridge/latest/APIReference", tags=TagRule(source="events PutRule Tags.Key")
)

ENTRIES = (
    AwsEntry(
        type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
        names=(
            NameRule(
                property="alarmName",
                longest=255,
                pattern=r"[^\x00-\x1f\x7f]+",
                source="cloudwatch PutCompositeAlarm AlarmName",
            ),
        ),
        tags=CLOUDWATCH,
        replacement=Replacement(
            properties="alarmName",
            source="cloudwatch/composite_alarm.go",
            cloudformation="AWS::CloudWatch::CompositeAlarm",
        ),
        price="rule",
        actions=Actions(
            read="cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
            create="cloudwatch:PutCompositeAlarm cloudwatch:TagResource",
            update="cloudwatch:PutCompositeAlarm cloudwatch:TagResource cloudwatch:UntagResource",
            delete="cloudwatch:DeleteAlarms",
        ),
        moto=Moto(recorded_only="moto has no composite alarms"),
    ),
    AwsEntry(
        type="aws:cloudwatch/dashboard:Dashboard",
        names=(
            NameRule(
                property="dashboardName",
                longest=255,
                pattern="[A-Za-z0-9_-]+",
                source="cloudwatch PutDashboard DashboardName",
                says='The maximum length is 255, and valid characters are A-Z, a-z, 0-9, "-", and "_".',
            ),
        ),
        given=Given(kind="dashboard", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(
            properties="dashboardName", source="cloudwatch/dashboard.go", cloudformation="AWS::CloudWatch::Dashboard"
        ),
        price="rule",
        actions=Actions(
            read="cloudwatch:GetDashboard",
            create="cloudwatch:PutDashboard",
            update="cloudwatch:PutDashboard",
            delete="cloudwatch:DeleteDashboards",
        ),
        moto=Moto(delete="function", put=True),
        picture="management/cloudwatch.png",
    ),
    AwsEntry(
        type="aws:cloudwatch/eventRule:EventRule",
        names=(NameRule(longest=64, pattern=r"[\.\-_A-Za-z0-9]+", source="events PutRule Name"),),
        tags=EVENTS,
        replacement=Replacement(
            properties="eventBusName name namePrefix", source="events/rule.go", cloudformation="AWS::Events::Rule"
        ),
        price="free",
        actions=Actions(
            read="events:DescribeRule events:ListTagsForResource",
            create="events:PutRule events:TagResource",
            update="events:PutRule events:TagResource events:UntagResource",
            delete="events:DeleteRule",
        ),
        moto=Moto(delete=Call(service="events", operation="delete_rule", arguments={"Name": "name"}), put=True),
    ),
    AwsEntry(
        type="aws:cloudwatch/eventTarget:EventTarget",
        names=(
            NameRule(
                property="targetId", longest=64, pattern=r"[\.\-_A-Za-z0-9]+", source="events PutTargets Targets.Id"
            ),
        ),
        replacement=Replacement(properties="eventBusName rule targetId", source="events/target.go"),
        price="free",
        actions=Actions(
            read="events:ListTargetsByRule",
            create="events:PutTargets",
            update="events:PutTargets",
            delete="events:RemoveTargets",
        ),
        moto=Moto(delete="function"),
    ),
    AwsEntry(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        names=(
            NameRule(
                longest=255,
                pattern=r"[^\x00-\x1f\x7f]+",
                source="cloudwatch PutMetricAlarm AlarmName",
                says="can't contain ASCII control characters",
            ),
        ),
        tags=CLOUDWATCH,
        given=Given(kind="alarm", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(
            properties="name",
            source="cloudwatch/metric_alarm.go",
            cloudformation="AWS::CloudWatch::Alarm",
            in_place={"AlarmName": "name here"},
        ),
        price="rule",
        actions=Actions(
            read="cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource",
            create="cloudwatch:PutMetricAlarm cloudwatch:TagResource",
            update="cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource",
            delete="cloudwatch:DeleteAlarms",
        ),
        moto=Moto(delete="function", put=True),
        picture="management/cloudwatch-alarm.png",
    ),
)
