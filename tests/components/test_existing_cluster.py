"""An existing cluster is looked up and checked before anything is created, and nothing of it is the stack's."""

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest

from analysis import program
from analysis.recorder import Created, Recording, Request, record
from analysis.stackfiles import StackConfig
from analysis.synthetic import SyntheticProvider
from analysis.wire import Properties
from components.cluster_existing import UnfitClusterError
from tests.conftest import edited, recorded, recorded_with, shared_on_disk
from tests.test_settings import broken, set_key

VPC = "vpc-0123456789abcdef0"
NETWORK = {
    "vpc_id": VPC,
    "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
    "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
}
PLATFORM = {"name": "platform", "confirmed": ["keda", "network-policies"]}
EDITS: Mapping[str, Any] = {
    "network.existing": NETWORK,
    "cluster": {"existing": PLATFORM},
    "nodes": None,
    "telemetry.logs": None,
}
"""What makes prod a stack on the cluster of somebody else."""
CLUSTER, ADDON = "aws:eks/getCluster:getCluster", "aws:eks/getAddon:getAddon"
RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


class NotThereError(grpc.RpcError):
    """What the engine answers when a look-up fails; the SDK raises a plain `Exception` for it."""

    def code(self) -> grpc.StatusCode:
        """How gRPC calls it."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """What the provider says."""
        return str(self)


class Account(SyntheticProvider):
    """An account with a cluster, which notes whatever it is asked to make."""

    def __init__(self, cluster: Mapping[str, Any], addons: Mapping[str, str]) -> None:
        super().__init__()
        self._cluster = cluster
        self._addons = addons
        self.answers = (dict(cluster), dict(addons))
        self.made: list[str] = []

    def create(self, request: Request) -> Created:
        """Note that something is made."""
        self.made.append(request.type)
        return super().create(request)

    def call(self, token: str, args: Properties) -> Properties:
        """Answer the look-ups of the cluster and its add-ons."""
        if token == CLUSTER:
            if args["name"] != "platform":
                raise NotThereError("reading EKS Cluster (other): couldn't find resource")
            return {**super().call(token, args), **self._cluster}
        if token == ADDON:
            if args["addonName"] not in self._addons:
                raise NotThereError("reading EKS Add-On: couldn't find resource")
            return {**super().call(token, args), "configurationValues": self._addons[args["addonName"]]}
        return super().call(token, args)


def managed_nodes(**differs: Any) -> dict[str, Any]:
    """A cluster that is not in Auto Mode."""
    vpc = {"clusterSecurityGroupId": "sg-0aaaaaaaaaaaaaaaa", "vpcId": VPC}
    return {"computeConfigs": [], "vpcConfig": vpc, **differs}


ENFORCED = {"vpc-cni": '{"enableNetworkPolicy":"true"}'}
ALL = {
    **ENFORCED,
    "eks-pod-identity-agent": "",
    "metrics-server": "",
    "amazon-cloudwatch-observability": "",
}


def deploy(account: Account, config: StackConfig) -> Recording:
    asked = json.dumps([account.answers, dict(config.values), config.secret_keys], sort_keys=True).encode()
    return shared_on_disk(
        hashlib.sha256(Path(__file__).read_bytes() + asked).hexdigest(),
        lambda: record(
            program.run_main,
            account,
            config=config.values,
            secret_keys=config.secret_keys,
            stack_name=config.stack,
            preview=False,
            expansions={},
            threads=False,
        ),
    )


def refused(account: Account, **edits: Any) -> list[str]:
    with pytest.raises(UnfitClusterError) as error:
        deploy(account, edited("prod", {**EDITS, **edits}))
    assert {type_ for type_ in account.made if not type_.startswith("pulumi:")} == set()
    first, *lines = str(error.value).splitlines()
    assert "nothing has been made" in first
    assert first.startswith(f"{len(lines)} of")
    return lines


def test_everything_that_is_missing_is_said_at_once() -> None:
    vpc = {"clusterSecurityGroupId": "sg-0aaaaaaaaaaaaaaaa", "vpcId": "vpc-0bbbbbbbbbbbbbbbb"}
    network = [{"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv6"}]
    cluster = managed_nodes(vpcConfig=vpc, version="1.31", status="UPDATING", kubernetesNetworkConfigs=network)
    lines = refused(Account(cluster, {}), cluster={"existing": {"name": "platform", "confirmed": ["keda"]}})
    said = [
        "platform is UPDATING; wait until it is ACTIVE",
        "runs Kubernetes 1.31; this program is tested with 1.35 and newer",
        f"is in vpc-0bbbbbbbbbbbbbbbb, and network.existing.vpc_id is {VPC}",
        "IPv6",
        "the AWS Load Balancer Controller must register pods",
        "does not enforce network policies by the add-on vpc-cni",
        "has no add-on eks-pod-identity-agent",
        "has no add-on metrics-server",
        "has no add-on amazon-cloudwatch-observability",
    ]
    assert len(lines) == len(said)
    for text in said:
        assert [line for line in lines if text in line], text


def test_a_cluster_that_is_not_there_is_refused_with_what_aws_says() -> None:
    (line,) = refused(Account({}, ALL), cluster={"existing": {**PLATFORM, "name": "other"}})
    assert "flowise:cluster.existing.name: other cannot be read in us-east-1" in line
    assert "couldn't find resource" in line
    assert "`aws eks list-clusters`" in line


def test_auto_mode_has_all_but_the_switch_for_network_policies() -> None:
    """EKS User Guide, "Use Network Policies with EKS Auto Mode": a ConfigMap, which AWS cannot be asked for."""
    (line,) = refused(Account({}, ALL), cluster={"existing": {"name": "platform", "confirmed": ["keda"]}})
    assert line.startswith("  - flowise:cluster.existing.confirmed: platform is in Auto Mode")
    assert "kubectl -n kube-system get configmap amazon-vpc-cni" in line


@pytest.mark.parametrize(
    ("configuration", "enforced"),
    [
        ('{"enableNetworkPolicy":"true"}', True),
        ('{"enableNetworkPolicy": true, "env": {}}', True),
        ("enableNetworkPolicy: 'true'", True),
        ('{"enableNetworkPolicy":"false"}', False),
        ("", False),
    ],
)
def test_network_policies_are_enforced_as_the_addon_says(configuration: str, *, enforced: bool) -> None:
    existing = {"name": "platform", "confirmed": ["keda", "load-balancer-controller"]}
    account, edits = Account(managed_nodes(), {**ALL, "vpc-cni": configuration}), {"cluster": {"existing": existing}}
    if enforced:
        deploy(account, edited("prod", {**EDITS, **edits}))
    else:
        (line,) = refused(account, **edits)
        assert "aws eks update-addon --cluster-name platform --addon-name vpc-cni" in line


def test_what_is_confirmed_is_not_asked_for() -> None:
    confirmed = [
        "container-insights",
        "keda",
        "load-balancer-controller",
        "metrics-server",
        "network-policies",
        "pod-identity-agent",
    ]
    edits = {**EDITS, "cluster": {"existing": {"name": "platform", "confirmed": confirmed}}}
    assert deploy(Account(managed_nodes(), {}), edited("prod", edits)).records


@pytest.fixture(scope="module")
def on_platform() -> Recording:
    return recorded_with("prod", EDITS)


def test_nothing_of_the_cluster_is_the_stacks(on_platform: Recording) -> None:
    mine = {r.type for r in on_platform.records if r.type.startswith("aws:eks/") or r.type.startswith("eks:")}
    assert mine == {"aws:eks/podIdentityAssociation:PodIdentityAssociation"}
    everywhere = {"Namespace", "PriorityClass"}
    namespaces = {r.inputs["metadata"]["name"] for r in on_platform.of_type("kubernetes:core/v1:Namespace")}
    assert namespaces == {"flowise", "observability"}
    for each in on_platform.records:
        if each.type.startswith("kubernetes:") and each.type.rpartition(":")[2] not in everywhere:
            assert each.inputs["metadata"]["namespace"] in namespaces, each.urn
    network = {"aws:ec2/vpc:Vpc", "aws:ec2/natGateway:NatGateway", "aws:ec2/subnet:Subnet", "aws:iam/role:Role"}
    made = {r.type for r in on_platform.records} & network
    assert made == {"aws:iam/role:Role"}
    assert not [r.name for r in on_platform.of_type("aws:iam/role:Role") if "eks" in r.name.lower()]


def test_pods_reach_the_data_stores_by_the_clusters_group() -> None:
    deployed = deploy(
        Account(managed_nodes(), ALL),
        edited("prod", {**EDITS, "cluster.existing.confirmed": ["keda", "load-balancer-controller"]}),
    )
    admitted = {rule.inputs.get("referencedSecurityGroupId") for rule in deployed.of_type(RULE)}
    assert "sg-0aaaaaaaaaaaaaaaa" in admitted
    into_pods = deployed.only(RULE, "load-balancer-into-pods")
    assert into_pods.inputs["securityGroupId"] == "sg-0aaaaaaaaaaaaaaaa"
    assert [r.name for r in deployed.of_type(RULE) if r.inputs["securityGroupId"] == "sg-0aaaaaaaaaaaaaaaa"] == [
        "load-balancer-into-pods"
    ]


def test_nodes_with_a_group_of_their_own_can_be_named() -> None:
    group = "sg-0cccccccccccccccc"
    made = recorded_with("prod", {**EDITS, "cluster.existing.security_group_id": group})
    assert made.only(RULE, "load-balancer-into-pods").inputs["securityGroupId"] == group


def test_without_auto_mode_the_load_balancer_controller_registers_pods() -> None:
    """AWS Load Balancer Controller, "TargetGroupBinding" and "Pod readiness gate"."""
    confirmed = {"cluster.existing.confirmed": ["keda", "load-balancer-controller"]}
    deployed = deploy(Account(managed_nodes(), ALL), edited("prod", {**EDITS, **confirmed}))
    assert deployed.of_type("kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding")
    namespace = deployed.only("kubernetes:core/v1:Namespace", "flowise")
    assert namespace.inputs["metadata"]["labels"]["elbv2.k8s.aws/pod-readiness-gate-inject"] == "enabled"


def test_every_pod_runs_on_the_named_nodes() -> None:
    existing = {
        **PLATFORM,
        "node_selector": {"workload": "ai"},
        "tolerations": [{"key": "dedicated", "value": "ai", "effect": "NoSchedule"}, {"key": "spot"}],
    }
    canary = {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}
    made = recorded_with("prod", {**EDITS, "cluster": {"existing": existing}, "observability.canary": canary})
    pods = [r for type_ in ("apps/v1:Deployment", "batch/v1:Job") for r in made.of_type(f"kubernetes:{type_}")]
    specs: list[Any] = [pod.inputs["spec"]["template"]["spec"] for pod in pods]
    jobs = made.of_type("kubernetes:batch/v1:CronJob")
    specs += [job.inputs["spec"]["jobTemplate"]["spec"]["template"]["spec"] for job in jobs]
    assert len(specs) == 6
    for spec in specs:
        assert spec["nodeSelector"] == {"workload": "ai"}
        assert spec["tolerations"] == [
            {"key": "dedicated", "operator": "Equal", "value": "ai", "effect": "NoSchedule"},
            {"key": "spot", "operator": "Exists"},
        ]


def test_the_clusters_keda_reads_the_password_in_the_stacks_namespace(on_platform: Recording) -> None:
    assert not on_platform.of_type("kubernetes:helm.sh/v3:Release")
    authentication = on_platform.only("kubernetes:keda.sh/v1alpha1:TriggerAuthentication")
    assert authentication.inputs["metadata"]["namespace"] == "flowise"
    name = authentication.inputs["spec"]["secretTargetRef"][0]["name"]
    secret = on_platform.only("kubernetes:core/v1:Secret", "flowise-worker-queue")
    assert secret.inputs["metadata"]["name"] == name
    assert "stringData" in secret.secrets
    scaled = on_platform.only("kubernetes:keda.sh/v1alpha1:ScaledObject")
    triggers: list[Any] = scaled.inputs["spec"]["triggers"]
    assert triggers
    for trigger in triggers:
        assert trigger["authenticationRef"] == {"name": name, "kind": "TriggerAuthentication"}
    assert scaled.depends_on >= {authentication.urn}


def test_alarms_of_the_pods_stay_and_their_agent_is_the_clusters(on_platform: Recording) -> None:
    alarms = {record.name for record in on_platform.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    assert {name for name in alarms if "server-restarts" in name}
    assert not on_platform.of_type("aws:eks/addon:Addon")


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"network.existing": None}, "network.existing: is missing, but cluster.existing is set"),
    ({"nodes": {}}, "nodes: makes node pools in a cluster of the stack's own"),
    ({"telemetry.logs": {}}, "telemetry.logs: runs on every node of a cluster"),
    (
        {"telemetry.datadog": {"site": "datadoghq.eu", "logs": False}},
        "telemetry.datadog: runs on every node of a cluster",
    ),
    ({"cluster.existing.confirmed": ["network-policies"]}, "app.worker.scale_on: backlog needs KEDA"),
    ({"cluster.log_retention_days": 7}, "existing and log_retention_days exclude each other"),
    ({"cluster.existing.name": "arn:aws:eks:us-east-1:1:cluster/x"}, "it is an ARN; its last part is the name"),
    ({"cluster.existing.confirmed": ["storage"]}, "flowise:cluster.existing.confirmed.0"),
    ({"cluster.existing.confirmed": ["keda", "keda"]}, "more than once"),
    ({"cluster.existing.node_selector": {"a=b": "c"}}, "it has a value too"),
]


@pytest.mark.parametrize(("edits", "says"), MISTAKES)
def test_what_contradicts_an_existing_cluster_is_refused(edits: dict[str, Any], says: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        for path, value in copy.deepcopy({**EDITS, **edits}).items():
            set_key(path, value)(document)

    assert says in " ".join(broken(edit).split())


def test_a_stack_with_its_own_cluster_asks_for_none() -> None:
    assert "flowise-prod" in {r.inputs.get("name") for r in recorded("prod").of_type("eks:index:Cluster")}
