"""Topics: where alarms and events go, and from there to people."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.iam import Statement, policy, topic_key_statement, topic_publishers
from components.common.model import EDGE_REGION
from components.common.partition import account_root, is_commercial


@dataclass(frozen=True, kw_only=True)
class Topics:
    """ARNs of the topics; in us-east-1, and where no edge can be, both are the same."""

    stack: pulumi.Output[str]
    edge: pulumi.Output[str]
    """In us-east-1: an alarm tells only topics of its own region."""


def make_topics(
    resource_name: str, *, recipients: Sequence[str], stack: StackContext, parent: pulumi.Resource
) -> Topics:
    """Make the topics, encrypted, with a subscription for each recipient."""
    account = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=parent)).account_id

    def topic(name: str, key_arn: pulumi.Output[str], region: str | None) -> pulumi.Output[str]:
        return _topic(name, recipients, account, key_arn, home=stack.region, region=region, parent=parent)

    here = topic(resource_name, stack.kms_key_arn, None)
    if stack.region == EDGE_REGION or not is_commercial(stack.region):
        return Topics(stack=here, edge=here)
    key = _edge_key(f"{resource_name}-edge", account, stack, parent)
    return Topics(stack=here, edge=topic(f"{resource_name}-edge", key, EDGE_REGION))


def _topic(
    name: str,
    recipients: Sequence[str],
    account: pulumi.Output[str],
    key_arn: pulumi.Output[str],
    *,
    home: str,
    region: str | None,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    child = pulumi.ResourceOptions(parent=parent)
    topic = aws.sns.Topic(name, kms_master_key_id=key_arn, region=region, opts=child)
    topic_policy = aws.sns.TopicPolicy(
        name, arn=topic.arn, policy=policy(*_publishers(topic.arn, account, region or home)), region=region, opts=child
    )
    for recipient in recipients:
        aws.sns.TopicSubscription(
            f"{name}-{recipient}",
            topic=topic.arn,
            protocol="https" if recipient.startswith("https://") else "email",
            endpoint=recipient,
            region=region,
            opts=child,
        )
    # Through the policy: a service that is refused once may not try again.
    return pulumi.Output.all(topic.arn, topic_policy.id).apply(lambda values: str(values[0]))


def _publishers(arn: pulumi.Output[str], account: pulumi.Output[str], region: str) -> list[Statement]:
    own = {"StringEquals": {"aws:SourceAccount": account}}
    return [
        Statement(
            sid="AlarmsBudgetAndDatabaseEvents",
            actions=["sns:Publish"],
            resources=[arn],
            principals={"Service": topic_publishers(region)},
            conditions=own,
        ),
        Statement(  # EventBridge brings no source account to a topic
            sid="Events", actions=["sns:Publish"], resources=[arn], principals={"Service": ["events.amazonaws.com"]}
        ),
        Statement(
            sid="DenyPlainHttp",
            effect="Deny",
            actions=["sns:Publish"],
            resources=[arn],
            principals="*",
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        ),
    ]


def _edge_key(
    name: str, account: pulumi.Output[str], stack: StackContext, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """The stack's key is in the stack's region, and a topic takes keys of its own region only.

    Its window is that of every key: the pack refuses a shorter one on a protected stack.
    """
    return aws.kms.Key(
        name,
        description=f"Alarms of {pulumi.get_project()} {pulumi.get_stack()} in {EDGE_REGION}",
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=policy(
            Statement(
                sid="AccountDecides",
                actions=["kms:*"],
                resources=["*"],  # in a key policy this means the key itself
                principals={"AWS": [account_root(EDGE_REGION, account)]},
            ),
            topic_key_statement(EDGE_REGION, account),
        ),
        region=EDGE_REGION,
        opts=pulumi.ResourceOptions(parent=parent, protect=stack.protected, retain_on_delete=stack.protected),
    ).arn
