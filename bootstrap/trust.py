"""Who may take a role: trust policies for the tokens of GitHub Actions and Pulumi Deployments."""

from dataclasses import dataclass

import pulumi

from bootstrap.settings import PulumiCloudSettings, RepositorySettings
from components.common.iam import ConditionValue, Statement

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
GITHUB_AUDIENCE = "sts.amazonaws.com"
PULL_REQUEST = "pull_request"


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """An OIDC provider that is registered in the account."""

    url: str
    arn: pulumi.Output[str]

    @property
    def claims(self) -> str:
        """How IAM names the issuer in front of a claim."""
        return self.url.removeprefix("https://")


def github_trust(issuer: Issuer, repository: RepositorySettings, *, subject: str, ref: str | None = None) -> Statement:
    """Trust jobs of one repository whose token ends in `subject`: `pull_request`, `ref:...` or `environment:...`.

    A job in an environment names the environment and no branch, so `ref` asks for the branch besides.
    Repositories made or renamed since 15 July 2026 put ids into the subject, older ones do not: with the ids known,
    both are trusted, and the ids are compared in claims of their own too, so a name that changes
    hands is worth nothing.
    """
    names = [repository.name]
    ids: dict[str, ConditionValue] = {}
    if repository.owner_id is not None and repository.repository_id is not None:
        owner, _, name = repository.name.partition("/")
        names.append(f"{owner}@{repository.owner_id}/{name}@{repository.repository_id}")
        ids = {
            f"{issuer.claims}:repository_owner_id": str(repository.owner_id),
            f"{issuer.claims}:repository_id": str(repository.repository_id),
        }
    branch: dict[str, ConditionValue] = {f"{issuer.claims}:ref": ref} if ref else {}
    return Statement(
        sid="GitHubActions",
        actions=["sts:AssumeRoleWithWebIdentity"],
        principals={"Federated": [issuer.arn]},
        conditions={
            "StringEquals": {
                f"{issuer.claims}:aud": GITHUB_AUDIENCE,
                f"{issuer.claims}:sub": [f"repo:{name}:{subject}" for name in names],
                **ids,
                **branch,
            }
        },
    )


def deployments_trust(issuer: Issuer, cloud: PulumiCloudSettings, *, stack: str, previews: bool) -> Statement:
    """Trust what Pulumi Deployments does to one stack of the main program."""
    operations = ["update", "refresh", "destroy", "detect-drift", *(["preview"] if previews else [])]
    of_stack = f"pulumi:deploy:org:{cloud.organization}:project:flowise:stack:{stack}:operation"
    return Statement(
        sid="PulumiDeployments",
        actions=["sts:AssumeRoleWithWebIdentity"],
        principals={"Federated": [issuer.arn]},
        conditions={
            "StringEquals": {
                f"{issuer.claims}:aud": cloud.organization,
                f"{issuer.claims}:sub": [f"{of_stack}:{operation}:scope:write" for operation in operations],
            }
        },
    )
