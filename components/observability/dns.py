"""Alarms of DNS Firewall.

Metric and dimensions: Route 53 developer guide, "Monitoring Resolver DNS Firewall rule groups with Amazon CloudWatch"
(`FirewallRuleQueryVolume`, sent every five minutes). The metric of the whole group counts allowed queries too.
"""

from collections.abc import Iterator

import pulumi

from components.common.monitoring import DnsFirewallMetrics
from components.observability.alarm import Alarm, Metric
from components.observability.settings import ThresholdSettings


def _matches(firewall: DnsFirewallMetrics, domain_list_id: pulumi.Input[str]) -> Metric:
    dimensions = {"FirewallRuleGroupId": firewall.rule_group_id, "FirewallDomainListId": domain_list_id}
    return Metric(
        namespace="AWS/Route53Resolver", name="FirewallRuleQueryVolume", dimensions=dimensions, statistic="Sum"
    )


def dns_alarms(firewall: DnsFirewallMetrics | None, limits: ThresholdSettings) -> Iterator[Alarm]:
    """One for domains that AWS knows as dangerous, one for those that nobody has allowed."""
    if firewall is None:
        return
    done = "not answered" if firewall.blocks else "answered, because the mode is alert"
    if firewall.threat_list_ids:
        yield Alarm(
            name="dns-threat",
            description=f"Something in the VPC asked for a domain that AWS lists as dangerous. It was {done}.",
            runbook="dns-blocked",
            metrics=[_matches(firewall, list_id) for list_id in firewall.threat_list_ids],
            expression="SUM(METRICS())",
            threshold=0,
            periods=1,
            treat_missing_data="notBreaching",  # without a match nothing is sent
        )
    if firewall.others_list_id is not None:
        yield Alarm(
            name="dns-not-allowed",
            description=(
                f"More than {limits.dns_queries_not_allowed} DNS queries in five minutes were for domains that the "
                f"stack does not allow. They were {done}."
            ),
            runbook="dns-blocked",
            metrics=[_matches(firewall, firewall.others_list_id)],
            threshold=limits.dns_queries_not_allowed,
            periods=1,
            treat_missing_data="notBreaching",
        )
