"""Alarms of DNS Firewall.

Metric and dimensions: Route 53 developer guide, "Monitoring Resolver DNS Firewall rule groups with Amazon CloudWatch"
(`FirewallRuleQueryVolume`, sent every five minutes). The metric of the whole group counts allowed queries too.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import pulumi

from components.common.alarm import Alarm, Failure, Metric
from components.dns_firewall.settings import DnsFirewallSettings

FAILURES: Final[Sequence[Failure]] = (
    Failure(
        what="A flow, or whoever took over a pod, asks DNS for a dangerous domain (`flowise:dns_firewall`)",
        seen_by=("dns-threat",),
        note="in the mode `block` it gets no answer",
    ),
    Failure(
        what="A flow asks for a domain that is not allowed, or something of the stack's own was forgotten",
        seen_by=("dns-not-allowed",),
    ),
)
"""What goes wrong, and which alarms see it."""


def dns_alarms(
    settings: DnsFirewallSettings, *, rule_group_id: pulumi.Output[str], others_list_id: pulumi.Output[str] | None
) -> Iterator[Alarm]:
    """One for domains that AWS knows as dangerous, one for those that nobody has allowed.

    `others_list_id` is the list of all names, which stops what is not allowed.
    """

    def matches(domain_list_id: pulumi.Input[str]) -> Metric:
        dimensions = {"FirewallRuleGroupId": rule_group_id, "FirewallDomainListId": domain_list_id}
        return Metric(
            namespace="AWS/Route53Resolver", name="FirewallRuleQueryVolume", dimensions=dimensions, statistic="Sum"
        )

    done = "not answered" if settings.mode == "block" else "answered, because the mode is alert"
    most = settings.thresholds.queries_not_allowed
    if settings.managed_lists:
        yield Alarm(
            name="dns-threat",
            description=f"Something in the VPC asked for a domain that AWS lists as dangerous. It was {done}.",
            runbook="dns-blocked",
            metrics=[matches(list_id) for list_id in sorted(settings.managed_lists.values())],
            expression="SUM(METRICS())",
            threshold=0,
            periods=1,
            treat_missing_data="notBreaching",  # without a match nothing is sent
        )
    if others_list_id is not None:
        yield Alarm(
            name="dns-not-allowed",
            description=(
                f"More than {most} DNS queries in five minutes were for domains that the "
                f"stack does not allow. They were {done}."
            ),
            runbook="dns-blocked",
            metrics=[matches(others_list_id)],
            threshold=most,
            periods=1,
            treat_missing_data="notBreaching",
        )
