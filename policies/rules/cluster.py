"""The EKS cluster, its nodes, and rights inside of it."""

from collections.abc import Iterator
from datetime import timedelta

from policies.model import Resource, Stack, items, owner_rule, rule, text
from policies.unknown import those
from policies.versions import KUBERNETES

CLUSTER = "aws:eks/cluster:Cluster"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:eks.amazonaws.com/v1:NodeClass"
RBAC = "kubernetes:rbac.authorization.k8s.io/v1"
_WARNED_BEFORE = timedelta(days=60)
_NEEDED_LOGS = {"api", "audit", "authenticator"}


@rule(
    CLUSTER,
    fix="set cluster.public_access_cidrs to [] and deploy from inside the VPC",
    controls=("AWS EKS.1", "CIS-EKS 5.4.2"),
)
def eks_endpoint_private(cluster: Resource) -> Iterator[str]:
    """Whoever finds a vulnerability, or a token, must first be inside the VPC."""
    if cluster.lacks("vpcConfig.endpointPublicAccess", False):
        yield "the endpoint is public"


@rule(
    CLUSTER,
    fix="name the networks in public_access_cidrs, and set endpoint_private_access",
    controls=("CIS-EKS 5.4.1",),
)
def eks_endpoint_bounded(cluster: Resource) -> Iterator[str]:
    """A public endpoint without a list answers the whole internet; without the private one, nodes go over it."""
    if cluster.lacks("vpcConfig.endpointPrivateAccess", True):
        yield "endpointPrivateAccess is not true"
    cidrs = cluster.get("vpcConfig.publicAccessCidrs")
    if cluster.lacks("vpcConfig.endpointPublicAccess", False) and (
        not cidrs or {"0.0.0.0/0", "::/0"} & set(cluster.items("vpcConfig.publicAccessCidrs"))
    ):
        yield "the public endpoint admits everybody"


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


@owner_rule(CLUSTER, fix="raise cluster.kubernetes_version; docs/deploy.md says how", controls=("AWS EKS.2",))
def eks_version_supported(stack: Stack, cluster: Resource) -> Iterator[str]:
    """After standard support EKS asks for 0.50 USD more an hour, or upgrades on a day of its own choice."""
    version = text(cluster.get("version"))
    end = KUBERNETES.get(version)
    if version and end is None and _minor(version) < _minor(max(KUBERNETES, key=_minor)):
        yield f"Kubernetes {version} is not among the supported: {', '.join(KUBERNETES)}"
    elif end and end < stack.today:
        yield f"standard support of Kubernetes {version} ended on {end}"


@owner_rule(
    CLUSTER,
    fix="raise cluster.kubernetes_version; docs/deploy.md says how",
    controls=("AWS EKS.2",),
    severity="advisory",
)
def eks_version_ends_soon(stack: Stack, cluster: Resource) -> Iterator[str]:
    """An upgrade wants a week of rehearsal, so the end is announced two months ahead."""
    end = KUBERNETES.get(text(cluster.get("version")))
    if end and stack.today <= end < stack.today + _WARNED_BEFORE:
        yield f"standard support of Kubernetes {cluster.get('version')} ends on {end}"


@rule(CLUSTER, fix="set upgrade_policy.support_type to STANDARD")
def eks_no_extended_support(cluster: Resource) -> Iterator[str]:
    """Extended support is the default, and costs six times as much."""
    if cluster.lacks("upgradePolicy.supportType", "STANDARD"):
        yield f"supportType is {cluster.get('upgradePolicy.supportType') or 'not set, so EXTENDED'}"


@rule(CLUSTER, fix="set encryption_config with the stack's key", controls=("AWS EKS.3", "CIS-EKS 5.3.1"))
def eks_secrets_encrypted(cluster: Resource) -> Iterator[str]:
    """Secrets of pods lie in etcd; with an own key their reading can be seen, and ended."""
    if cluster.without("encryptionConfig.provider.keyArn"):
        yield "encryptionConfig names no key"
    elif cluster.lacks("encryptionConfig.resources", ["secrets"]):
        yield "encryptionConfig does not name secrets"


@rule(CLUSTER, fix="add api, audit and authenticator to the log types", controls=("AWS EKS.8", "CIS-EKS 2.1.1"))
def eks_logged(cluster: Resource) -> Iterator[str]:
    """The audit log is the only one that says who changed what."""
    missing = _NEEDED_LOGS - set(cluster.items("enabledClusterLogTypes"))
    if missing and cluster.lacks("enabledClusterLogTypes"):
        yield f"{', '.join(sorted(missing))} not logged"


@rule(CLUSTER, fix="set deletion_protection to True", protected_only=True)
def eks_deletion_protection(cluster: Resource) -> Iterator[str]:
    """One wrong call deletes the cluster with all that runs in it."""
    if cluster.lacks("deletionProtection", True):
        yield "deletionProtection is not true"


@rule(CLUSTER, fix="set authentication_mode to API", controls=("CIS-EKS 4.1.7",))
def eks_access_entries(cluster: Resource) -> Iterator[str]:
    """Rights in the aws-auth ConfigMap can be edited from inside the cluster, and appear in no AWS log."""
    if cluster.lacks("accessConfig.authenticationMode", "API"):
        yield f"authenticationMode is {cluster.get('accessConfig.authenticationMode')}"


@owner_rule(CLUSTER, fix="give the cluster private subnets", controls=("CIS-EKS 5.4.3",))
def eks_private_nodes(stack: Stack, cluster: Resource) -> Iterator[str]:
    """A node in a public subnet can be reached past CloudFront and its firewall."""
    subnets = {subnet.id: subnet for subnet in stack.of("aws:ec2/subnet:Subnet") if subnet.id}
    for subnet_id in cluster.items("vpcConfig.subnetIds"):
        subnet = subnets.get(text(subnet_id))
        if subnet and subnet.get("tags.SubnetType") == "Public":
            yield f"subnet {subnet.name} is public"


@owner_rule(
    CLUSTER,
    fix="set enable-network-policy-controller to true in the ConfigMap kube-system/amazon-vpc-cni",
    controls=("CIS-EKS 4.3.1", "CIS-EKS 5.4.4"),
)
def eks_network_policies_enforced(stack: Stack, _cluster: Resource) -> Iterator[str]:
    """Auto Mode accepts network policies and ignores them until it is told otherwise."""

    def enforces(config: Resource) -> bool:
        return (
            text(config.get("metadata.name")) == "amazon-vpc-cni"
            and text(config.get("data.enable-network-policy-controller")) == "true"
        )

    if not those(stack.of("kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ConfigMapPatch"), enforces):
        yield "network policies are not enforced"


@rule(NODE_POOL, fix="set spec.limits.cpu")
def node_pool_bounded(pool: Resource) -> Iterator[str]:
    """Without a limit a mistake in a deployment buys machines until somebody sees the bill."""
    if pool.without("spec.limits.cpu"):
        yield "spec.limits.cpu is not set"


@rule(NODE_POOL, fix="set spec.template.spec.expireAfter to 336h or less")
def node_pool_expires(pool: Resource) -> Iterator[str]:
    """Nodes get their security fixes by being replaced."""
    if pool.get("spec.template.spec.expireAfter") == "Never":
        yield "expireAfter is Never"


@rule(NODE_CLASS, fix="remove associatePublicIPAddress", controls=("CIS-EKS 5.4.3", "AWS EC2.9"))
def node_class_private(node_class: Resource) -> Iterator[str]:
    """A node with a public address can be reached past CloudFront and its firewall."""
    if node_class.get("spec.advancedNetworking.associatePublicIPAddress") is True:
        yield "nodes get public addresses"


@rule(f"{RBAC}:Role", f"{RBAC}:ClusterRole", fix="name groups, resources and verbs", controls=("CIS-EKS 4.1.3",))
def rbac_named_rights(role: Resource) -> Iterator[str]:
    """A wildcard covers kinds that are installed next year."""
    for entry in role.items("rules"):
        for key in ("apiGroups", "resources", "verbs"):
            if "*" in items(entry, key):
                yield f"{key} holds *"


@rule(f"{RBAC}:ClusterRole", fix="use a Role in the namespace, with resourceNames", controls=("CIS-EKS 4.1.2",))
def rbac_no_secrets_everywhere(role: Resource) -> Iterator[str]:
    """Reading Secrets in all namespaces is as good as being administrator."""
    for entry in role.items("rules"):
        if "secrets" in items(entry, "resources") and {"get", "list", "watch", "*"} & set(items(entry, "verbs")):
            yield "reads Secrets of all namespaces"


@rule(
    f"{RBAC}:ClusterRoleBinding",
    f"{RBAC}:RoleBinding",
    fix="bind a role with what is needed",
    controls=("CIS-EKS 4.1.1",),
)
def rbac_no_cluster_admin(binding: Resource) -> Iterator[str]:
    """Administrators come by access entries of EKS, which AWS logs; nothing in the cluster needs to be one."""
    if binding.get("roleRef.name") == "cluster-admin":
        yield "binds cluster-admin"
