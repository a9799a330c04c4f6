"""Who the pods are in AWS: roles that EKS Pod Identity gives to service accounts."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.common.connections import ClusterAccess
from components.common.iam import Statement, pod_identity_trust, policy


def pod_identity(
    resource_name: str,
    service_account: str,
    *,
    namespace: str,
    cluster: ClusterAccess,
    statements: Sequence[Statement],
    parent: pulumi.Resource,
) -> aws.eks.PodIdentityAssociation:
    """Let the pods of a service account do what `statements` say, and nothing else in AWS.

    Pods must wait for the association: it is read when a pod starts.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        resource_name,
        description=f"Pods of service account {namespace}/{service_account}",
        assume_role_policy=pod_identity_trust(
            cluster_arn=cluster.arn, namespace=namespace, service_account=service_account
        ),
        opts=child,
    )
    role_policy = aws.iam.RolePolicy(resource_name, role=role.id, policy=policy(*statements), opts=child)
    return aws.eks.PodIdentityAssociation(
        resource_name,
        cluster_name=cluster.name,
        namespace=namespace,
        service_account=service_account,
        role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role_policy]),
    )
