"""StateBucket: where Pulumi keeps what it knows."""

from dataclasses import dataclass
from typing import final

import pulumi

from bootstrap.settings import StateSettings
from components.common.private_bucket import private_bucket


@dataclass(frozen=True, kw_only=True)
class StateBucketArgs:
    """What an account decides about its state."""

    settings: StateSettings
    protected: bool
    kms_key_arn: pulumi.Output[str]
    """Key that encrypts the bucket."""


@final
class StateBucket(pulumi.ComponentResource):
    """Versioned, encrypted bucket for Pulumi's own backend. Every state file can be had back for a while."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]

    def __init__(self, resource_name: str, args: StateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:StateBucket", resource_name, None, opts)
        bucket = private_bucket(
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
        ).bucket
        self.name = bucket.id
        self.arn = bucket.arn
        self.register_outputs({"name": self.name, "arn": self.arn})
