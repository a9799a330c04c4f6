"""Once per AWS account: state, images, and who may preview and deploy."""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bootstrap.deployments import PulumiDeployments, PulumiDeploymentsArgs
from bootstrap.log_delivery import LogDelivery, LogDeliveryArgs
from bootstrap.recovery import AccountCopies, AccountCopiesArgs
from bootstrap.registry import REPOSITORY, ImageRegistry, ImageRegistryArgs
from bootstrap.roles import DeliveryRoles, DeliveryRolesArgs
from bootstrap.settings import load_settings
from bootstrap.state import StateBucket, StateBucketArgs, StateKeys, StateKeysArgs
from components.common.context import StackScope
from components.common.names import physical_name
from components.common.provider import aws_options
from components.encryption import EncryptionKey, EncryptionKeyArgs, RecoverySettings

cfg = load_settings()
on_aws = aws_options(region=cfg.region, tags=cfg.tags)

recovery = RecoverySettings(region=cfg.recovery_region) if cfg.recovery_region else None
scope = StackScope(region=cfg.region, protected=cfg.protected, aws_backup=False)
key = EncryptionKey("key", EncryptionKeyArgs(scope=scope, recovery=recovery), on_aws)
state = StateBucket("state", StateBucketArgs(settings=cfg.state, protected=cfg.protected, kms_key_arn=key.arn), on_aws)
images = ImageRegistry(
    "images", ImageRegistryArgs(settings=cfg.registry, protected=cfg.protected, kms_key_arn=key.arn), on_aws
)
state_keys = StateKeys(
    "state", StateKeysArgs(stacks=list(cfg.stacks), region=cfg.region, protected=cfg.protected), on_aws
)
if key.recovery:
    copies = AccountCopies(
        "copies",
        AccountCopiesArgs(
            region=cfg.region,
            recovery=key.recovery,
            protected=cfg.protected,
            state=state.bucket,
            kms_key_arn=key.arn,
            noncurrent_days=cfg.state.noncurrent_days,
            state_key_arns=state_keys.arns,
            repository=REPOSITORY,
        ),
        on_aws,
    )
    pulumi.export("recovery_backend_url", copies.backend_url)
LogDelivery("log-delivery", LogDeliveryArgs(region=cfg.region), on_aws)
roles = DeliveryRoles(
    "roles",
    DeliveryRolesArgs(
        settings=cfg,
        state_bucket_arn=state.arn,
        state_key_arns=state_keys.arns,
        kms_key_arn=key.arn,
        registry_arn=images.arn,
    ),
    on_aws,
)
if cfg.delivery == "pulumi-deployments" and cfg.pulumi_cloud:
    PulumiDeployments(
        "deployments",
        PulumiDeploymentsArgs(settings=cfg, organization=cfg.pulumi_cloud.organization, role_arns=roles.deploy),
    )

pulumi.export("delivery", cfg.delivery)
pulumi.export("backend_url", pulumi.Output.format("s3://{0}?region={1}", state.name, cfg.region))
pulumi.export("secrets_provider", f"awskms://alias/{physical_name('kms-alias')}?region={cfg.region}")
pulumi.export("registry", images.url)
pulumi.export("secrets_providers", dict(state_keys.secrets_providers))
pulumi.export("preview_role_arns", dict(roles.preview))
pulumi.export("drift_role_arn", roles.drift)
pulumi.export("image_role_arn", roles.image)
pulumi.export("deploy_role_arns", dict(roles.deploy))
pulumi.export("permissions_boundary_arns", dict(roles.boundaries))
