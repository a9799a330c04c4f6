"""Versions of EKS add-ons: EKS updates none by itself (EKS User Guide, "Update an Amazon EKS add-on")."""

import pulumi
import pulumi_aws as aws


def default_version(addon_name: str, kubernetes_version: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Version that EKS installs by default with this Kubernetes version, looked up by each preview and deployment.

    Not the newest one: AWS moves the default when a version has proved itself. Without a version the provider keeps
    the one that was installed first, through every upgrade of the cluster.
    """
    found = aws.eks.get_addon_version_output(
        addon_name=addon_name,
        kubernetes_version=kubernetes_version,
        most_recent=False,
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    return found.version
