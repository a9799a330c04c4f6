"""`flowise:retrieval`: OpenSearch."""

from collections.abc import Mapping, Sequence

from analysis.diagram.model import CLUSTER, DATA, NETWORK, OBSERVABILITY, OVERVIEW, Arrow, Part
from analysis.recorder import Recording


def _search(recording: Recording) -> str:
    """Version, nodes and their size."""
    inputs = recording.of_type("aws:opensearch/domain:Domain")[0].inputs
    cluster = inputs["clusterConfig"]
    version = str(inputs["engineVersion"]).replace("_", " ")
    return f"{version}\n{cluster['instanceCount']} x {cluster['instanceType'].removesuffix('.search')}"


PARTS: Mapping[str, Part] = {
    "search": Part(
        shows="aws:opensearch/domain:Domain",
        label=_search,
        group="data",
        of="Retrieval",
        pictures=(OVERVIEW, NETWORK, CLUSTER, DATA, OBSERVABILITY),
    ),
}
ARROWS: Sequence[Arrow] = (
    Arrow(start="servers", end="search", label="vectors", witness=("Retrieval", "EksCluster")),
    Arrow(start="workers", end="search", witness=("Retrieval", "EksCluster")),
    Arrow(start="search", end="kms"),
    Arrow(start="search", end="metrics", witness=("Observability", "Retrieval")),
)
