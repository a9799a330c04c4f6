"""A cluster that somebody else manages: what a stack says of it, and what it must have before anything is created."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import pulumi
import pulumi_aws as aws
from pydantic import Field

from components.common.connections import NodePlacement, Toleration
from components.common.model import AS_A_SET, Settings
from components.common.spelling import Spelling

OLDEST_VERSION: Final = (1, 35)
"""Minor version of Kubernetes that this program is tested with, and the first of them."""
_CLUSTERS = "`aws eks list-clusters` prints the clusters of a region"
_LABEL_VALUE = r"^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$"
_LABEL_KEY = r"^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$"
_NODES = "`kubectl get nodes --show-labels` prints labels, `kubectl describe node NAME` taints"

LabelKey = Annotated[
    str,
    Spelling(
        pattern=_LABEL_KEY,
        is_="the key of a label or taint, at most one / after a domain and 63 characters after that",
        examples=["karpenter.sh/nodepool", "dedicated"],
        wrong=((r"/.*/", "it has more than one slash"), (r"=", "it has a value too"), (r"\s", "it has spaces")),
        find=_NODES,
    ),
]
LabelValue = Annotated[
    str,
    Spelling(
        pattern=_LABEL_VALUE,
        is_="the value of a label or taint: letters, digits, -, _ and ., at most 63",
        examples=["flowise"],
        wrong=((r"\s", "it has spaces"),),
        find=_NODES,
    ),
]
SecurityGroupId = Annotated[
    str,
    Spelling(
        pattern=r"^sg-[0-9a-f]{8,17}$",
        is_="the id of a security group",
        examples=["sg-0123456789abcdef0"],
        wrong=((r"^(?!sg-)", "it is no id"),),
        find="`aws ec2 describe-security-groups --query 'SecurityGroups[].GroupId'` prints them",
    ),
]
Confirmed = Literal[
    "container-insights", "keda", "load-balancer-controller", "metrics-server", "network-policies", "pod-identity-agent"
]


class TolerationSettings(Settings):
    """A taint that pods of the stack tolerate."""

    key: LabelKey
    """Key of the taint."""
    value: LabelValue | None = None
    """Value of the taint; none: any."""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    """Effect of the taint; none: any."""


class ExistingCluster(Settings):
    """An EKS cluster that somebody else manages.

    Nothing is changed in it but what is the stack's own: its namespaces, two PriorityClasses, Pod Identity
    associations, and a rule of the nodes' security group for the load balancer.
    """

    name: Annotated[
        str,
        Spelling(
            pattern=r"^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$",
            is_="the name of an EKS cluster",
            examples=["platform"],
            wrong=((r"^arn:", "it is an ARN; its last part is the name"), (r"[\s.]", "it has spaces or dots")),
            find=_CLUSTERS,
        ),
    ]
    """Name of the cluster, in the stack's region. All else is looked up, and checked before anything is created."""
    confirmed: list[Confirmed] = []
    """What you have checked yourself, because AWS cannot be asked: parts that are installed without an EKS add-on, and
    Auto Mode's switch for network policies (docs/shared-cluster.md says how to check each)."""
    security_group_id: SecurityGroupId | None = None
    """Security group of the nodes, where it is not the one that EKS made for the cluster: launch templates can name
    others. Database and queue admit it, and the load balancer is let into it."""
    node_selector: Annotated[dict[LabelKey, LabelValue], Field(max_length=10)] = {}
    """Labels of the nodes that all pods of the stack run on; none: any node."""
    tolerations: Annotated[list[TolerationSettings], Field(max_length=10), AS_A_SET] = []
    """Taints of those nodes."""

    @property
    def placement(self) -> NodePlacement | None:
        """Where the stack's pods run; None: anywhere."""
        if not self.node_selector and not self.tolerations:
            return None
        return NodePlacement(
            node_selector=self.node_selector,
            tolerations=[Toleration(key=each.key, value=each.value, effect=each.effect) for each in self.tolerations],
        )


@dataclass(frozen=True, kw_only=True)
class ClusterNeeds:
    """What a stack needs of a cluster."""

    vpc_id: str
    """VPC of the stack's data stores and load balancer."""
    load_balancer: bool
    """Whether pods join the stack's own load balancer."""
    scales_on_cpu: bool
    """Whether a HorizontalPodAutoscaler asks for metrics."""
    container_insights: bool
    """Whether alarms count pods."""


@dataclass(frozen=True, kw_only=True)
class FoundCluster:
    """What AWS says of a cluster."""

    name: str
    arn: str
    endpoint: str
    certificate_authority: str
    """Certificate of its API, in base64."""
    security_group_id: str
    """Group that EKS made for the cluster; nodes are in it unless a launch template names another."""
    service_cidr: str
    version: str
    status: str
    vpc_id: str
    """Empty where nobody can know it: a plan asks no account."""
    ipv6: bool
    auto_mode: bool
    """Whether AWS runs nodes, networking, load balancing and the Pod Identity agent."""
    addons: Mapping[str, str]
    """EKS add-ons that were looked for and are there, each with its configuration."""


class UnfitClusterError(pulumi.RunError):
    """The existing cluster cannot hold the stack. The message lists every reason; nothing has been created."""


@dataclass(frozen=True, kw_only=True)
class _Part:
    """Something that a cluster must have and EKS has an add-on for."""

    addon: str
    confirmed: Confirmed
    why: str


_POD_IDENTITY = _Part(
    addon="eks-pod-identity-agent",
    confirmed="pod-identity-agent",
    why="without it pods get no rights in AWS, and Flowise reaches neither its files nor its secrets",
)
_NETWORK_POLICIES = _Part(
    addon="vpc-cni",
    confirmed="network-policies",
    why="without enforcement every pod of the cluster reaches Flowise, and Flowise the instance metadata of its node",
)
_METRICS = _Part(
    addon="metrics-server",
    confirmed="metrics-server",
    why="without it no HorizontalPodAutoscaler knows the CPU of its pods, and nothing is scaled",
)
_INSIGHTS = _Part(
    addon="amazon-cloudwatch-observability",
    confirmed="container-insights",
    why="without it the alarms of the pods have no data",
)
_ADDONS: Final = (_POD_IDENTITY, _NETWORK_POLICIES, _METRICS, _INSIGHTS)
_ENFORCED = re.compile(r"enableNetworkPolicy[\"']?\s*:\s*[\"']?true")
"""In the configuration of the add-on vpc-cni, which is JSON or YAML (EKS User Guide, "Restrict Pod network traffic with
Kubernetes network policies")."""


def refusals(found: FoundCluster, existing: ExistingCluster, needs: ClusterNeeds) -> Iterator[tuple[str, str]]:
    """Why a cluster cannot hold the stack: the key, and what is wrong with what to do about it."""
    name, key = found.name, "cluster.existing.name"
    if found.status != "ACTIVE":
        yield key, f"{name} is {found.status}; wait until it is ACTIVE: `aws eks wait cluster-active --name {name}`"
    if _minor(found.version) < OLDEST_VERSION:
        oldest = ".".join(str(part) for part in OLDEST_VERSION)
        yield key, f"{name} runs Kubernetes {found.version}; this program is tested with {oldest} and newer. Upgrade it"
    if found.vpc_id and found.vpc_id != needs.vpc_id:
        yield (
            key,
            (
                f"{name} is in {found.vpc_id}, and network.existing.vpc_id is {needs.vpc_id}: security groups admit "
                f"pods of their own VPC only. Name {found.vpc_id} and its subnets in network.existing"
            ),
        )
    if found.ipv6:
        yield key, f"{name} gives its pods IPv6 addresses, which the network policies do not cover; choose an IPv4 one"
    yield from ((f"{_CONFIRMED}", text) for text in _missing_parts(found, existing, needs))


_CONFIRMED = "cluster.existing.confirmed"


def _missing_parts(found: FoundCluster, existing: ExistingCluster, needs: ClusterNeeds) -> Iterator[str]:
    wanted: list[_Part] = []
    if found.auto_mode:
        if "network-policies" not in existing.confirmed:
            yield (
                f"{found.name} is in Auto Mode, which enforces network policies only when the ConfigMap "
                "kube-system/amazon-vpc-cni says so; AWS cannot be asked. Check it with `kubectl -n kube-system get "
                'configmap amazon-vpc-cni -o yaml` (enable-network-policy-controller: "true"), then add '
                f"network-policies. {_NETWORK_POLICIES.why.capitalize()}"
            )
    else:
        wanted.append(_POD_IDENTITY)
        if needs.load_balancer and "load-balancer-controller" not in existing.confirmed:
            yield (
                f"{found.name} is not in Auto Mode, so the AWS Load Balancer Controller must register pods with the "
                "stack's target group; AWS cannot be asked. Check it with `kubectl get crd "
                "targetgroupbindings.elbv2.k8s.aws`, then add load-balancer-controller"
            )
        if "network-policies" not in existing.confirmed and not _ENFORCED.search(
            found.addons.get(_NETWORK_POLICIES.addon, "")
        ):
            configuration = json.dumps({"enableNetworkPolicy": "true"})
            yield (
                f"{found.name} does not enforce network policies by the add-on vpc-cni: {_NETWORK_POLICIES.why}. "
                f"Run `aws eks update-addon --cluster-name {found.name} --addon-name vpc-cni --configuration-values "
                f"'{configuration}'`, or add network-policies if something else enforces them"
            )
    if needs.scales_on_cpu:
        wanted.append(_METRICS)
    if needs.container_insights:
        wanted.append(_INSIGHTS)
    for part in wanted:
        if part.addon not in found.addons and part.confirmed not in existing.confirmed:
            yield (
                f"{found.name} has no add-on {part.addon}: {part.why}. Have it installed (`aws eks create-addon "
                f"--cluster-name {found.name} --addon-name {part.addon}`), or add {part.confirmed} if it was installed "
                f"in another way{_ALSO.get(part.addon, '')}"
            )


_ALSO = {
    _METRICS.addon: ", or set max_replicas to replicas",
    _INSIGHTS.addon: ", or set observability.container_insights to false",
}


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def require_cluster(
    existing: ExistingCluster | None, needs: ClusterNeeds | None, *, region: str, opts: pulumi.InvokeOptions
) -> FoundCluster | None:
    """Look an existing cluster and its add-ons up, before anything is registered. Raises `UnfitClusterError`."""
    if not existing or not needs:
        return None
    try:
        cluster = aws.eks.get_cluster(name=existing.name, region=region, opts=opts)
    except Exception as error:  # noqa: BLE001  # the SDK raises nothing narrower for a failed look-up
        raise UnfitClusterError(
            "1 of the settings does not hold in this account; nothing has been made:\n"
            f"  - flowise:cluster.existing.name: {existing.name} cannot be read in {region}: {_format_error(error)}. "
            f"{_CLUSTERS}; whoever deploys needs eks:DescribeCluster and eks:DescribeAddon"
        ) from None
    networks, computing = cluster.kubernetes_network_configs, cluster.compute_configs
    found = FoundCluster(
        name=existing.name,
        arn=cluster.arn,
        endpoint=cluster.endpoint,
        certificate_authority=cluster.certificate_authorities[0].data,
        security_group_id=existing.security_group_id or cluster.vpc_config.cluster_security_group_id,
        service_cidr=networks[0].service_ipv4_cidr,
        version=cluster.version,
        status=cluster.status,
        vpc_id=cluster.vpc_config.vpc_id,
        ipv6=networks[0].ip_family == "ipv6",
        auto_mode=any(config.enabled for config in computing),
        addons=_addons(existing.name, region, opts),
    )
    if problems := list(refusals(found, existing, needs)):
        lines = "\n".join(f"  - flowise:{key}: {text}" for key, text in problems)
        raise UnfitClusterError(
            f"{len(problems)} of the things that the stack needs are not so in {existing.name}; nothing has been "
            f"made:\n{lines}"
        )
    return found


def _addons(cluster: str, region: str, opts: pulumi.InvokeOptions) -> Mapping[str, str]:
    """Configuration of each add-on that is there.

    The provider answers one that is not there with an error, and so it does when it may not read it: that counts as
    not there.
    """
    found: dict[str, str] = {}
    for part in _ADDONS:
        try:
            addon = aws.eks.get_addon(addon_name=part.addon, cluster_name=cluster, region=region, opts=opts)
        except Exception:  # noqa: BLE001, S112  # the SDK raises nothing narrower for a failed look-up
            continue
        found[part.addon] = addon.configuration_values or ""
    return found


def _format_error(error: Exception) -> str:
    """The end of what the provider says, which wraps the answer of AWS."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else type(error).__name__


def kubeconfig(found: FoundCluster, region: str) -> str:
    """How the Kubernetes provider signs in: as whoever deploys, with a token of the AWS CLI."""
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": ["--region", region, "eks", "get-token", "--cluster-name", found.name, "--output", "json"],
        }
    }
    cluster = {"server": found.endpoint, "certificate-authority-data": found.certificate_authority}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": found.name, "cluster": cluster}],
            "users": [{"name": found.name, "user": user}],
            "contexts": [{"name": found.name, "context": {"cluster": found.name, "user": found.name}}],
            "current-context": found.name,
        }
    )


def unused_with(existing: Sequence[str]) -> str:
    """What is said of keys that describe a cluster of the stack's own."""
    return (
        f"existing and {', '.join(existing)} exclude each other: these describe a cluster that the stack makes. "
        "Whoever manages the existing one sets them there, and lists the stack's roles; remove them here"
    )
