"""What a stack decides about the way out of its network: a proxy, and the certificate authorities of the company."""

from ipaddress import IPv4Address
from typing import Annotated, Final, Self
from urllib.parse import quote, urlsplit

import pulumi
from pydantic import AfterValidator, Field, model_validator

from components.common.cidr import Cidr, is_loopback, within
from components.common.model import Settings
from components.common.outbound import Proxy
from components.common.spelling import Spelling

_NOT_A_PROXY: Final = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")


def _a_network(cidr: str) -> str:
    if is_loopback(cidr) or within(cidr, *_NOT_A_PROXY) or within("169.254.169.254/32", cidr):
        raise ValueError(f"{cidr} is, or holds, an address that no proxy has; name the network of the proxy itself")
    return cidr


ProxyUrl = Annotated[
    str,
    Spelling(
        pattern=r"^http://[a-z0-9]([a-z0-9.-]*[a-z0-9])?:[1-9][0-9]{0,4}$",
        is_="the address of the proxy with its port, and nothing else",
        examples=["http://proxy.example.com:3128"],
        wrong=(
            (r"@", "it has a user or a password; set user, and the password by `flowise:proxy_password`"),
            (r"^https://", "not every program here speaks TLS to a proxy; what passes through it is encrypted anyway"),
            (r"^socks", "it is a SOCKS proxy"),
            (r"\.pac$", "it is a script that chooses a proxy; name the proxy"),
            (r"^(?!http://)", "it has no http:// before it"),
            (r"[A-Z]", "it has capitals"),
            (r"^http://[^/:]+/?$", "it has no port"),
            (r"/$", "it has a slash at its end"),
        ),
    ),
]
DirectName = Annotated[
    str,
    Spelling(
        pattern=r"^\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$",
        is_="a host name, with a dot before it for all names below it",
        examples=["models.example.com", ".internal.example.com"],
        wrong=(
            (r"://", "it is a URL"),
            (r"/\d+$", "it is a network; networks of app.egress go around the proxy anyway"),
            (r"\*", "it has a star; a dot alone says the same"),
            (r":\d+$", "it has a port"),
            (r"[A-Z]", "it has capitals"),
        ),
    ),
]


class ProxySettings(Settings):
    """A proxy through which HTTP and HTTPS leave, for servers, workers, Jobs, the canary, Collector and Fluentd.

    What passes through it and what cannot: docs/outbound.md.
    """

    url: ProxyUrl
    """Where it listens, without credentials."""
    user: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """User for the proxy (Basic); its password is the secret `flowise:proxy_password`. None: it asks for none."""
    cidrs: Annotated[list[Annotated[Cidr, AfterValidator(_a_network)]], Field(max_length=10)] = []
    """Networks of the proxy's addresses, as narrow as they can be: the pods may reach them at its port. Needed where
    `url` has a name; with an address, none means that address."""
    direct: Annotated[list[DirectName], Field(max_length=50)] = []
    """Host names that are called without the proxy, besides what never passes through it (docs/outbound.md): hosts of
    the company whose networks `app.egress` names, and AWS services with an endpoint in the VPC that somebody else has
    made."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        host, port = self._host_and_port()
        if port > 65535:  # noqa: PLR2004  # the last port
            raise ValueError(f"url {self.url}: there is no port {port}; the last one is 65535")
        if not self.cidrs and not _is_address(host):
            raise ValueError(
                f"url {self.url}: network policies know addresses and no names; name the network of {host} in cidrs, "
                f"such as 10.8.0.16/28 (`getent ahosts {host}` prints its addresses)"
            )
        if _is_address(host):
            _a_network(f"{host}/32")
            if self.cidrs and not within(f"{host}/32", *self.cidrs):
                raise ValueError(f"url {self.url} lies outside of cidrs ({', '.join(self.cidrs)}); name its network")
        return self

    def _host_and_port(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def access(self, password: pulumi.Input[str] | None, *, direct_cidrs: list[str]) -> Proxy:
        """How workloads reach it."""
        host, port = self._host_and_port()
        address = urlsplit(self.url).netloc

        def with_credentials(known: str | None) -> str:
            if self.user is None:
                return self.url
            return f"http://{quote(self.user, safe='')}:{quote(known or '', safe='')}@{address}"

        return Proxy(
            url=pulumi.Output.secret(pulumi.Output.from_input(password).apply(with_credentials)),
            port=port,
            cidrs=self.cidrs or [f"{host}/32"],
            direct_names=self.direct,
            direct_cidrs=direct_cidrs,
        )


def _is_address(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True
