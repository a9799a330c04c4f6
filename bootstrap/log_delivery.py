"""LogDelivery: lets the logs of firewalls, of DNS and of OpenSearch into the log groups of all stacks."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy
from components.common.partition import build_arn

_FIREWALL_REGION = "us-east-1"
"""Logs of a web ACL of CloudFront go to this region only (WAF developer guide, "Logging destinations")."""


@dataclass(frozen=True, kw_only=True)
class LogDeliveryArgs:
    """What an account decides about the logs that AWS delivers."""

    region: str
    """Where the stacks are."""
    firewall: bool
    """Whether CloudFront, and so its firewall, can be had: not in GovCloud."""


@final
class LogDelivery(pulumi.ComponentResource):
    """The resource policies with which AWS's services write into log groups.

    A log group needs such a policy (CloudWatch Logs user guide, "Enable logging from AWS services"; OpenSearch
    developer guide, "Monitoring OpenSearch logs"). Each holds for the account, which can have ten in a region, so they
    are made here; no stack may change resource policies.
    """

    def __init__(self, resource_name: str, args: LogDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:LogDelivery", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        child = pulumi.ResourceOptions(parent=self)
        if args.firewall:
            aws.cloudwatch.LogResourcePolicy(
                resource_name,
                policy_name="flowise-firewall-logs",
                policy_document=_policy(
                    "FirewallLogs",
                    "delivery.logs.amazonaws.com",
                    into=build_arn("logs", _FIREWALL_REGION, account_id, "log-group:aws-waf-logs-flowise-*"),
                    source=build_arn("logs", _FIREWALL_REGION, account_id, "*"),
                    account_id=account_id,
                ),
                region=_FIREWALL_REGION,
                opts=child,
            )
        # Query logs are delivered as those of WAF are (CloudWatch Logs user guide, same page: V1 permissions).
        aws.cloudwatch.LogResourcePolicy(
            f"{resource_name}-dns",
            policy_name="flowise-dns-logs",
            policy_document=_policy(
                "DnsLogs",
                "delivery.logs.amazonaws.com",
                into=build_arn("logs", args.region, account_id, "log-group:flowise/*/dns:*"),
                source=build_arn("logs", args.region, account_id, "*"),
                account_id=account_id,
            ),
            region=args.region,
            opts=child,
        )
        aws.cloudwatch.LogResourcePolicy(
            f"{resource_name}-retrieval",
            policy_name="flowise-retrieval-logs",
            policy_document=_policy(
                "RetrievalLogs",
                "es.amazonaws.com",
                into=build_arn("logs", args.region, account_id, "log-group:flowise/*/retrieval/*"),
                source=build_arn("es", args.region, account_id, "domain/flowise-*"),
                account_id=account_id,
            ),
            region=args.region,
            opts=child,
        )
        self.register_outputs({})


def _policy(
    sid: str, service: str, *, into: pulumi.Input[str], source: pulumi.Input[str], account_id: pulumi.Output[str]
) -> pulumi.Output[str]:
    return policy(
        Statement(
            sid=sid,
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[into],
            principals={"Service": [service]},
            conditions={"StringEquals": {"aws:SourceAccount": account_id}, "ArnLike": {"aws:SourceArn": source}},
        )
    )
