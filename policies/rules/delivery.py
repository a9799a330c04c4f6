"""Machines that run the jobs of a repository."""

import re
from collections.abc import Iterator

from policies.model import Resource, items, rule, text

PROJECT = "aws:codebuild/project:Project"
WEBHOOK = "aws:codebuild/webhook:Webhook"
_SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL", re.IGNORECASE)


@rule(PROJECT, fix="set privileged_mode to False")
def codebuild_unprivileged(project: Resource) -> Iterator[str]:
    """A privileged container holds the machine: it reads what CodeBuild itself keeps there."""
    if project.lacks("environment.privilegedMode", False, None):
        yield "privilegedMode is true"


@rule(PROJECT, fix="enable CloudWatch logs with a group of the stack's own", controls=("AWS CodeBuild.4",))
def codebuild_logged(project: Resource) -> Iterator[str]:
    """Without a log nobody can say what ran inside the network; AWS's own group keeps it indefinitely, with no key."""
    if project.lacks("logsConfig.cloudwatchLogs.status", "ENABLED", None):
        yield "CloudWatch logs are disabled"
    elif project.without("logsConfig.cloudwatchLogs.groupName"):
        yield "logs go to a group that CodeBuild makes"


@rule(PROJECT, fix="set project_visibility to PRIVATE")
def codebuild_not_public(project: Resource) -> Iterator[str]:
    """Everybody may read the logs of a public project."""
    if project.lacks("projectVisibility", "PRIVATE", None):
        yield f"projectVisibility is {project.get('projectVisibility')}"


@rule(PROJECT, fix="name the secret in SECRETS_MANAGER or PARAMETER_STORE", controls=("AWS CodeBuild.2",))
def codebuild_without_secrets(project: Resource) -> Iterator[str]:
    """Whoever may look at the project reads its variables."""
    for variable in project.items("environment.environmentVariables"):
        if _SECRET.search(text(variable.get("name"))) and variable.get("type") in (None, "PLAINTEXT"):
            yield f"variable {variable.get('name')} is plain text"


@rule(PROJECT, fix="authenticate by a connection, and write the address without a name", controls=("AWS CodeBuild.1",))
def codebuild_source_without_credentials(project: Resource) -> Iterator[str]:
    """An address with a token in it is shown to whoever may look at the project."""
    if re.search(r"//[^/]*@", text(project.get("source.location"))):
        yield "source.location holds a name or a token"


@rule(WEBHOOK, fix="add filters: which events of which workflows start a machine")
def codebuild_webhook_filtered(webhook: Resource) -> Iterator[str]:
    """A webhook without filters starts a machine for every push and every job that names it."""
    groups = webhook.items("filterGroups")
    if not groups:
        yield "has no filter group"
    for group in groups:
        filters = {text(each.get("type")): text(each.get("pattern")) for each in items(group, "filters")}
        if "WORKFLOW_JOB_QUEUED" in filters.get("EVENT", "") and not filters.get("WORKFLOW_NAME"):
            yield "admits the jobs of every workflow (no WORKFLOW_NAME)"
