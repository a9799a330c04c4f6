"""Flowise's own check of the addresses that flows call, opened for the networks that a stack names."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
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
_MORE_DENIED: Final = (
    "0.0.0.0/8",
    "100.64.0.0/10",  # EKS pods may be here
    "192.0.0.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
)
"""Not public either, and not in Flowise's own list: IANA's registry of special-purpose IPv4 addresses (RFC 6890), but
for the networks that examples use."""
_MORE_DENIED_IPV6: Final = (
    "::/96",  # unspecified, and the old way to write IPv4
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2002::/16",
    "fec0::/10",
)
"""The same of IANA's registry of special-purpose IPv6 addresses; `::ffff:0:0/96` is what Flowise reads as IPv4."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""IPv4 behind a translator: private networks are denied in it as well, public ones are not."""


def http_check(opened: Iterable[str]) -> dict[str, str]:
    """Variables for the check: everything that is not public stays denied but for the networks in `opened`.

    Flowise's own list cannot be opened in part (`HTTP_SECURITY_CHECK` is all or nothing), so with a private network in
    `opened` the whole list is handed over without it. Ports are the business of the network policy.
    """
    networks = [IPv4Network(cidr) for cidr in opened]
    denied = [IPv4Network(cidr) for cidr in (*_FLOWISE_DENIES, *_MORE_DENIED)]
    if not any(network.overlaps(other) for network in networks for other in denied):
        more = [*_MORE_DENIED, *_MORE_DENIED_IPV6, *_translated(denied)]
        return {"HTTP_SECURITY_CHECK": "true", "HTTP_DENY_LIST": ",".join(more)}
    left = list(collapse_addresses(piece for network in denied for piece in _without(network, networks)))
    every = [*map(str, left), *_OTHERS_DENIED, *_MORE_DENIED_IPV6, *_translated(left)]
    return {"HTTP_SECURITY_CHECK": "false", "HTTP_DENY_LIST": ",".join(every)}


def _translated(networks: Iterable[IPv4Network]) -> list[str]:
    """The same networks as a NAT64 translator writes them."""
    prefix = int(_NAT64.network_address)
    return [
        str(IPv6Network((prefix | int(network.network_address), _NAT64.prefixlen + network.prefixlen)))
        for network in networks
    ]


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
