"""Flowise's own check of the addresses that flows call, opened for the networks that a stack names."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, collapse_addresses
from typing import Final

_FLOWISE_DENIES: Final = (
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""What Flowise 3.1.4 denies by itself (flowise-components, `DEFAULT_DENY_LIST` of src/httpSecurity.ts), IPv4."""
_OTHERS_DENIED: Final = ("::1", "fc00::/7", "fd00:ec2::254", "fe80::/10", "ff00::/8", "localhost", "ip6-localhost")
"""The rest of that list; a private network here is one of IPv4."""
_MORE_DENIED: Final = ("0.0.0.0/8", "100.64.0.0/10", "198.18.0.0/15")
"""Not public either, and not in Flowise's own list; EKS pods may be in 100.64."""


def http_check(opened: Iterable[str]) -> dict[str, str]:
    """Variables for the check: everything that is not public stays denied but for the networks in `opened`.

    Flowise's own list cannot be opened in part (`HTTP_SECURITY_CHECK` is all or nothing), so with a private network in
    `opened` the wopening list is handed over without it. Ports are the business of the network policy.
    """
    networks = [IPv4Network(cidr) for cidr in opened]
    denied = [IPv4Network(cidr) for cidr in (*_FLOWISE_DENIES, *_MORE_DENIED)]
    if not any(network.overlaps(other) for network in networks for other in denied):
        return {"HTTP_SECURITY_CHECK": "true", "HTTP_DENY_LIST": ",".join(_MORE_DENIED)}
    left = collapse_addresses(piece for network in denied for piece in _without(network, networks))
    return {"HTTP_SECURITY_CHECK": "false", "HTTP_DENY_LIST": ",".join([*map(str, left), *_OTHERS_DENIED])}


def _without(network: IPv4Network, opened: Sequence[IPv4Network]) -> list[IPv4Network]:
    """What is left of a network."""
    left = [network]
    for opening in opened:
        left = [piece for each in left for piece in _cut(each, opening)]
    return left


def _cut(network: IPv4Network, opening: IPv4Network) -> list[IPv4Network]:
    if network.subnet_of(opening):
        return []
    return list(network.address_exclude(opening)) if opening.subnet_of(network) else [network]
