"""Who may take which role, token by token."""

from collections.abc import Callable

import pytest

from analysis.recorder import Recording
from bootstrap.trust import GITHUB_ISSUER
from tests.bootstrap.account import (
    ROLE,
    allowed_roles,
    document,
    recorded_account,
    with_actions,
    with_pulumi_deployments,
    without_ids,
)

BRANCH_ROLES = {"deploy-dev", "drift", "image"}
OLD = "repo:acme/flowise-on-aws"
NEW = "repo:acme@1234567/flowise-on-aws@987654321"
MAIN = "refs/heads/main"
OF_DEV = "pulumi:deploy:org:acme:project:flowise:stack:dev"
OF_PROD = "pulumi:deploy:org:acme:project:flowise:stack:prod"


def github(subject: str, *, ref: str = MAIN, **claims: str) -> dict[str, str]:
    """A token of GitHub Actions; by default of this repository."""
    return {
        "iss": GITHUB_ISSUER,
        "aud": "sts.amazonaws.com",
        "sub": subject,
        "ref": ref,
        "repository_owner_id": "1234567",
        "repository_id": "987654321",
        "job_workflow_ref": f"acme/flowise-on-aws/.github/workflows/deploy.yml@{ref}",
        **claims,
    }


def pulumi_cloud(subject: str, **claims: str) -> dict[str, str]:
    """A token of Pulumi Deployments."""
    return {"iss": "https://api.pulumi.com/oidc", "aud": "acme", "sub": subject, **claims}


ELSEWHERE = {"repository_owner_id": "666", "repository_id": "667"}

MATRIX = {
    # both formats of the subject
    "push to main": (github(f"{OLD}:ref:{MAIN}"), BRANCH_ROLES),
    "push to main, subject with ids": (github(f"{NEW}:ref:{MAIN}"), BRANCH_ROLES),
    "pull request": (github(f"{OLD}:pull_request", ref="refs/pull/7/merge"), {"preview-dev"}),
    "pull request, subject with ids": (github(f"{NEW}:pull_request", ref="refs/pull/7/merge"), {"preview-dev"}),
    "pull request in prod's preview environment": (
        github(f"{OLD}:environment:prod-preview", ref="refs/pull/7/merge"),
        {"preview-prod"},
    ),
    "the same, subject with ids": (
        github(f"{NEW}:environment:prod-preview", ref="refs/pull/7/merge"),
        {"preview-prod"},
    ),
    "environment prod from main": (github(f"{OLD}:environment:prod"), {"deploy-prod"}),
    "environment prod from main, subject with ids": (github(f"{NEW}:environment:prod"), {"deploy-prod"}),
    # branches and tags
    "push to another branch": (github(f"{OLD}:ref:refs/heads/feature", ref="refs/heads/feature"), set[str]()),
    "branch that begins like main": (github(f"{OLD}:ref:refs/heads/main2", ref="refs/heads/main2"), set[str]()),
    "branch below main": (github(f"{OLD}:ref:refs/heads/main/x", ref="refs/heads/main/x"), set[str]()),
    "main in capitals": (github(f"{OLD}:ref:refs/heads/Main", ref="refs/heads/Main"), set[str]()),
    "tag": (github(f"{OLD}:ref:refs/tags/v1.0.0", ref="refs/tags/v1.0.0"), set[str]()),
    "tag called main": (github(f"{OLD}:ref:refs/tags/main", ref="refs/tags/main"), set[str]()),
    "merge queue": (github(f"{OLD}:ref:refs/heads/gh-readonly-queue/main/pr-7", ref="refs/heads/x"), set[str]()),
    # environments
    "environment prod from a branch": (github(f"{OLD}:environment:prod", ref="refs/heads/feature"), set[str]()),
    "environment prod from a pull request": (github(f"{OLD}:environment:prod", ref="refs/pull/7/merge"), set[str]()),
    "environment with ids from a branch": (github(f"{NEW}:environment:prod", ref="refs/heads/x"), set[str]()),
    "another environment": (github(f"{OLD}:environment:staging"), set[str]()),
    "fork, its own preview environment": (
        github("repo:mallory/flowise-on-aws:environment:prod-preview", **ELSEWHERE),
        set[str](),
    ),
    "environment that begins like prod": (github(f"{OLD}:environment:prod2"), set[str]()),
    "environment called like the branch": (github(f"{OLD}:environment:ref:{MAIN}"), set[str]()),
    # other repositories
    "fork, push to its main": (github(f"repo:mallory/flowise-on-aws:ref:{MAIN}", **ELSEWHERE), set[str]()),
    "fork, its own pull request": (github("repo:mallory/flowise-on-aws:pull_request", **ELSEWHERE), set[str]()),
    "fork, its own environment prod": (github("repo:mallory/flowise-on-aws:environment:prod", **ELSEWHERE), set[str]()),
    "another repository of the owner": (
        github(f"repo:acme/website:ref:{MAIN}", repository_id="5"),
        set[str](),
    ),
    "a name that begins the same": (github(f"repo:acme/flowise-on-aws-2:ref:{MAIN}", repository_id="5"), set[str]()),
    "a name that ends the same": (github(f"repo:evil-acme/flowise-on-aws:ref:{MAIN}", **ELSEWHERE), set[str]()),
    "our name after it changed hands": (github(f"{OLD}:ref:{MAIN}", **ELSEWHERE), set[str]()),
    "our name, ids of others in the subject": (
        github(f"repo:acme@666/flowise-on-aws@667:ref:{MAIN}", **ELSEWHERE),
        set[str](),
    ),
    "our ids, another name": (github(f"repo:acme2/flowise-on-aws:ref:{MAIN}"), set[str]()),
    "repository recreated under the same owner": (github(f"{OLD}:ref:{MAIN}", repository_id="988"), set[str]()),
    "star in the subject": (github("repo:acme/*:ref:refs/heads/main"), set[str]()),
    # reusable workflows: the subject names the caller
    "our main calls another's reusable workflow": (
        github(f"{OLD}:ref:{MAIN}", job_workflow_ref=f"other/shared/.github/workflows/x.yml@{MAIN}"),
        BRANCH_ROLES,
    ),
    "another repository calls our deploy workflow": (
        github(f"repo:mallory/site:ref:{MAIN}", **ELSEWHERE),
        set[str](),
    ),
    "subject made of the reusable workflow": (
        github(f"{OLD}:job_workflow_ref:acme/flowise-on-aws/.github/workflows/deploy.yml@{MAIN}"),
        set[str](),
    ),
    # audience and issuer
    "wrong audience": (github(f"{OLD}:ref:{MAIN}", aud="https://github.com/acme"), set[str]()),
    "audience of Pulumi": (github(f"{OLD}:ref:{MAIN}", aud="acme"), set[str]()),
    "another issuer": (github(f"{OLD}:ref:{MAIN}", iss="https://token.example.com"), set[str]()),
    "issuer of GitHub Enterprise": (
        github(f"{OLD}:ref:{MAIN}", iss="https://token.actions.githubusercontent.com/acme"),
        set[str](),
    ),
    "Pulumi Deployments without being asked": (pulumi_cloud(f"{OF_DEV}:operation:update:scope:write"), set[str]()),
}

WITH_DEPLOYMENTS = {
    "update of dev": (pulumi_cloud(f"{OF_DEV}:operation:update:scope:write"), {"deploy-dev"}),
    "update of prod": (pulumi_cloud(f"{OF_PROD}:operation:update:scope:write"), {"deploy-prod"}),
    "preview of a pull request": (pulumi_cloud(f"{OF_PROD}:operation:preview:scope:write"), set[str]()),
    "another project": (
        pulumi_cloud("pulumi:deploy:org:acme:project:site:stack:dev:operation:update:scope:write"),
        set[str](),
    ),
    "another organisation": (
        pulumi_cloud("pulumi:deploy:org:evil:project:flowise:stack:dev:operation:update:scope:write", aud="evil"),
        set[str](),
    ),
    "an environment of Pulumi ESC": (pulumi_cloud("pulumi:environments:org:acme:env:prod"), set[str]()),
    "push to main deploys no longer": (github(f"{OLD}:ref:{MAIN}"), {"drift", "image"}),
    "environment prod deploys no longer": (github(f"{OLD}:environment:prod"), set[str]()),
    "pull request": (github(f"{OLD}:pull_request"), {"preview-dev"}),
    "pull request in prod's preview environment": (github(f"{OLD}:environment:prod-preview"), {"preview-prod"}),
}


def _check(recording: Recording, token: dict[str, str], roles: set[str]) -> None:
    assert allowed_roles(recording, token) == roles


@pytest.mark.parametrize(("token", "roles"), MATRIX.values(), ids=list(MATRIX))
def test_a_token_takes_only_its_roles(token: dict[str, str], roles: set[str]) -> None:
    _check(with_actions(), token, roles)


@pytest.mark.parametrize(("token", "roles"), WITH_DEPLOYMENTS.values(), ids=list(WITH_DEPLOYMENTS))
def test_with_pulumi_deployments_actions_deploy_nothing(token: dict[str, str], roles: set[str]) -> None:
    _check(with_pulumi_deployments(), token, roles)


def test_without_ids_only_the_old_format_is_trusted() -> None:
    assert allowed_roles(without_ids(), github(f"{OLD}:ref:{MAIN}")) == BRANCH_ROLES
    assert allowed_roles(without_ids(), github(f"{NEW}:ref:{MAIN}")) == set()


def test_previews_by_pulumi_deployments_are_a_choice() -> None:
    recording = recorded_account(
        {
            "pulumi_cloud.organization": "acme",
            "delivery": "pulumi-deployments",
            "stacks.dev.preview_in_deployments": True,
        }
    )
    preview = ":operation:preview:scope:write"
    assert allowed_roles(recording, pulumi_cloud(f"{OF_DEV}{preview}")) == {"deploy-dev"}
    assert allowed_roles(recording, pulumi_cloud(f"{OF_PROD}{preview}")) == set()


def test_another_branch_and_another_issuer_can_be_named() -> None:
    recording = recorded_account(
        {
            "repository.branch": "release",
            "pulumi_cloud": {"organization": "acme", "issuer": "https://pulumi.example.com/oidc"},
            "delivery": "pulumi-deployments",
        }
    )
    assert allowed_roles(recording, github(f"{OLD}:ref:{MAIN}")) == set()
    assert "drift" in allowed_roles(recording, github(f"{OLD}:ref:refs/heads/release", ref="refs/heads/release"))
    own = {**pulumi_cloud(f"{OF_DEV}:operation:update:scope:write"), "iss": "https://pulumi.example.com/oidc"}
    assert allowed_roles(recording, own) == {"deploy-dev"}
    assert allowed_roles(recording, {**own, "iss": "https://api.pulumi.com/oidc"}) == set()


@pytest.mark.parametrize("recording", [with_actions, with_pulumi_deployments, without_ids], ids=lambda r: r.__name__)
def test_every_trust_compares_audience_and_whole_subject(recording: Callable[[], Recording]) -> None:
    """The provider's own list of audiences may grow (a person adds one for another use); the roles' must not."""
    for role in recording().of_type(ROLE):
        (statement,) = document(role.inputs["assumeRolePolicy"])
        if statement["Principal"] == {"Service": ["s3.amazonaws.com"]}:
            continue  # the replication of the state
        compared = statement["Condition"]["StringEquals"]
        issuer = statement["Principal"]["Federated"][0].partition("oidc-provider/")[2]
        assert compared.keys() >= {f"{issuer}:aud", f"{issuer}:sub"}
        assert "*" not in str(compared)
