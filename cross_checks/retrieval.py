"""OpenSearch and the zones of the network."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.network import NetworkSettings
from components.retrieval import RetrievalSettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _retrieval_zones(sections)


def _retrieval_zones(sections: Mapping[str, Any]) -> Iterable[str]:
    """OpenSearch takes one subnet for each of its zones."""
    retrieval = cast(RetrievalSettings | None, sections.get("retrieval"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if not retrieval or not network:
        return
    zones = len(network.existing.data_subnet_ids if network.existing else network.zones)
    if retrieval.zones > zones:
        where = "network.existing.data_subnet_ids" if network.existing else "network.zones"
        yield (
            f"retrieval.zones: {retrieval.zones} is more than {where} has ({zones}); set it to {min(2, zones)} with an "
            "even number of nodes, or add a zone"
        )
