"""Which paths belong to the public plane, which to the admin plane.

The public plane is what visitors of a chat and callers of a flow need. Everything else, the UI and the management API,
is the admin plane. The list follows what Flowise 3.1.4 itself answers without a login (`WHITELIST_URLS` in its
`utils/constants`); a test fails when a new version of Flowise changes that list.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Plane = Literal["public", "admin"]

UNAUTHENTICATED: Final[Mapping[str, Plane]] = {
    # Flows: prediction, chat widget, webhook, MCP endpoint
    "/api/v1/prediction/": "public",
    "/api/v1/webhook/": "public",
    "/api/v1/mcp/": "public",
    "/api/v1/public-chatflows": "public",
    "/api/v1/public-chatbotConfig": "public",
    "/api/v1/public-executions": "public",
    "/api/v1/chatflows-streaming": "public",
    "/api/v1/chatflows-uploads": "public",
    "/api/v1/chatmessage/abort": "public",
    "/api/v1/attachments": "public",
    "/api/v1/get-upload-file": "public",
    "/api/v1/openai-assistants-file/download": "public",
    "/api/v1/feedback": "public",
    "/api/v1/leads": "public",
    "/api/v1/text-to-speech/generate": "public",
    "/api/v1/text-to-speech/abort": "public",
    "/api/v1/node-icon/": "public",
    "/api/v1/settings": "public",  # the page of a chat asks for it before it shows anything
    "/api/v1/ping": "public",
    # Accounts and administration: answered without a login, but only people who administer need them
    "/api/v1/auth/resolve": "admin",
    "/api/v1/auth/login": "admin",
    "/api/v1/auth/refreshToken": "admin",
    "/api/v1/account/register": "admin",
    "/api/v1/account/verify": "admin",
    "/api/v1/account/resend-verification": "admin",
    "/api/v1/account/forgot-password": "admin",
    "/api/v1/account/reset-password": "admin",
    "/api/v1/account/confirm-email-change": "admin",
    "/api/v1/account/logout": "admin",
    "/api/v1/loginmethod/default": "admin",
    "/api/v1/user/test": "admin",
    "/api/v1/pricing": "admin",
    "/api/v1/version": "admin",
    "/api/v1/ip": "admin",
    "/api/v1/verify/apikey/": "admin",
    "/api/v1/chatflows/apikey/": "admin",
    "/api/v1/components-credentials-icon/": "admin",
    "/api/v1/oauth2-credential/callback": "admin",
    "/api/v1/oauth2-credential/refresh": "admin",
    "/api/v1/azure/login": "admin",
    "/api/v1/azure/logout": "admin",
    "/api/v1/azure/callback": "admin",
    "/api/v1/google/login": "admin",
    "/api/v1/google/logout": "admin",
    "/api/v1/google/callback": "admin",
    "/api/v1/auth0/login": "admin",
    "/api/v1/auth0/logout": "admin",
    "/api/v1/auth0/callback": "admin",
    "/api/v1/github/login": "admin",
    "/api/v1/github/logout": "admin",
    "/api/v1/github/callback": "admin",
}
"""Beginnings of paths that Flowise answers without a login, each with its plane."""

PUBLIC_PAGES: Final = ("/chatbot/", "/execution/", "/assets/", "/favicon", "/logo", "/manifest.json")
"""What the page of a chat, and that of a shared execution, consists of."""


SIGN_IN_PATHS: Final = (
    "/api/v1/auth/login",
    "/api/v1/account/register",
    "/api/v1/account/forgot-password",
    "/api/v1/account/reset-password",
    "/api/v1/account/resend-verification",
)
"""Paths on which passwords can be guessed or mails be sent."""


@dataclass(frozen=True, kw_only=True)
class Planes:
    """Beginnings of the paths of what a stack runs: those of Flowise 3.1.4, unless its distribution has others."""

    public: tuple[str, ...] = tuple(path for path, plane in UNAUTHENTICATED.items() if plane == "public")
    """What visitors of a chat and callers of a flow need of the API."""
    pages: tuple[str, ...] = PUBLIC_PAGES
    """Pages of the public plane, and their files."""
    sign_in: tuple[str, ...] = SIGN_IN_PATHS
    """Requests to these are counted by themselves."""

    def changed(
        self, *, public: Collection[str], sign_in: Collection[str], missing: Collection[str], pages: tuple[str, ...]
    ) -> "Planes":
        """Planes with paths that a fork answers besides, and without those that it does not answer."""
        return Planes(
            public=tuple(path for path in (*self.public, *public) if path not in missing),
            sign_in=tuple(path for path in (*self.sign_in, *sign_in) if path not in missing),
            pages=pages,
        )

    @property
    def public_prefixes(self) -> list[str]:
        """Beginnings of the paths of the public plane."""
        return [*self.public, *self.pages]


FLOWISE_PLANES: Final = Planes()
