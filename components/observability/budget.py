"""The budget: what a month may cost, and who is notified of it."""

import pulumi
import pulumi_aws as aws

from components.observability.settings import BudgetSettings
from components.observability.topics import Topics

NOTIFICATIONS = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""What is compared with the limit, and the percentage above which people are told."""


def make_budget(resource_name: str, settings: BudgetSettings, topics: Topics, parent: pulumi.Resource) -> None:
    """Make a monthly budget that tells the topic of us-east-1, where AWS Budgets lives; docs/runbooks/budget.md."""
    stack_only: list[aws.budgets.BudgetCostFilterArgsDict] = [
        {"name": "TagKeyValue", "values": [f"user:stack${pulumi.get_stack()}"]}
    ]
    aws.budgets.Budget(
        resource_name,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=f"{settings.monthly_usd:.2f}",
        limit_unit="USD",
        cost_filters=stack_only if settings.counts == "stack" else None,
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "threshold": percent,
                "threshold_type": "PERCENTAGE",
                "notification_type": kind,
                "subscriber_sns_topic_arns": [topics.edge],
            }
            for kind, percent in NOTIFICATIONS
        ],
        opts=pulumi.ResourceOptions(parent=parent),
    )
