"""The load balancer."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage


class LoadBalancerUsage(Usage):
    """What passes through it."""

    load_balancer_lcu: Figure = 0.5
    """Load balancer capacity units, on average."""


def _load_balancer(resource: Resource) -> Amounts:
    units = resource.usage.of(LoadBalancerUsage).load_balancer_lcu
    yield Amount(what="load balancer", price="alb.hour", quantity=1)
    yield Amount(what="its capacity units", price="alb.lcu", quantity=units, part="use")


SERVICE: Final = Service(
    usage=LoadBalancerUsage,
    prices={
        "alb.hour": Price(0.0225, "hour", "infracost", at="lb_test"),
        "alb.lcu": Price(0.008, "LCU-hour", "infracost", at="lb_test"),
    },
    rules={"aws:lb/loadBalancer:LoadBalancer": _load_balancer},
)
