"""What a stack decides about the machines that deploy it."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from components.common.model import Locally, LogRetentionDays, Settings, example
from components.common.spelling import ConnectionArn, RepositoryName

WORKFLOWS = ("deploy", "drift")
"""Workflows of this repository whose jobs may run here; their names in .github/workflows."""
_PREVIEW = "preview"


class RunnerSettings(Settings):
    """Who gets a machine in the stack's network, and how large it is."""

    model_config = example(
        repository="acme/flowise-on-aws",
        connection_arn="arn:aws:codeconnections:us-east-1:123456789012:connection/01234567-89ab-cdef-0123-456789abcdef",
        account_ids=[1234567],
    )
    locally: ClassVar = Locally(note="GitHub's jobs get machines on AWS only; none is started here (docs/runner.md)")

    repository: RepositoryName
    """GitHub repository whose jobs run here: organisation or person, a slash, repository."""
    connection_arn: ConnectionArn
    """Connection to GitHub (AWS CodeConnections). A person makes it once and approves it at GitHub (docs/runner.md);
    the stack's `connection_arn` in `bootstrap/Pulumi.account.yaml` is the same."""
    account_ids: list[Annotated[int, Field(ge=1)]] = []
    """Numbers of the GitHub accounts whose jobs get a machine (`gh api users/NAME --jq .id`); the job of anybody else
    waits in vain. Empty: everybody's, for a private repository only."""
    private_repository: bool = False
    """Whether the repository is private. To a public one everybody may send a pull request, with a workflow in it."""
    previews: bool = False
    """Let previews run here too. They run code that nobody has merged (docs/runner.md says what it could reach)."""
    size: Literal["small", "medium", "large"] = "medium"
    """2 vCPU and 4 GB, 4 and 8, or 8 and 16; paid by the minute (docs/cost.md)."""
    log_retention_days: LogRetentionDays = 90
    """Days to keep what CodeBuild writes about each machine; the log of the job itself is GitHub's."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not (self.private_repository or self.account_ids):
            raise ValueError(
                "everybody who may send a pull request could start a machine inside the VPC: name the GitHub accounts "
                "whose jobs get one in account_ids, or say private_repository: true"
            )
        return self

    @property
    def workflows(self) -> Sequence[str]:
        """Names of the workflows whose jobs get a machine."""
        return (*WORKFLOWS, *([_PREVIEW] if self.previews else []))
