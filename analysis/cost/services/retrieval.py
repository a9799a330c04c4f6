"""Vectors, on OpenSearch."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Price, Resource, Service


def _search(resource: Resource) -> Amounts:
    """Snapshots of the service itself cost nothing."""
    cluster, nodes = resource.inputs["clusterConfig"], resource.inputs["clusterConfig"]["instanceCount"]
    yield Amount(what=cluster["instanceType"], price=f"opensearch.{cluster['instanceType']}", quantity=nodes)
    if cluster["dedicatedMasterEnabled"]:
        master, count = cluster["dedicatedMasterType"], cluster["dedicatedMasterCount"]
        yield Amount(what=f"{master}, dedicated masters", price=f"opensearch.{master}", quantity=count)
    storage = nodes * resource.inputs["ebsOptions"]["volumeSize"]
    yield Amount(what="storage of all nodes", price="opensearch.storage", quantity=storage)


SERVICE: Final = Service(
    prices={
        "opensearch.t3.small.search": Price(0.036, "hour", "known"),
        "opensearch.t3.medium.search": Price(0.072, "hour", "derived", at="twice t3.small.search, 0.036 an hour"),
        "opensearch.r6g.large.search": Price(0.167, "hour", "known"),
        "opensearch.r7g.large.search": Price(0.177, "hour", "known"),
        "opensearch.storage": Price(0.122, "GB", "infracost", at="elasticsearch_domain_test"),  # gp3
    },
    rules={"aws:opensearch/domain:Domain": _search},
)
