"""StateBucket and StateKeys: where Pulumi keeps what it knows, and what encrypts the secrets in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from bootstrap.permissions import PROJECT
from bootstrap.settings import StateSettings
from components.common.access_logs import S3_PREFIX
from components.common.customer_key import customer_key
from components.common.iam import Statement
from components.common.names import physical_name
from components.common.partition import account_root
from components.common.private_bucket import PrivateBucket, expire_after, private_bucket


@dataclass(frozen=True, kw_only=True)
class StateBucketArgs:
    """What an account decides about its state."""

    settings: StateSettings
    protected: bool
    kms_key_arn: pulumi.Output[str]
    """Key that encrypts the bucket."""


@final
class StateBucket(pulumi.ComponentResource):
    """Versioned, encrypted bucket for Pulumi's own backend, with a log of who reads it.

    Every state file can be had back for a while.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    bucket: PrivateBucket
    """The bucket with the parts that a replication waits for."""

    def __init__(self, resource_name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:StateBucket", resource_name, None, opts)
        self.bucket = private_bucket(
            resource_name,
            parent=self,
            protected=args.protected,
            kms_key_arn=args.kms_key_arn,
            lifecycle_rules=[
                {
                    "id": "expire-old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"expired_object_delete_marker": True},
                    "noncurrent_version_expiration": {"noncurrent_days": args.settings.noncurrent_days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
        )
        bucket = self.bucket.bucket
        logs = self._access_logs(f"{resource_name}-logs", args)
        aws.s3.BucketLogging(
            resource_name,
            bucket=bucket.id,
            # Through the policy, so that S3 may write before it is told to.
            target_bucket=logs.policy.bucket,
            target_prefix=f"{S3_PREFIX}/{resource_name}/",
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.name = bucket.id
        self.arn = bucket.arn
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _access_logs(self, resource_name: str, args: StateBucketArgs) -> PrivateBucket:
        """Make the bucket that says who read or wrote which state: AES256, the only encryption that S3's logs know."""
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        return private_bucket(
            resource_name,
            parent=self,
            protected=args.protected,
            lifecycle_rules=[expire_after(args.settings.access_log_days)],
            statements=lambda bucket: [
                Statement(
                    sid="BucketAccessLogs",
                    principals={"Service": ["logging.s3.amazonaws.com"]},
                    actions=["s3:PutObject"],
                    resources=[pulumi.Output.format("{0}/{1}/*", bucket.arn, S3_PREFIX)],
                    conditions={"StringEquals": {"aws:SourceAccount": account_id}},
                )
            ],
        )


@dataclass(frozen=True, kw_only=True)
class StateKeysArgs:
    """What an account decides about the keys of its stacks' secrets."""

    stacks: Sequence[str]
    """The stacks of the account; each has a key of its own."""
    region: str
    """Region of the keys, for the addresses in `secrets_providers`."""
    protected: bool


@final
class StateKeys(pulumi.ComponentResource):
    """One KMS key for each stack, which encrypts the secrets in its state and in its stack file.

    A key carries the tags of its stack, not of bootstrap, so the roles of other stacks are refused it like all else.
    """

    arns: Mapping[str, pulumi.Output[str]]
    """ARN of the key, by stack."""
    secrets_providers: Mapping[str, str]
    """What `pulumi stack init --secrets-provider` is given, by stack."""

    def __init__(self, resource_name: str, args: StateKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:StateKeys", resource_name, None, opts)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        self.arns = {
            stack: customer_key(
                f"{resource_name}-{stack}",
                parent=self,
                protected=args.protected,
                account_root=account_root(args.region, account_id),
                description=f"Secrets in the state of {stack}",
                alias=("state", stack),
                multi_region=True,  # so that `AccountCopies` can copy it
                tags={"project": PROJECT, "stack": stack},
            ).arn
            for stack in args.stacks
        }
        self.secrets_providers = {
            stack: f"awskms://alias/{physical_name('kms-alias', 'state', stack)}?region={args.region}"
            for stack in args.stacks
        }
        self.register_outputs({"arns": self.arns, "secrets_providers": self.secrets_providers})
