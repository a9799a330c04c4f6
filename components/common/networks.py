"""Addresses that network policies name: DNS, the Pod Identity agent, the internet.

No rule uses `except`. In the agent of EKS an `except` of one rule denies what another rule allows
(aws/amazon-network-policy-controller-k8s#146 and #121, aws/aws-network-policy-agent#180), so "the internet" is
spelled out as the networks that are left when everything else is taken away.
"""

import ipaddress
from collections.abc import Sequence
from typing import Final

from components.common.cidr import SPECIAL_PURPOSE

POD_IDENTITY_AGENT: Final = "169.254.170.23/32"
"""Where EKS Pod Identity hands out credentials, on port 80."""
_DNS_HOST: Final = 10
_API_HOST: Final = 1


def dns_address(service_cidr: str) -> str:
    """Where pods ask for names: Kubernetes' own choice, kept by EKS, the tenth address of the service network.

    Auto Mode runs CoreDNS as a service of each node, so there are no pods to select (aws/containers-roadmap#2552).
    """
    return f"{ipaddress.IPv4Network(service_cidr)[_DNS_HOST]}/32"


def api_address(service_cidr: str) -> str:
    """Where pods find the Kubernetes API: the first address of the service network."""
    return f"{ipaddress.IPv4Network(service_cidr)[_API_HOST]}/32"


def public_networks(private_cidrs: Sequence[str]) -> list[str]:
    """All IPv4 networks but the special-purpose ones and `private_cidrs`."""
    left = [ipaddress.IPv4Network("0.0.0.0/0")]
    for taken in map(ipaddress.IPv4Network, [*SPECIAL_PURPOSE, *private_cidrs]):
        left = [part for network in left for part in _without(network, taken)]
    return [str(network) for network in sorted(left)]


def _without(network: ipaddress.IPv4Network, taken: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    if not network.overlaps(taken):
        return [network]
    return [] if network.subnet_of(taken) else list(network.address_exclude(taken))
