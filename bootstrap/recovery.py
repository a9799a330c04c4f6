"""AccountCopies: state, keys and images in a second region, for the day on which their own is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import pulumi
import pulumi_aws as aws

from bootstrap.permissions import PROJECT
from components.common.context import RecoveryTarget
from components.common.names import physical_name
from components.common.private_bucket import PrivateBucket, private_bucket
from components.common.replication import replicate_bucket


@dataclass(frozen=True, kw_only=True)
class AccountCopiesArgs:
    """What is copied, and where to."""

    region: str
    """Region of what is copied."""
    recovery: RecoveryTarget
    protected: bool
    state: PrivateBucket
    """Bucket of Pulumi's state."""
    kms_key_arn: pulumi.Output[str]
    """Key that encrypts the bucket."""
    noncurrent_days: int
    """Days that an overwritten or deleted state file can still be restored from the copy."""
    state_key_arns: Mapping[str, pulumi.Output[str]]
    """Multi-Region keys that encrypt the secrets in the state, by stack."""
    repository: str
    """Name of the image repository."""


@final
class AccountCopies(pulumi.ComponentResource):
    """Replicates the state bucket, the keys of the secrets in it, and every image that is pushed from now on.

    Image replication is a setting of the account's registry in its region (ECR API reference,
    PutReplicationConfiguration): there is one for all repositories, and this one has a rule for ours alone.
    """

    backend_url: pulumi.Output[str]
    """What `pulumi login` is given in the recovery region."""

    def __init__(self, resource_name: str, args: AccountCopiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:bootstrap:AccountCopies", resource_name, None, opts)
        region = args.recovery.region
        copy = private_bucket(
            "state-recovery",
            parent=self,
            protected=args.protected,
            kms_key_arn=args.recovery.kms_key_arn,
            lifecycle_rules=[
                {
                    "id": "expire-old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": args.noncurrent_days},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            region=region,
        )
        replicate_bucket(
            "state-recovery",
            parent=self,
            source=args.state,
            source_region=args.region,
            source_key_arn=args.kms_key_arn,
            copy=copy,
            copy_region=region,
            copy_key_arn=args.recovery.kms_key_arn,
        )
        for stack, key_arn in args.state_key_arns.items():
            self._replica_key(stack, key_arn, args)
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        aws.ecr.ReplicationConfiguration(
            resource_name,
            replication_configuration={
                "rules": [
                    {
                        "destinations": [{"region": region, "registry_id": account_id}],
                        "repository_filters": [{"filter": args.repository, "filter_type": "PREFIX_MATCH"}],
                    }
                ]
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.backend_url = pulumi.Output.format("s3://{0}?region={1}", copy.bucket.id, region)
        self.register_outputs({"backend_url": self.backend_url})

    def _replica_key(self, stack: str, key_arn: pulumi.Output[str], args: AccountCopiesArgs) -> None:
        """Copy a key: what the original encrypted, its replica decrypts (KMS developer guide, "Multi-Region keys")."""
        name, region = f"state-{stack}-recovery", args.recovery.region
        replica = aws.kms.ReplicaKey(
            name,
            primary_key_arn=key_arn,
            description=f"Secrets in the state of {stack}",
            region=region,
            tags={"project": PROJECT, "stack": stack},
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected, retain_on_delete=args.protected),
        )
        aws.kms.Alias(
            name,
            name="alias/" + physical_name("kms-alias", "state", stack, "recovery"),
            target_key_id=replica.key_id,
            region=region,
            opts=pulumi.ResourceOptions(parent=self),
        )
