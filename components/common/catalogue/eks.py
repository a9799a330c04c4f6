"""Amazon EKS."""

from typing import Final

from components.common.catalogue.entry import (
    UNKNOWN,
    Actions,
    AwsEntry,
    Call,
    DeletionProtection,
    Given,
    Moto,
    NameRule,
    Reference,
    Replacement,
    Service,
    ServiceLogs,
    TagRule,
    Unique,
)

EKS: Final = Service(name="eks", reference="eks/latest/APIReference", tags=TagRule(source="eks CreateCluster tags.key"))

ENTRIES = (
    AwsEntry(
        type="aws:eks/accessEntry:AccessEntry",
        unnamed="its cluster and its principal",
        tags=EKS,
        replacement=Replacement(
            properties="clusterName principalArn type",
            source="eks/access_entry.go",
            cloudformation="AWS::EKS::AccessEntry",
        ),
        price="free",
        actions=Actions(
            read="eks:DescribeAccessEntry",
            create="eks:CreateAccessEntry eks:TagResource",
            update="eks:UpdateAccessEntry eks:TagResource eks:UntagResource",
            delete="eks:DeleteAccessEntry",
        ),
        moto=Moto(recorded_only="moto has no access entries"),
        unique=Unique(
            keys=(
                "clusterName",
                "principalArn",
            ),
            code="ResourceInUseException",
            status=409,
            source=EKS.api("CreateAccessEntry"),
        ),
    ),
    AwsEntry(
        type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        unnamed="its cluster, principal and policy",
        replacement=Replacement(
            properties="accessScope clusterName policyArn principalArn", source="eks/access_policy_association.go"
        ),
        price="free",
        actions=Actions(
            read="eks:ListAssociatedAccessPolicies",
            create="eks:AssociateAccessPolicy",
            delete="eks:DisassociateAccessPolicy",
        ),
        moto=Moto(recorded_only="moto has no access entries"),
    ),
    AwsEntry(
        type="aws:eks/addon:Addon",
        unnamed="its cluster and the add-on, named by AWS",
        tags=EKS,
        replacement=Replacement(
            properties="addonName clusterName namespaceConfig", source="eks/addon.go", cloudformation="AWS::EKS::Addon"
        ),
        price="rule",
        actions=Actions(
            read="eks:DescribeAddon",
            create="eks:CreateAddon eks:TagResource",
            update="eks:UpdateAddon eks:DescribeUpdate eks:TagResource eks:UntagResource",
            delete="eks:DeleteAddon",
        ),
        moto=Moto(recorded_only="moto has no EKS add-ons"),
        unique=Unique(
            keys=(
                "clusterName",
                "addonName",
            ),
            code="ResourceInUseException",
            status=409,
            source=EKS.api("CreateAddon"),
        ),
    ),
    AwsEntry(
        type="aws:eks/cluster:Cluster",
        data="recreated",
        names=(NameRule(longest=100, pattern=r"[0-9A-Za-z][A-Za-z0-9\-_]*", source="eks CreateCluster name"),),
        autoname="limited",
        tags=EKS,
        given=Given(kind="eks-cluster", forbidden="[^A-Za-z0-9_-]"),
        reference=Reference(key="clusterName", name="name"),
        logs=ServiceLogs(
            name="name",
            pattern="/aws/eks/{}/",
            source="https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
        ),
        replacement=Replacement(
            properties=(
                "accessConfig.bootstrapClusterCreatorAdminPermissions bootstrapSelfManagedAddons "
                "computeConfig.nodeRoleArn encryptionConfig- kubernetesNetworkConfig.ipFamily "
                "kubernetesNetworkConfig.serviceIpv4Cidr name outpostConfig roleArn"
            ),
            source="eks/cluster.go",
            cloudformation="AWS::EKS::Cluster",
            in_place={"EncryptionConfig": "only taking it away replaces (`ForceNewIfChange`)"},
        ),
        price="rule",
        actions=Actions(
            read="eks:DescribeCluster",
            create=(
                "eks:CreateCluster eks:TagResource iam:PassRole iam:GetRole iam:CreateServiceLinkedRole "
                "ec2:DescribeSubnets ec2:DescribeVpcs kms:DescribeKey kms:CreateGrant"
            ),
            update=(
                "eks:UpdateClusterConfig eks:UpdateClusterVersion eks:DescribeUpdate "
                "eks:AssociateEncryptionConfig eks:TagResource eks:UntagResource"
            ),
            delete="eks:DeleteCluster",
        ),
        moto=Moto(
            lost={
                "accessConfig": UNKNOWN,
                "bootstrapSelfManagedAddons": UNKNOWN,
                "computeConfig": UNKNOWN,
                "deletionProtection": UNKNOWN,
                "storageConfig": UNKNOWN,
                "upgradePolicy": UNKNOWN,
            },
            delete=Call(service="eks", operation="delete_cluster", arguments={"name": "id"}),
            read=Call(service="eks", operation="describe_cluster", arguments={"name": "id"}),
        ),
        unique=Unique(code="ResourceInUseException", status=409, source=EKS.api("CreateCluster")),
        protection=DeletionProtection(
            key="deletionProtection",
            code="InvalidRequestException",
            says="the cluster cannot be deleted while deletion protection is enabled",
            source="https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
        ),
    ),
    AwsEntry(
        type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
        unnamed="an id that AWS gives",
        tags=EKS,
        replacement=Replacement(
            properties="clusterName namespace serviceAccount",
            source="eks/pod_identity_association.go",
            cloudformation="AWS::EKS::PodIdentityAssociation",
        ),
        price="free",
        actions=Actions(
            read="eks:DescribePodIdentityAssociation",
            create="eks:CreatePodIdentityAssociation eks:TagResource iam:PassRole iam:GetRole",
            update="eks:UpdatePodIdentityAssociation eks:TagResource eks:UntagResource iam:PassRole",
            delete="eks:DeletePodIdentityAssociation",
        ),
        moto=Moto(recorded_only="moto has no Pod Identity"),
        unique=Unique(
            keys=(
                "clusterName",
                "namespace",
                "serviceAccount",
            ),
            code="ResourceInUseException",
            status=409,
            source=EKS.api("CreatePodIdentityAssociation"),
        ),
    ),
)
