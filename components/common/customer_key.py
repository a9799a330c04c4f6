"""A customer-managed KMS key: what every key of the environment has in common."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.common.iam import Statement, policy
from components.common.names import physical_name


def customer_key(
    resource_name: str,
    *statements: Statement,
    parent: pulumi.Resource,
    protected: bool,
    retained: bool = False,
    multi_region: bool | None = None,
    account_root: pulumi.Output[str],
    description: str,
    alias: tuple[str, ...] = (),
    region: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> aws.kms.Key:
    """Make a key that rotates every year, with an alias. IAM policies of the account decide who may use it.

    `statements` say which AWS services may besides. `alias` is added to the project's and the stack's name, and without
    `region` the key is made in that of the stack. A `retained` key stays when the stack is deleted: what it encrypted,
    such as recovery points, outlives the stack. `tags` replace those of the provider that have the same key. A
    `multi_region` key can be copied to other regions; this cannot be changed later.
    """
    key = aws.kms.Key(
        resource_name,
        description=description,
        enable_key_rotation=True,
        deletion_window_in_days=30,
        policy=policy(
            Statement(
                sid="AccountDecides",
                actions=["kms:*"],
                resources=["*"],  # in a key policy this means the key itself
                principals={"AWS": [account_root]},
            ),
            *statements,
        ),
        multi_region=multi_region,
        region=region,
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent, protect=protected, retain_on_delete=protected or retained),
    )
    aws.kms.Alias(
        resource_name,
        name="alias/" + physical_name("kms-alias", *alias),
        target_key_id=key.key_id,
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return key
