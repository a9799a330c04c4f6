"""Who the pods are in AWS: roles that EKS Pod Identity gives to service accounts."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import core

from components.common.iam import Statement, pod_identity_trust, policy


def pod_identity(
    resource_name: str,
    service_account: str,
    *,
    namespace: core.v1.Namespace,
    namespace_name: str,
    cluster_name: pulumi.Input[str],
    cluster_arn: pulumi.Input[str],
    statements: Sequence[Statement],
    parent: pulumi.Resource,
    kubernetes: pulumi.ProviderResource,
) -> tuple[pulumi.Output[str], aws.eks.PodIdentityAssociation]:
    """Make a service account whose pods may do what `statements` say, and nothing else in AWS.

    Returns the account's name and the association, which pods must wait for: it is read when a pod starts.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        resource_name,
        description=f"Pods of service account {namespace_name}/{service_account}",
        assume_role_policy=pod_identity_trust(
            cluster_arn=cluster_arn, namespace=namespace_name, service_account=service_account
        ),
        opts=child,
    )
    role_policy = aws.iam.RolePolicy(resource_name, role=role.id, policy=policy(*statements), opts=child)
    account = core.v1.ServiceAccount(
        resource_name,
        metadata={"name": service_account, "namespace": namespace.metadata.name},
        automount_service_account_token=False,
        opts=pulumi.ResourceOptions(parent=parent, provider=kubernetes),
    )
    association = aws.eks.PodIdentityAssociation(
        resource_name,
        cluster_name=cluster_name,
        namespace=namespace_name,
        service_account=service_account,
        role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role_policy]),
    )
    return account.metadata.apply(lambda metadata: str(metadata.name)), association
