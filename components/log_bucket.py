"""LogBucket: where load balancer, CDN and bucket access logs arrive."""

from dataclasses import dataclass
from typing import Annotated, final

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.access_logs import LOAD_BALANCER_PREFIX, S3_PREFIX
from components.common.context import StackScope
from components.common.iam import Statement
from components.common.model import Settings
from components.common.partition import is_commercial
from components.common.private_bucket import expire_after, private_bucket


class LogBucketSettings(Settings):
    """Access logs of a stack."""

    retention_days: Annotated[int, Field(ge=7, le=3650)] = 365
    """Days until an access log is deleted."""


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    """What a stack decides about its access logs."""

    settings: LogBucketSettings
    scope: StackScope


@final
class LogBucket(pulumi.ComponentResource):
    """Private bucket for access logs. Encrypted with S3's own key, the only one that load balancer logs support."""

    name: pulumi.Output[str]
    """Name of the bucket; known only when log services may write to it."""

    def __init__(self, resource_name: str, args: LogBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:storage:LogBucket", resource_name, None, opts)
        self._region = args.scope.region
        made = private_bucket(
            resource_name,
            parent=self,
            protected=args.scope.protected,
            lifecycle_rules=[expire_after(args.settings.retention_days)],
            statements=self._log_services,
        )
        # Through the policy, so that whoever writes logs here waits until it may.
        self.name = made.policy.bucket
        self.register_outputs({"name": self.name})

    def _log_services(self, bucket: aws.s3.Bucket) -> list[Statement]:
        """Who may write logs, each into its own folder and for this account only."""
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        access = [
            Statement(
                sid="BucketAccessLogs",
                principals={"Service": ["logging.s3.amazonaws.com"]},
                actions=["s3:PutObject"],
                resources=[pulumi.Output.format("{0}/{1}/*", bucket.arn, S3_PREFIX)],
                conditions={"StringEquals": {"aws:SourceAccount": account_id}},
            )
        ]
        if not is_commercial(self._region):  # there a stack has no load balancer of its own
            return access
        return [
            *access,
            # Elastic Load Balancing sends no condition keys; the account is in the path that it writes to.
            Statement(
                sid="LoadBalancerAccessLogs",
                principals={"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
                actions=["s3:PutObject"],
                resources=[pulumi.Output.format("{0}/{1}/AWSLogs/{2}/*", bucket.arn, LOAD_BALANCER_PREFIX, account_id)],
            ),
        ]
