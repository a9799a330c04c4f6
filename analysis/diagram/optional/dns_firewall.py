"""`flowise:dns_firewall`: the firewall of DNS."""

from collections.abc import Mapping, Sequence

from analysis.diagram import labels
from analysis.diagram.model import NETWORK, Arrow, Part

PARTS: Mapping[str, Part] = {
    "dns-firewall": Part(
        shows="aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
        label=labels.text("DNS Firewall"),
        group="vpc",
        of="DnsFirewall",
        pictures=(NETWORK,),
    ),
}
ARROWS: Sequence[Arrow] = (
    Arrow(start="workers", end="dns-firewall", label="DNS", witness=("DnsFirewall", "NetworkStack")),
    Arrow(start="servers", end="dns-firewall", label="DNS", witness=("DnsFirewall", "NetworkStack")),
)
