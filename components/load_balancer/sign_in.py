"""Sign-in at the load balancer with OpenID Connect: who must, and what happens to who has not."""

from typing import Annotated, Literal

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.model import Settings
from components.common.spelling import HttpsUrl, Spelling

Endpoint = Annotated[HttpsUrl, Field(max_length=2048)]


class SignInSettings(Settings):
    """People sign in with your identity provider before they reach the admin plane; its secret is a key of its own.

    The public plane (predictions, chat pages, webhooks) stays open. Programs that manage flows with an API key get 401.
    Register `https://<domain.name>/oauth2/idpresponse` as the redirect URI. The endpoints are in the provider's
    `/.well-known/openid-configuration`; the load balancer reaches them from its private subnets through NAT.
    """

    issuer: Endpoint
    """Issuer, exactly as the provider writes it."""
    authorization_endpoint: Endpoint
    """Where people are sent to sign in."""
    token_endpoint: Endpoint
    """Where the load balancer exchanges a code for tokens."""
    user_info_endpoint: Endpoint
    """Where the load balancer asks who somebody is."""
    client_id: Annotated[str, Field(min_length=1)]
    """Id of the client; its secret is the key `flowise:oidc_client_secret`."""
    scope: Annotated[
        str,
        Spelling(
            pattern=r"^(\S+ )*openid( \S+)*$",
            is_="scopes parted by single spaces, openid among them",
            examples=["openid email"],
            wrong=(
                (r",", "it has commas"),
                (r"\s\s", "it has double spaces"),
                (r"^(?!.*openid)", "it lacks openid"),
            ),
        ),
    ] = "openid email"
    """What is asked about people, parted by spaces; `openid` must be there."""
    session_timeout_seconds: Annotated[int, Field(ge=60, le=604_800)] = 43_200
    """Seconds after which people sign in anew; AWS allows a week."""


def authenticate(
    settings: SignInSettings, client_secret: pulumi.Input[str], otherwise: Literal["authenticate", "deny"]
) -> aws.lb.ListenerRuleActionAuthenticateOidcArgsDict:
    """Ask for a session; who has none is sent to sign in (`authenticate`), or gets 401 (`deny`)."""
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": settings.authorization_endpoint,
        "token_endpoint": settings.token_endpoint,
        "user_info_endpoint": settings.user_info_endpoint,
        "client_id": settings.client_id,
        "client_secret": client_secret,
        "scope": settings.scope,
        "session_timeout": settings.session_timeout_seconds,
        "on_unauthenticated_request": otherwise,
    }
