"""LogDelivery: lets the logs that AWS delivers itself into the log groups of all stacks."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.catalogue import AWS, LogConsent
from components.common.iam import Statement, policy
from components.common.partition import build_arn, is_commercial

_FIRST = "firewall"
"""It was alone once: its resource has no name of its own behind the component's."""


@dataclass(frozen=True, kw_only=True)
class LogDeliveryArgs:
    """Where logs are delivered."""

    region: str
    """Where the stacks are."""


@final
class LogDelivery(pulumi.ComponentResource):
    """The resource policies with which services write into log groups: one for each `LogConsent` of the catalogue.

    A log group in another region is for CloudFront, which GovCloud does not have.
    """

    def __init__(self, resource_name: str, args: LogDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:LogDelivery", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        for consent in (entry.log_consent for entry in AWS.values()):
            if consent and (is_commercial(args.region) or not consent.region):
                region = consent.region or args.region
                aws.cloudwatch.LogResourcePolicy(
                    resource_name if consent.name == _FIRST else f"{resource_name}-{consent.name}",
                    policy_name=f"flowise-{consent.name}-logs",
                    policy_document=_policy(consent, region, account_id),
                    region=region,
                    opts=pulumi.ResourceOptions(parent=self),
                )
        self.register_outputs({})


def _policy(consent: LogConsent, region: str, account_id: pulumi.Output[str]) -> pulumi.Output[str]:
    service, _, resource = consent.sender.partition("::")
    return policy(
        Statement(
            sid=f"{consent.name.title()}Logs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[build_arn("logs", region, account_id, f"log-group:{consent.log_groups}")],
            principals={"Service": [consent.service]},
            conditions={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": build_arn(service, region, account_id, resource)},
            },
        )
    )
