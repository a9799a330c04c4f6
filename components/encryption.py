"""EncryptionKey: the customer-managed key of a stack."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy, topic_key_statement
from components.common.names import physical_name


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What a stack decides about its key."""

    region: str
    """Region of the stack; the log service may use the key there only."""

    protected: bool
    """Refuse to delete the key; without it everything that it encrypted is lost."""


@final
class EncryptionKey(pulumi.ComponentResource):
    """One KMS key, rotated every year, for everything that a stack stores.

    IAM policies of the account decide who may use it. CloudWatch Logs may use it for log groups of this account,
    and the services that send alarms and events for its topics.
    """

    arn: pulumi.Output[str]
    """ARN of the key."""

    def __init__(self, resource_name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:security:EncryptionKey", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        key = aws.kms.Key(
            resource_name,
            description=f"Data of {pulumi.get_project()} {pulumi.get_stack()}",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy(
                Statement(
                    sid="AccountDecides",
                    actions=["kms:*"],
                    resources=["*"],  # in a key policy this means the key itself
                    principals={"AWS": [pulumi.Output.format("arn:aws:iam::{0}:root", account_id)]},
                ),
                Statement(
                    sid="LogGroupsOfThisAccount",
                    actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                    resources=["*"],
                    principals={"Service": [f"logs.{args.region}.amazonaws.com"]},
                    conditions={
                        "ArnLike": {
                            "kms:EncryptionContext:aws:logs:arn": pulumi.Output.format(
                                "arn:aws:logs:{0}:{1}:log-group:*", args.region, account_id
                            )
                        }
                    },
                ),
                topic_key_statement(account_id),
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected),
        )
        aws.kms.Alias(
            resource_name,
            name="alias/" + physical_name("kms-alias"),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
