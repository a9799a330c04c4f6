"""DnsFirewall: which names the stack's network may ask DNS for, and a log of those that it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import pulumi
import pulumi_aws as aws

from components.common.context import StackContext
from components.common.monitoring import Monitoring
from components.common.names import physical_name
from components.dns_firewall.alarms import dns_alarms
from components.dns_firewall.needs import needed_domains
from components.dns_firewall.settings import DnsFirewallSettings

__all__ = ["DnsFirewall", "DnsFirewallArgs", "DnsFirewallSettings"]

_FIRST_ASSOCIATION: Final = 101
"""Below and from 9901 on are rule groups of AWS Firewall Manager (API reference, AssociateFirewallRuleGroup)."""


@dataclass(frozen=True, kw_only=True)
class DnsFirewallArgs:
    """What a stack decides about its queries, and which network they come from."""

    settings: DnsFirewallSettings
    stack: StackContext
    vpc_id: pulumi.Input[str]
    """VPC of the stack, whose queries are filtered and logged."""
    stack_file: Mapping[str, Any]
    """All settings of the stack: the hosts in them are allowed."""


@final
class DnsFirewall(pulumi.ComponentResource):
    """A rule group on the VPC, and a log of all queries.

    What is allowed comes first, so that a name which a stack lists itself is not stopped by a list of AWS; then AWS's
    lists; then, with `allowed_domains`, every other name. A rule group is evaluated from the lowest priority on, and
    the first match decides (Route 53 developer guide, "Rule settings in DNS Firewall").
    """

    monitoring: Monitoring
    """Alarms on queries that are stopped, or would be."""

    def __init__(self, resource_name: str, args: DnsFirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:network:DnsFirewall", resource_name, None, opts)
        self._name = resource_name
        self._settings = args.settings
        self._child = pulumi.ResourceOptions(parent=self)
        self._log(args)
        self._group = aws.route53.ResolverFirewallRuleGroup(resource_name, opts=self._child)
        rules = self._rules(args)
        aws.route53.ResolverFirewallConfig(
            resource_name,
            resource_id=args.vpc_id,
            firewall_fail_open="ENABLED" if args.settings.fail_open else "DISABLED",
            opts=self._child,
        )
        aws.route53.ResolverFirewallRuleGroupAssociation(
            resource_name,
            vpc_id=args.vpc_id,
            firewall_rule_group_id=self._group.id,
            priority=_FIRST_ASSOCIATION,
            # A VPC has each priority once. Last, so that no group without its allowed names is in force.
            opts=pulumi.ResourceOptions(parent=self, depends_on=rules, delete_before_replace=True),
        )
        self.register_outputs({"rule_group_id": self._group.id})

    def _log(self, args: DnsFirewallArgs) -> None:
        """Bootstrap lets Resolver write to a log group of this name (`log_consent` in its entry in the catalogue)."""
        group = aws.cloudwatch.LogGroup(
            self._name,
            name=physical_name("log-group", "dns", separator="/"),
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.stack.kms_key_arn,
            opts=self._child,
        )
        config = aws.route53.ResolverQueryLogConfig(self._name, destination_arn=group.arn, opts=self._child)
        aws.route53.ResolverQueryLogConfigAssociation(
            self._name, resolver_query_log_config_id=config.id, resource_id=args.vpc_id, opts=self._child
        )

    def _rules(self, args: DnsFirewallArgs) -> Sequence[pulumi.Resource]:
        allowed, others = args.settings.allowed_domains, None
        rules: list[pulumi.Resource] = []
        if allowed is not None:
            domains = self._domains("allowed", {*allowed, *needed_domains(args.stack.region, args.stack_file)})
            rules.append(self._rule("allowed", domains, priority=100, action="ALLOW"))
        for number, (name, list_id) in enumerate(sorted(args.settings.managed_lists.items())):
            short = name.removeprefix("AWSManagedDomains")
            rules.append(self._rule(short, list_id, priority=200 + number, action=args.settings.mode.upper()))
        if allowed is not None:
            others = self._domains("others", ["*"])
            rules.append(self._rule("others", others, priority=900, action=args.settings.mode.upper(), after=rules[:1]))
        alarms = dns_alarms(args.settings, rule_group_id=self._group.id, others_list_id=others)
        self.monitoring = Monitoring(alarms=list(alarms))
        return rules

    def _domains(self, name: str, domains: set[str] | list[str]) -> pulumi.Output[str]:
        """AWS answers with a dot at the end; without it every preview would show a difference.

        hashicorp/terraform-provider-aws, issue 23543.
        """
        made = aws.route53.ResolverFirewallDomainList(
            f"{self._name}-{name}", domains=[f"{domain}." for domain in sorted(domains)], opts=self._child
        )
        return made.id

    def _rule(
        self,
        name: str,
        domain_list_id: pulumi.Input[str],
        *,
        priority: int,
        action: str,
        after: Sequence[pulumi.Resource] = (),
    ) -> pulumi.Resource:
        return aws.route53.ResolverFirewallRule(
            f"{self._name}-{name}",
            firewall_rule_group_id=self._group.id,
            firewall_domain_list_id=domain_list_id,
            priority=priority,
            action=action,
            block_response=self._settings.answer if action == "BLOCK" else None,
            # An allowed name may be an alias of another, which nobody can list; an alias of a listed one counts.
            firewall_domain_redirection_action=(
                "TRUST_REDIRECTION_DOMAIN" if action == "ALLOW" else "INSPECT_REDIRECTION_DOMAIN"
            ),
            # A group has each priority once.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after), delete_before_replace=True),
        )
