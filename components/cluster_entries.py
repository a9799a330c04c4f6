"""Who may enter the cluster: one access entry for each role, named after the role."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks

from components.cluster_access import PREVIEW_GROUP

_ADMIN_POLICY = "cluster-access-policy/AmazonEKSClusterAdminPolicy"
_ENTRY = "aws:eks/accessEntry:AccessEntry"
_ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


class AccessEntries:
    """Makes the access entries of a cluster as children of its component.

    They are no children of `eks.Cluster` and never protected: a protected stack must be able to revoke a person.
    Each is named after its role, because EKS allows one entry for a principal: a name made from the position in a
    list would move to the next role when one is removed, while that role's own entry still exists (HTTP 409).
    """

    def __init__(
        self,
        resource_name: str,
        *,
        cluster: eks.Cluster,
        cluster_name: pulumi.Input[str],
        partition: str,
        parent: pulumi.Resource,
    ) -> None:
        self._name = resource_name
        self._partition = partition
        self._cluster = cluster
        self._cluster_name = cluster_name
        self._parent = parent

    def make(self, *, admins: Sequence[str], previews: Sequence[str]) -> None:
        """Admit administrators, and the roles of previews as a Kubernetes group without any policy of AWS."""
        for number, role_arn in enumerate(admins):
            entry = self._entry("admin", number, role_arn, groups=None)
            aws.eks.AccessPolicyAssociation(
                f"{self._name}-admin-{role_key(role_arn)}",
                cluster_name=self._cluster_name,
                principal_arn=role_arn,
                policy_arn=f"arn:{self._partition}:eks::aws:{_ADMIN_POLICY}",
                access_scope={"type": "cluster"},
                opts=pulumi.ResourceOptions(
                    parent=self._parent,
                    depends_on=[entry],
                    aliases=[
                        pulumi.create_urn(
                            f"{self._name}-admin-{number}-admin", _ASSOCIATION, self._before("admin", number)
                        )
                    ],
                ),
            )
        for number, role_arn in enumerate(previews):
            self._entry("preview", number, role_arn, groups=[PREVIEW_GROUP])

    def _entry(self, kind: str, number: int, role_arn: str, *, groups: list[str] | None) -> aws.eks.AccessEntry:
        return aws.eks.AccessEntry(
            f"{self._name}-{kind}-{role_key(role_arn)}",
            cluster_name=self._cluster_name,
            principal_arn=role_arn,
            kubernetes_groups=groups,
            opts=pulumi.ResourceOptions(
                parent=self._parent, depends_on=[self._cluster], aliases=[self._before(kind, number)]
            ),
        )

    def _before(self, kind: str, number: int) -> pulumi.Output[str]:
        """URN that release 0.1.0 gave to an entry: a child of `eks.Cluster`, named after its position."""
        return pulumi.create_urn(f"{self._name}-{kind}-{number}", _ENTRY, self._cluster)


def role_key(role_arn: str) -> str:
    """Account and name of a role, which no other role has: a path is not part of its identity (IAM, CreateRole)."""
    return f"{role_arn.split(':')[4]}-{role_arn.rpartition('/')[2]}"
