"""EksCluster: Kubernetes on EKS Auto Mode, and the provider through which the program speaks to it."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self, final

import pulumi
import pulumi_aws as aws
import pulumi_eks as eks
import pulumi_kubernetes as k8s
from pydantic import AfterValidator, Field, model_validator

from components.cluster_access import grant_preview_read_access
from components.cluster_entries import AccessEntries, role_key
from components.cluster_existing import (
    ClusterNeeds,
    ExistingCluster,
    FoundCluster,
    SecurityGroupId,
    kubeconfig,
    require_cluster,
    unused_with,
)
from components.common.addons import default_version
from components.common.cidr import Cidr, PublicCidr
from components.common.connections import ClusterAccess
from components.common.context import StackContext, Subnets
from components.common.model import AS_A_SET, Settings
from components.common.names import physical_name
from components.common.ordering import known_after
from components.common.partition import build_arn, partition
from components.common.spelling import RoleArn, Spelling

__all__ = ["ClusterNeeds", "ClusterSettings", "EksCluster", "EksClusterArgs", "require_cluster"]

_METRICS_SERVER = "metrics-server"
_CONTROL_PLANE_LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


_PRIVATE = [ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")]

_LARGEST_PREFIX, _SMALLEST_PREFIX = 12, 24


def _service_network(cidr: str) -> str:
    """EKS API Reference, KubernetesNetworkConfigRequest, serviceIpv4Cidr."""
    network = ipaddress.IPv4Network(cidr)
    if not any(network.subnet_of(block) for block in _PRIVATE):
        raise ValueError(
            f"{cidr} must lie in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16: EKS takes no other block for services"
        )
    if not _LARGEST_PREFIX <= network.prefixlen <= _SMALLEST_PREFIX:
        raise ValueError(f"{cidr} must be between /12 and /24: EKS takes no other size for services")
    return cidr


_MOST_PUBLIC_CIDRS = 40
"""AWS General Reference, "Amazon Elastic Kubernetes Service endpoints and quotas" (eks.html), "Public endpoint access
CIDR ranges per cluster": 40, not adjustable."""
_MOST_API_CLIENTS = 50
"""A security group takes 60 rules of IPv4 for each direction until that is raised (Amazon VPC User Guide, "Amazon VPC
quotas", amazon-vpc-limits.html), and the cluster's has some of its own."""


class ClusterSettings(Settings):
    """The cluster of a stack."""

    existing: ExistingCluster | None = None
    """Use this cluster instead of making one (docs/shared-cluster.md); every other key of this section then stays
    away. The VPC must be an existing one too, the cluster's."""

    kubernetes_version: Annotated[
        str,
        Spelling(
            pattern=r"^1\.(3[5-9]|[4-9]\d)$",
            is_="a minor version of Kubernetes, 1.35 or newer",
            examples=["1.36"],
            wrong=(
                (r"^v", "it begins with a v"),
                (r"^1\.\d+\.", "it names a patch version, which EKS chooses itself"),
                (r"^1\.(\d|[12]\d|3[0-4])$", "it is older than what this program is tested with"),
            ),
            find="`aws eks describe-cluster-versions --query 'clusterVersions[].clusterVersion'` prints those of EKS",
        ),
    ] = "1.36"
    """Minor version, 1.35 or newer: tested with 1.35 and 1.36. Name a newer one when EKS has upgraded the cluster by
    itself, which it does at the end of support; it cannot be lowered."""
    public_access_cidrs: Annotated[list[PublicCidr], Field(max_length=_MOST_PUBLIC_CIDRS), AS_A_SET] = []
    """Networks from which the API answers over the internet; none: only inside the VPC. The deployer must reach it."""
    api_client_cidrs: list[Cidr] = []
    """Networks that reach the API inside the VPC on port 443: a VPN, a connected network, the subnets of a runner. EKS
    itself admits the nodes only."""
    api_client_security_group_ids: list[SecurityGroupId] = []
    """Security groups, of this VPC or a peered one, that reach the API in the same way: those of a runner."""
    admin_role_arns: list[RoleArn] = []
    """IAM roles that administer the cluster, besides the one that made it."""
    preview_role_arns: list[RoleArn] = []
    """IAM roles of previews and of drift detection (bootstrap's `preview_role_arns`, `drift_role_arn`): they read
    the cluster but no Secret, and write nothing but in a dry run."""
    service_cidr: Annotated[Cidr, AfterValidator(_service_network)] = "172.20.0.0/16"
    """Addresses of Kubernetes services, /12 to /24; must not overlap the VPC or what it is connected to."""
    metrics_server: bool = True
    """Install the add-on that autoscalers on CPU and `kubectl top` read. Where nothing scales on CPU, `false` saves the
    node that its pods would be alone on."""
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] = 90
    """Days to keep the control plane's logs."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.existing and (others := sorted(self.model_fields_set - {"existing"})):
            raise ValueError(unused_with(others))
        clients = len(self.api_client_cidrs) + len(self.api_client_security_group_ids)
        if clients > _MOST_API_CLIENTS:
            raise ValueError(
                f"api_client_cidrs and api_client_security_group_ids name {clients} in all, and the cluster's security "
                f"group has room for {_MOST_API_CLIENTS}; name networks that hold several of them"
            )
        admins, previews = ({role_key(arn) for arn in arns} for arns in (self.admin_role_arns, self.preview_role_arns))
        if both := sorted(admins & previews):
            raise ValueError(
                f"{', '.join(both)} (account-role) stands in admin_role_arns and in preview_role_arns; EKS has one "
                "access entry for a role. Remove it from one of the two"
            )
        return self

    @property
    def has_api_clients(self) -> bool:
        """Whether anybody but the nodes reaches the API by these settings."""
        return bool(self.public_access_cidrs or self.api_client_cidrs or self.api_client_security_group_ids)

    def overlaps(self, cidr: str) -> bool:
        """Whether the services' addresses overlap a network."""
        return ipaddress.IPv4Network(self.service_cidr).overlaps(ipaddress.IPv4Network(cidr))


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs:
    """What a stack decides about its cluster, and where it lies."""

    settings: ClusterSettings
    stack: StackContext
    subnets: Subnets
    """Private subnets for nodes and pods."""
    runner: pulumi.Output[str] | None = None
    """Security group of the stack's own runner, which reaches the API; None without one."""
    found: FoundCluster | None = None
    """The existing cluster of the settings, looked up; None where the stack makes one."""


@final
class EksCluster(pulumi.ComponentResource):
    """EKS in Auto Mode: AWS runs nodes, networking, load balancing, storage and the Pod Identity agent.

    Access is by access entries only; whoever creates the cluster becomes its administrator.
    """

    access: ClusterAccess
    """How to reach it: name, security group of the pods, Kubernetes provider."""
    clients: Mapping[str, pulumi.Output[str]]
    """Security groups that the pods come from, by a name for each: data stores admit them."""

    def __init__(self, resource_name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("flowise:cluster:EksCluster", resource_name, None, opts)
        if args.settings.existing and args.found:
            self.access = self._use(resource_name, args, args.settings.existing, args.found)
        else:
            self.access = self._make(resource_name, args)
        self.clients = {"cluster": self.access.security_group_id}
        self.register_outputs(
            {
                "name": self.access.name,
                "arn": self.access.arn,
                "security_group_id": self.access.security_group_id,
            }
        )

    def _use(
        self, resource_name: str, args: EksClusterArgs, existing: ExistingCluster, found: FoundCluster
    ) -> ClusterAccess:
        """Speak to a cluster that is there, and make nothing of it."""
        child = pulumi.ResourceOptions(parent=self)
        config = kubeconfig(found, args.stack.region)
        security_group_id = pulumi.Output.from_input(found.security_group_id)
        _admit_api_clients(resource_name, args, security_group_id, child)
        return ClusterAccess(
            name=pulumi.Output.from_input(found.name),
            arn=pulumi.Output.from_input(found.arn),
            security_group_id=security_group_id,
            subnets=args.subnets,
            node_role_name=None,
            service_cidr=found.service_cidr,
            kubernetes_version=found.version,
            owned=False,
            auto_mode=found.auto_mode,
            placement=existing.placement,
            provider=k8s.Provider(resource_name, kubeconfig=config, cluster_identifier=found.name, opts=child),
            private_provider=k8s.Provider(
                f"{resource_name}-private",
                kubeconfig=config,
                cluster_identifier=found.name,
                enable_server_side_apply=False,
                opts=child,
            ),
        )

    def _make(self, resource_name: str, args: EksClusterArgs) -> ClusterAccess:
        child = pulumi.ResourceOptions(parent=self)
        name = physical_name("eks-cluster")
        account_id = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id
        logs = aws.cloudwatch.LogGroup(
            resource_name,
            name=f"/aws/eks/{name}/cluster",
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.stack.kms_key_arn,
            opts=child,
        )
        cluster = eks.Cluster(
            resource_name,
            name=name,
            version=args.settings.kubernetes_version,
            vpc_id=args.subnets.vpc_id,
            private_subnet_ids=args.subnets.ids,
            kubernetes_service_ip_address_range=args.settings.service_cidr,
            authentication_mode=eks.AuthenticationMode.API,
            auto_mode=eks.AutoModeOptionsArgs(
                enabled=True, compute_config=eks.ClusterComputeConfigArgs(node_pools=["system", "general-purpose"])
            ),
            endpoint_private_access=True,
            endpoint_public_access=bool(args.settings.public_access_cidrs),
            public_access_cidrs=args.settings.public_access_cidrs or None,
            encryption_config_key_arn=args.stack.kms_key_arn,
            enabled_cluster_log_types=_CONTROL_PLANE_LOGS,
            deletion_protection=args.stack.protected,
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            skip_default_node_group=True,
            create_oidc_provider=False,  # pods get their rights by Pod Identity
            coredns_addon_options=eks.CoreDnsAddonOptionsArgs(enabled=False),  # Auto Mode brings DNS on every node
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=args.stack.protected,
                depends_on=[logs],  # EKS would make the group itself, kept indefinitely and not encrypted with our key
            ),
        )
        # EKS makes this group with the cluster and puts every Auto Mode node into it.
        security_group_id = cluster.cluster_security_group_id
        known_name = known_after(name, cluster)
        cluster_arn = build_arn("eks", args.stack.region, account_id, pulumi.Output.concat("cluster/", known_name))
        provider = k8s.Provider(
            resource_name,
            kubeconfig=cluster.kubeconfig_json,
            cluster_identifier=name,  # another kubeconfig for the same cluster must not replace what is in it
            opts=child,
        )
        # Server-side apply previews by a PATCH. Without it the provider previews a new object by itself, and a changed
        # one too where the API refuses to show the old one (pulumi-kubernetes 4, provider.go, Create and Update).
        private_provider = k8s.Provider(
            f"{resource_name}-private",
            kubeconfig=cluster.kubeconfig_json,
            cluster_identifier=name,
            enable_server_side_apply=False,
            opts=child,
        )
        if args.settings.metrics_server:
            aws.eks.Addon(
                f"{resource_name}-metrics-server",  # the HorizontalPodAutoscaler's source; not part of Auto Mode
                cluster_name=known_name,
                addon_name=_METRICS_SERVER,
                addon_version=default_version(_METRICS_SERVER, args.settings.kubernetes_version, self),
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                opts=child,
            )
        _admit_api_clients(resource_name, args, security_group_id, child)
        AccessEntries(
            resource_name,
            cluster=cluster,
            cluster_name=known_name,
            partition=partition(args.stack.region),
            parent=self,
        ).make(admins=args.settings.admin_role_arns, previews=args.settings.preview_role_arns)
        # Auto Mode accepts NetworkPolicies but enforces them only with this switch.
        k8s.core.v1.ConfigMapPatch(
            f"{resource_name}-network-policy",
            metadata={"name": "amazon-vpc-cni", "namespace": "kube-system"},
            data={"enable-network-policy-controller": "true"},
            opts=pulumi.ResourceOptions(parent=self, provider=provider),
        )
        if args.settings.preview_role_arns:
            grant_preview_read_access(
                resource_name, opts=pulumi.ResourceOptions(parent=self, provider=private_provider)
            )
        return ClusterAccess(
            name=known_name,
            arn=cluster_arn,
            security_group_id=security_group_id,
            subnets=args.subnets,
            node_role_name=cluster.auto_mode_node_role_name,
            service_cidr=args.settings.service_cidr,
            kubernetes_version=args.settings.kubernetes_version,
            owned=True,
            auto_mode=True,
            placement=None,
            provider=provider,
            private_provider=private_provider,
        )


def _admit_api_clients(
    resource_name: str, args: EksClusterArgs, security_group_id: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> None:
    """Let whoever deploys reach the API: the cluster's group admits itself only (EKS User Guide, sec-group-reqs)."""
    sources: dict[str, pulumi.Input[str]] = {
        source: source for source in (*args.settings.api_client_cidrs, *args.settings.api_client_security_group_ids)
    }
    if args.runner is not None:
        sources["runner"] = args.runner
    for name, source in sources.items():
        is_network = name in args.settings.api_client_cidrs
        aws.vpc.SecurityGroupIngressRule(
            f"{resource_name}-api-{name}",
            security_group_id=security_group_id,
            description=f"Kubernetes API from {name}",
            cidr_ipv4=source if is_network else None,
            referenced_security_group_id=None if is_network else source,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=opts,
        )
