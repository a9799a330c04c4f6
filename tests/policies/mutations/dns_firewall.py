"""On a stack that filters the names which it asks DNS for."""

from tests.policies.mutations import GONE, on

MUTATIONS = [
    *on(
        "aws:cloudwatch/logGroup:LogGroup",
        ("kmsKeyId", GONE),
        ("retentionInDays", GONE),
        ("retentionInDays", 3),
        name="dns-firewall",
    ),
    *on("aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList", ("name", "n" * 65)),
    *on("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup", ("name", "n" * 65)),
]
