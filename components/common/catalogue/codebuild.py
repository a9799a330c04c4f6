"""AWS CodeBuild."""

from typing import Final

from components.common.catalogue.entry import (
    UNKNOWN,
    Actions,
    AwsEntry,
    Call,
    Given,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

CODEBUILD: Final = Service(
    name="codebuild",
    reference="codebuild/latest/APIReference",
    tags=TagRule(longest_key=127, longest_value=255, source="codebuild CreateProject tags.key"),
)

ENTRIES = (
    AwsEntry(
        type="aws:codebuild/project:Project",
        names=(
            NameRule(
                longest=150,
                shortest=2,
                pattern=r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}",
                source="codebuild CreateProject name",
            ),
        ),
        tags=CODEBUILD,
        given=Given(kind="codebuild-project", forbidden="[^A-Za-z0-9_-]"),
        replacement=Replacement(
            properties="name", source="codebuild/project.go", cloudformation="AWS::CodeBuild::Project"
        ),
        price="rule",
        actions=Actions(
            read="codebuild:BatchGetProjects",
            create=(
                "codebuild:CreateProject codebuild:BatchGetProjects codeconnections:GetConnection "
                "codeconnections:PassConnection codeconnections:UseConnection iam:PassRole"
            ),
            update=(
                "codebuild:UpdateProject codeconnections:GetConnection codeconnections:PassConnection "
                "codeconnections:UseConnection iam:PassRole"
            ),
            delete="codebuild:DeleteProject",
        ),
        moto=Moto(
            lost={"projectVisibility": UNKNOWN},
            delete=Call(service="codebuild", operation="delete_project", arguments={"name": "name"}),
        ),
        unique=Unique(code="ResourceAlreadyExistsException", source=CODEBUILD.api("CreateProject")),
        picture="devtools/codebuild.png",
    ),
    AwsEntry(
        type="aws:codebuild/webhook:Webhook",
        unnamed="its project",
        replacement=Replacement(
            properties="manualCreation projectName scopeConfiguration", source="codebuild/webhook.go"
        ),
        price="free",
        actions=Actions(
            read="codebuild:BatchGetProjects",
            create="codebuild:CreateWebhook codeconnections:UseConnection",
            update="codebuild:UpdateWebhook codeconnections:UseConnection",
            delete="codebuild:DeleteWebhook",
        ),
        moto=Moto(recorded_only="moto has no webhooks of a build project"),
        unique=Unique(
            keys=("projectName",), code="ResourceAlreadyExistsException", source=CODEBUILD.api("CreateWebhook")
        ),
    ),
)
