"""Networks as a stack file writes them: one spelling, and on which side of a NAT or VPN their addresses are seen."""

import contextlib
import ipaddress
from typing import Annotated, Final

from pydantic import AfterValidator, Field

SPECIAL_PURPOSE: Final = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",  # the metadata service
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
)
"""IANA's special-purpose registry, without single documentation networks: nobody routes those."""
_NEVER_IN_A_VPC: Final = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
_LOOPBACK: Final = "127.0.0.0/8"
_SPELLING: Final = r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$"
_WORDS: Final = "must be an IPv4 network with its prefix and without host bits; for example 10.20.0.0/16"


def within(network: str, *others: str) -> bool:
    """Whether the whole network lies in one of the others."""
    return any(ipaddress.IPv4Network(network).subnet_of(ipaddress.IPv4Network(other)) for other in others)


def is_loopback(network: str) -> bool:
    """Whether only the machine itself has such addresses."""
    return within(network, _LOOPBACK)


def is_public(network: str) -> bool:
    """Whether the internet routes addresses of this network."""
    return not within(network, *SPECIAL_PURPOSE)


def usable_in_a_vpc(network: str) -> bool:
    """Whether hosts of a VPC can have such addresses at all."""
    return not within(network, *_NEVER_IN_A_VPC)


def _spelled_as_aws_takes_it(text: str) -> str:
    """Python also takes an address without prefix and a netmask; AWS and Kubernetes refuse both in mid-deployment.

    AWS WAF API Reference, IPSet: "All addresses must be specified using CIDR notation"; Kubernetes API Reference,
    IPBlock: "cidr is a string representing the IPBlock".
    """
    network = None
    with contextlib.suppress(ValueError):
        network = ipaddress.IPv4Network(text.strip(), strict=False)
    if str(network) == text:
        return text
    hint = ""
    if network is not None:
        address = text.strip().partition("/")[0]
        hint = f"; did you mean {network}?"
        if network.prefixlen < network.max_prefixlen and address != str(network.network_address):
            hint += f" For that one address write {address}/{network.max_prefixlen}"
    elif ":" in text:
        hint = "; IPv6 is not supported here"
    raise ValueError(
        f'"{text}" must be an IPv4 network with its prefix and without host bits, such as 10.20.0.0/16{hint}'
    )


def _as_seen_on_the_internet(network: str) -> str:
    """Loopback passes: the local environment adds it, and a deployment refuses it (settings.py)."""
    if is_public(network) or is_loopback(network):
        return network
    raise ValueError(
        f"{network} is private, and requests from the internet never come from such an address: AWS sees the public "
        "address of your office, VPN gateway or NAT gateway. `curl https://checkip.amazonaws.com` from there prints "
        "it; write it with /32"
    )


Cidr = Annotated[
    str,
    AfterValidator(_spelled_as_aws_takes_it),
    Field(examples=["10.20.0.0/16"], json_schema_extra={"pattern": _SPELLING, "patternErrorMessage": _WORDS}),
]
"""An IPv4 network in CIDR notation: with its prefix, no host bits set."""

PublicCidr = Annotated[
    str,
    AfterValidator(_spelled_as_aws_takes_it),
    AfterValidator(_as_seen_on_the_internet),
    Field(examples=["203.0.113.0/24"], json_schema_extra={"pattern": _SPELLING, "patternErrorMessage": _WORDS}),
]
"""A network whose addresses clients have on the internet, where something public sees them."""
