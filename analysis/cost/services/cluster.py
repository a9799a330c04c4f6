"""EKS, its add-ons and its nodes, which no resource is: `analysis/cost/nodes.py` counts them."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage, flat

_AUTO_MODE: Final = "factualminds.com/blog/amazon-eks-pricing-control-plane-addons-auto-mode"


class ClusterUsage(Usage):
    """What Container Insights sees."""

    observations_millions: Figure = 100
    """Observations of Container Insights, in millions: about 2,300 a minute, for a cluster, 6 nodes and 20 pods."""


def _addon(resource: Resource) -> Amounts:
    """An add-on costs nothing in itself, but what CloudWatch's agent observes does."""
    if resource.inputs["addonName"] == "amazon-cloudwatch-observability":
        seen = resource.usage.of(ClusterUsage).observations_millions
        yield Amount(what="Container Insights", price="cloudwatch.observations", quantity=seen, part="use")


SERVICE: Final = Service(
    usage=ClusterUsage,
    prices={
        "eks.cluster": Price(0.10, "hour", "article", at="cloudburn.io/blog/amazon-eks-pricing"),
        "eks.auto_mode": Price(0.12, "share of the node's price on demand", "article", at=_AUTO_MODE),
        "ec2.m7g.large": Price(0.0816, "hour", "quoted"),
        "ec2.m7i.large": Price(0.1008, "hour", "quoted"),
        "ec2.t4g.medium": Price(0.0336, "hour", "quoted"),
        "ec2.t4g.large": Price(0.0672, "hour", "derived", at="twice t4g.medium"),
        "ec2.spot": Price(0.35, "share of the price on demand", "known"),
        "ebs.gp3": Price(0.08, "GB", "infracost", at="ebs_volume_test"),
        "cloudwatch.observations": Price(0.21, "M observations", "known"),  # Container Insights
    },
    rules={
        "aws:eks/addon:Addon": _addon,
        "aws:eks/cluster:Cluster": flat("EKS cluster", "eks.cluster"),
    },
)
