"""The DNS Firewall and the VPC that it filters."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.network import NetworkSettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _shared_network(sections)


def _shared_network(sections: Mapping[str, Any]) -> Iterable[str]:
    """DNS Firewall filters a whole VPC, and a VPC has one setting for its failure."""
    network = cast(NetworkSettings | None, sections.get("network"))
    if sections.get("dns_firewall") and network and network.existing:
        yield (
            f"dns_firewall: filters the whole VPC, and {network.existing.vpc_id} (network.existing) is somebody "
            "else's: names that others in it need would be cut off. Remove flowise:dns_firewall, and have whoever runs "
            "the VPC filter it (docs/dns-firewall.md)"
        )
