"""docs/small.md: the bills of the small stack are regenerated, the words stay."""

from analysis.stackfiles import ROOT
from pages.cost import between_markers, estimated, totals

PATH = ROOT / "docs" / "small.md"
_STACKS = ("small", "small-shared", "prod")
_CLUSTER = ("EksCluster", "NetworkStack")
"""Components that the owner of a shared cluster pays for."""
_TARGET = 120
"""USD a month that the stack was to cost (docs/decisions/0069-small-by-spot-and-one-pod.md)."""


def page() -> str:
    """The page with what stands between its markers regenerated."""
    bills = {name: estimated(name) for name in _STACKS}
    by_component, shared = bills["small"].by_component(), bills["small-shared"].total()
    cluster = sum(by_component[name] for name in _CLUSTER)
    rest = bills["small"].total() - cluster - by_component["nodes"] + by_component["EksCluster"]
    floor = [
        f"A cluster of its own does not go below {_TARGET}: without any node and any way out of the VPC the rest of",
        f"the bill is {rest:,.2f} already. In a cluster that exists the stack's own bill is {shared:,.2f}. What the",
        f"cluster and its NAT cost, {cluster:,.2f} with those of small, is then divided: with the share of one of",
        f"three teams it is {shared + cluster / 3:,.2f} in all, of one of ten {shared + cluster / 10:,.2f}.",
    ]
    return between_markers(PATH, {"bills": totals(bills), "floor": floor})
