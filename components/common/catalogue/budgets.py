"""AWS Budgets."""

from typing import Final

from components.common.catalogue.entry import (
    MODIFIED,
    Actions,
    AwsEntry,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

BUDGETS: Final = Service(
    name="budgets",
    reference="aws-cost-management/latest/APIReference",
    tags=TagRule(most=200, source="budgets CreateBudget ResourceTags.Key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:budgets/budget:Budget",
        names=(
            NameRule(
                longest=100,
                pattern=r"(?!.*/action/)[^:\\]+",
                source="budgets CreateBudget Budget.BudgetName",
                says='The : and \\ characters, and the "/action/" substring, aren\'t allowed in BudgetName.',
            ),
        ),
        tags=BUDGETS,
        replacement=Replacement(
            properties="accountId name namePrefix",
            source="budgets/budget.go",
            cloudformation="AWS::Budgets::Budget",
            in_place={
                "Budget/BudgetName": "name here",
                "NotificationsWithSubscribers": MODIFIED,
            },
        ),
        price="free",
        actions=Actions(
            read="budgets:ViewBudget budgets:ListTagsForResource",
            create="budgets:ModifyBudget budgets:TagResource",
            update="budgets:ModifyBudget budgets:TagResource budgets:UntagResource",
            delete="budgets:ModifyBudget",
        ),
        moto=Moto(delete="function"),
        unique=Unique(code="DuplicateRecordException", everywhere=True, source=BUDGETS.api("budgets_CreateBudget")),
        picture="cost/budgets.png",
    ),
)
