"""Where people come in: certificates, sign-in, timeouts, networks inside a company."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.cluster import ClusterSettings
from components.common.cidr import is_loopback
from components.common.domain import certificate_problems
from components.common.internal import InternalSettings, internal_problems
from components.common.model import DomainSettings
from components.edge import EdgeSettings
from components.load_balancer import LoadBalancerSettings
from components.network import NetworkSettings
from components.observability import ObservabilitySettings


def checks(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections; each line starts with its key path."""
    yield from _certificates(sections)
    yield from _internal(sections)
    yield from _sign_in(sections)
    yield from _idle_timeout(sections)


def checks_when_deploying(sections: Mapping[str, Any]) -> Iterable[str]:
    """Compare sections before a deployment, not in a plan; each line starts with its key path."""
    yield from _loopback(sections)


def _certificates(sections: Mapping[str, Any]) -> Iterable[str]:
    domain = cast(DomainSettings | None, sections.get("domain"))
    if domain and "internal" in sections and (region := sections.get("region")):
        yield from certificate_problems(domain, region, behind_cloudfront=sections["internal"] is None)


def _internal(sections: Mapping[str, Any]) -> Iterable[str]:
    internal = cast(InternalSettings | None, sections.get("internal"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if internal and network and "domain" in sections:
        yield from internal_problems(internal, sections["domain"], [network.cidr, *network.connected_cidrs])


def _sign_in(sections: Mapping[str, Any]) -> Iterable[str]:
    load_balancer = cast(LoadBalancerSettings | None, sections.get("load_balancer"))
    if not load_balancer or not load_balancer.sign_in:
        return
    if "domain" in sections and sections["domain"] is None:
        yield (
            "load_balancer.sign_in: needs a listener with HTTPS, so a certificate of your own name. "
            "Add a flowise:domain section, or remove sign_in"
        )
    if login := canary_login(sections):
        yield (
            f"{login}: the load balancer asks for a sign-in (load_balancer.sign_in) before anybody can log in to "
            "Flowise, and the canary cannot sign in. Remove login_email: the canary still asks its flow"
        )


def canary_login(sections: Mapping[str, Any]) -> str:
    """Key path of the account that the canary logs in with; empty if it does not."""
    observability = cast(ObservabilitySettings | None, sections.get("observability"))
    logs_in = observability and observability.canary and observability.canary.login_email
    return "observability.canary.login_email" if logs_in else ""


def _idle_timeout(sections: Mapping[str, Any]) -> Iterable[str]:
    """Who waits longest must be in front."""
    edge = cast(EdgeSettings | None, sections.get("edge"))
    load_balancer = cast(LoadBalancerSettings | None, sections.get("load_balancer"))
    if edge and load_balancer and load_balancer.idle_timeout_seconds < edge.origin_read_timeout_seconds:
        yield (
            f"load_balancer.idle_timeout_seconds: {load_balancer.idle_timeout_seconds} must be at least "
            f"edge.origin_read_timeout_seconds ({edge.origin_read_timeout_seconds}), or the load balancer cuts "
            "connections that CloudFront still waits for"
        )


def _loopback(sections: Mapping[str, Any]) -> Iterable[str]:
    """The local environment admits this machine; on AWS nobody has that address."""
    edge = cast(EdgeSettings | None, sections.get("edge"))
    internal = cast(InternalSettings | None, sections.get("internal"))
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    lists = {
        "edge.admin_cidrs": edge.admin_cidrs if edge else [],
        "internal.client_cidrs": internal.client_cidrs if internal else [],
        "cluster.public_access_cidrs": cluster.public_access_cidrs if cluster else [],
    }
    for key, cidrs in lists.items():
        for cidr in filter(is_loopback, cidrs):
            yield f"{key}: {cidr} is the machine itself, from which nobody reaches AWS; name your public network"
