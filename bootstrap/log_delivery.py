"""LogDelivery: lets the firewall's logs into the log groups of all stacks."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy
from components.common.partition import build_arn


@dataclass(frozen=True, kw_only=True)
class LogDeliveryArgs:
    """What an account decides about the logs that AWS delivers."""

    region: str = "us-east-1"
    """Logs of a web ACL of CloudFront go to this region only (WAF developer guide, "Logging destinations")."""


@final
class LogDelivery(pulumi.ComponentResource):
    """The resource policy with which AWS delivers a firewall's logs.

    A log group needs such a policy, and AWS writes one for a caller who may (CloudWatch Logs user guide, "Enable
    logging from AWS services"). It holds for the account, so it is made here; no stack may change resource policies.
    """

    def __init__(self, resource_name: str, args: LogDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:LogDelivery", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        aws.cloudwatch.LogResourcePolicy(
            resource_name,
            policy_name="flowise-firewall-logs",
            policy_document=policy(
                Statement(
                    sid="FirewallLogs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[build_arn("logs", args.region, account_id, "log-group:aws-waf-logs-flowise-*")],
                    principals={"Service": ["delivery.logs.amazonaws.com"]},
                    conditions={
                        "StringEquals": {"aws:SourceAccount": account_id},
                        "ArnLike": {"aws:SourceArn": build_arn("logs", args.region, account_id, "*")},
                    },
                )
            ),
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
