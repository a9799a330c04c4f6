"""Amazon SNS."""

from typing import Final

from components.common.catalogue.entry import Actions, AwsEntry, Call, Moto, NameRule, Replacement, Service, TagRule

SNS: Final = Service(name="sns", reference="sns/latest/api", tags=TagRule(source="sns CreateTopic Tags.Key"))

ENTRIES = (
    AwsEntry(
        type="aws:sns/topic:Topic",
        names=(
            NameRule(
                longest=256,
                pattern="[A-Za-z0-9_-]+",
                source="sns CreateTopic Name",
                says="must be between 1 and 256 characters long",
            ),
        ),
        tags=SNS,
        replacement=Replacement(
            properties="fifoTopic name namePrefix",
            source="sns/topic.go",
            cloudformation="AWS::SNS::Topic",
            in_place={"TopicName": "name here"},
        ),
        price="left out",
        left_out="e-mails beyond 1,000",
        actions=Actions(
            read="sns:GetTopicAttributes sns:ListTagsForResource",
            create="sns:CreateTopic sns:SetTopicAttributes sns:TagResource",
            update="sns:SetTopicAttributes sns:TagResource sns:UntagResource",
            delete="sns:DeleteTopic",
        ),
        moto=Moto(
            delete=Call(service="sns", operation="delete_topic", arguments={"TopicArn": "id"}),
            read=Call(service="sns", operation="get_topic_attributes", arguments={"TopicArn": "id"}),
        ),
        picture="integration/simple-notification-service-sns.png",
    ),
    AwsEntry(
        type="aws:sns/topicPolicy:TopicPolicy",
        unnamed="its topic",
        replacement=Replacement(properties="arn", source="sns/topic_policy.go", cloudformation="AWS::SNS::TopicPolicy"),
        price="free",
        actions=Actions(
            read="sns:GetTopicAttributes",
            create="sns:SetTopicAttributes",
            update="sns:SetTopicAttributes",
            delete="sns:SetTopicAttributes",
        ),
        moto=Moto(put=True),
    ),
    AwsEntry(
        type="aws:sns/topicSubscription:TopicSubscription",
        unnamed="an ARN that AWS gives",
        replacement=Replacement(
            properties="endpoint protocol topic",
            source="sns/topic_subscription.go",
            cloudformation="AWS::SNS::Subscription",
            in_place={"TopicArn": "topic here"},
        ),
        price="free",
        actions=Actions(
            read="sns:GetSubscriptionAttributes sns:ListSubscriptionsByTopic",
            create="sns:Subscribe",
            update="sns:SetSubscriptionAttributes",
            delete="sns:Unsubscribe",
        ),
        moto=Moto(delete=Call(service="sns", operation="unsubscribe", arguments={"SubscriptionArn": "id"})),
    ),
)
