"""The bootstrap program, recorded; and a small evaluator of the trust policies that it renders."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from analysis.recorder import Recording
from analysis.rights.account import document, recorded_account, rights

__all__ = ["document", "recorded_account", "rights"]

ACCOUNT = "123456789012"
ROLE = "aws:iam/role:Role"


@cache
def with_actions() -> Recording:
    """The account file as it is: GitHub Actions deploy."""
    return recorded_account()


@cache
def with_pulumi_deployments() -> Recording:
    """The same with Pulumi Cloud, which deploys."""
    return recorded_account({"pulumi_cloud.organization": "acme", "delivery": "pulumi-deployments"})


@cache
def without_ids() -> Recording:
    """A repository whose numbers are not known."""
    return recorded_account({"repository": {"name": "acme/flowise-on-aws"}})


def allowed_roles(recording: Recording, token: Mapping[str, str]) -> set[str]:
    """Roles that a token may take: what STS does with AssumeRoleWithWebIdentity, for Allow and StringEquals."""
    issuer = token["iss"].removeprefix("https://")
    registered = {
        r.inputs["url"]: set(cast("list[str]", r.inputs["clientIdLists"]))
        for r in recording.of_type("aws:iam/openIdConnectProvider:OpenIdConnectProvider")
    }
    if token["aud"] not in registered.get(token["iss"], set[str]()):
        return set()
    return {
        role.name
        for role in recording.of_type(ROLE)
        if any(_admits(statement, issuer, token) for statement in document(role.inputs["assumeRolePolicy"]))
    }


def _admits(statement: dict[str, Any], issuer: str, token: Mapping[str, str]) -> bool:
    if "Federated" not in statement["Principal"]:
        return False  # a service, which brings no token
    (provider,) = statement["Principal"]["Federated"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Condition"].keys() == {"StringEquals"}, "this evaluator knows no other operator"
    if provider.partition("oidc-provider/")[2] != issuer:
        return False
    for key, wanted in statement["Condition"]["StringEquals"].items():
        name, _, claim = key.rpartition(":")
        values = [wanted] if isinstance(wanted, str) else cast("list[str]", wanted)
        if name != issuer or token.get(claim) not in values:
            return False
    return True
