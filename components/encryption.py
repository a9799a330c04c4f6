"""EncryptionKey: the customer-managed keys of a stack, one a region."""

from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from components.common.context import RecoveryTarget, StackScope
from components.common.customer_key import customer_key
from components.common.iam import log_groups_key_statement, topic_key_statement
from components.common.model import AwsRegion, Settings
from components.common.partition import account_root


class RecoverySettings(Settings):
    """Where a stack can be brought back when its region is lost."""

    region: AwsRegion
    """Region that receives copies of the keys, of every file, and of the recovery points of `flowise:backup`."""


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArgs:
    """What a stack decides about its key."""

    scope: StackScope
    """The log service may use the key in its region only; with AWS Backup the keys stay when the stack is deleted,
    because recovery points stay too, and need them to be restored."""
    recovery: RecoverySettings | None = None
    """Region that gets a key of its own, because one region's key is of no use in another."""


@final
class EncryptionKey(pulumi.ComponentResource):
    """One KMS key, rotated every year, for everything that a stack stores, and one for the copies in another region.

    IAM policies of the account decide who may use it. CloudWatch Logs may use it for log groups of this account,
    and the services that send alarms and events for its topics.
    """

    arn: pulumi.Output[str]
    """ARN of the key in the stack's region."""
    recovery: RecoveryTarget | None
    """Region for copies, and its key."""

    def __init__(self, resource_name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:security:EncryptionKey", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        key = customer_key(
            resource_name,
            log_groups_key_statement(args.scope.region, account_id),
            topic_key_statement(args.scope.region, account_id),
            parent=self,
            protected=args.scope.protected,
            retained=args.scope.aws_backup,
            account_root=account_root(args.scope.region, account_id),
            description=f"Data of {pulumi.get_project()} {pulumi.get_stack()}",
        )
        self.arn = key.arn
        self.recovery = None
        if args.recovery:
            copies = customer_key(
                f"{resource_name}-recovery",
                parent=self,
                protected=args.scope.protected,
                retained=args.scope.aws_backup,
                account_root=account_root(args.scope.region, account_id),
                description=f"Copies of {pulumi.get_project()} {pulumi.get_stack()}",
                alias=("recovery",),
                region=args.recovery.region,
            )
            self.recovery = RecoveryTarget(region=args.recovery.region, kms_key_arn=copies.arn)
        self.register_outputs({"arn": self.arn})
