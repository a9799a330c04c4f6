"""The AWS provider of a stack: its region, and the one place where tags come from."""

from collections.abc import Mapping, Sequence
from typing import cast

import pulumi
import pulumi_aws as aws

from components.common.boundary import apply_permissions_boundary


def aws_options(
    *, region: str, tags: Mapping[str, str], permissions_boundary_arn: str | None = None
) -> pulumi.ResourceOptions:
    """Options that make a component and its children use the stack's provider, which tags everything it makes.

    Every IAM role that is registered from here on gets the permissions boundary, if there is one.
    """
    apply_permissions_boundary(permissions_boundary_arn)
    provider = aws.Provider(
        "aws",
        region=region,
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={
                **tags,
                "project": pulumi.get_project(),
                "stack": pulumi.get_stack(),
                "managed-by": "pulumi",
            }
        ),
    )
    return pulumi.ResourceOptions(providers=[provider])


def ask_with(opts: pulumi.ResourceOptions) -> pulumi.InvokeOptions:
    """Options that make a look-up use the provider of `aws_options` where no component can lend it."""
    (provider,) = cast("Sequence[pulumi.ProviderResource]", opts.providers)
    return pulumi.InvokeOptions(provider=provider)
