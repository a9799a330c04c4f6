"""DNS Firewall of Route 53 Resolver."""

from typing import Final

from analysis.cost.service import Amount, Amounts, Figure, Price, Resource, Service, Usage


class DnsFirewallUsage(Usage):
    """What is asked."""

    dns_queries_millions: Figure = 10
    """DNS queries of the whole VPC, in millions: about four a second. Pods ask again and again, and for every name with
    each ending of their search list."""


def _queries(resource: Resource) -> Amounts:
    """AWS's own lists cost nothing, and the association neither."""
    queries = resource.usage.of(DnsFirewallUsage).dns_queries_millions
    yield Amount(what="queries filtered", price="dns_firewall.queries", quantity=queries, part="use")


def _domains(resource: Resource) -> Amounts:
    yield Amount(what="listed domains", price="dns_firewall.domain", quantity=len(resource.inputs["domains"]))


SERVICE: Final = Service(
    usage=DnsFirewallUsage,
    prices={
        # "$0.60 per million queries (first 1 billion)", "$0.0005 per domain per month", AWS's lists free
        "dns_firewall.queries": Price(0.60, "M queries", "quoted"),
        "dns_firewall.domain": Price(0.0005, "domain", "quoted"),
    },
    rules={
        "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": _domains,
        "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": _queries,
    },
)
