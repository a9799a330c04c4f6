"""The permissions boundary of every IAM role, also of those that remote components (awsx, eks) make."""

import pulumi

_ROLE = "aws:iam/role:Role"


def apply_permissions_boundary(boundary_arn: str | None) -> None:
    """Give every role that is registered from here on the boundary, if there is one.

    The engine applies it, so roles inside remote components get it too. The test monitor applies no transforms.
    """
    if boundary_arn:
        pulumi.runtime.register_resource_transform(lambda args: bounded(args, boundary_arn))


def bounded(args: pulumi.ResourceTransformArgs, boundary_arn: str) -> pulumi.ResourceTransformResult | None:
    """Return a role with the boundary; None leaves any other resource as it is."""
    if args.type_ != _ROLE:
        return None
    return pulumi.ResourceTransformResult(
        props={**args.props, "permissionsBoundary": boundary_arn},
        opts=args.opts,
    )
