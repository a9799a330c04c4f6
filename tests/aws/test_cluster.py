"""The cluster as AWS would show it."""

from typing import Any

import pytest

from tests.aws.environment import LocalEnvironment


@pytest.fixture
def cluster(local_env: LocalEnvironment) -> dict[str, Any]:
    """The stack's only cluster."""
    return local_env.aws("eks").describe_cluster(name=f"flowise-{local_env.stack}")["cluster"]


def test_cluster_has_a_supported_version(local_env: LocalEnvironment, cluster: dict[str, Any]) -> None:
    assert cluster["version"] == "1.36"
    assert local_env.only("eks/cluster:Cluster").inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_api_answers_inside_the_vpc(local_env: LocalEnvironment, cluster: dict[str, Any]) -> None:
    network = cluster["resourcesVpcConfig"]
    assert set(network["subnetIds"]) == set(local_env.subnets("Private"))
    assert network["endpointPrivateAccess"]
    assert network["endpointPublicAccess"] is bool(local_env.promise.public_access_cidrs)
    assert tuple(network.get("publicAccessCidrs", [])) == local_env.promise.public_access_cidrs
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"


def test_kubernetes_secrets_are_encrypted_with_our_key(local_env: LocalEnvironment, cluster: dict[str, Any]) -> None:
    assert cluster["encryptionConfig"] == [{"resources": ["secrets"], "provider": {"keyArn": local_env.key_arn}}]


def test_control_plane_logs_everything(cluster: dict[str, Any]) -> None:
    (logging,) = cluster["logging"]["clusterLogging"]
    assert logging["enabled"]
    assert set(logging["types"]) == {"api", "audit", "authenticator", "controllerManager", "scheduler"}


def test_access_entries_decide_who_may_enter(local_env: LocalEnvironment) -> None:
    # moto has none of these.
    inputs = local_env.only("eks/cluster:Cluster").inputs
    assert inputs["accessConfig"]["authenticationMode"] == "API"
    entries = tuple(record.inputs["principalArn"] for record in local_env.all("eks/accessEntry:AccessEntry"))
    associations = local_env.all("eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert (
        entries == tuple(record.inputs["principalArn"] for record in associations) == local_env.promise.administrators
    )


def test_aws_runs_the_nodes(local_env: LocalEnvironment, cluster: dict[str, Any]) -> None:
    inputs = local_env.only("eks/cluster:Cluster").inputs
    assert inputs["computeConfig"]["enabled"]
    assert inputs["storageConfig"]["blockStorage"]["enabled"]
    assert cluster["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"]
    assert inputs["deletionProtection"] is local_env.promise.protected
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert cluster["roleArn"].startswith("arn:aws:iam:")
    assert inputs["computeConfig"]["nodeRoleArn"] not in {"", cluster["roleArn"]}


def test_metrics_come_from_an_addon(local_env: LocalEnvironment) -> None:
    addons = [record.inputs for record in local_env.all("eks/addon:Addon")]
    assert {addon["clusterName"] for addon in addons} <= {f"flowise-{local_env.stack}"}
    wanted = ["amazon-cloudwatch-observability", "metrics-server"] if local_env.stack == "prod" else []
    assert sorted(addon["addonName"] for addon in addons) == wanted


def test_pods_are_reached_by_each_other_and_the_load_balancer(local_env: LocalEnvironment) -> None:
    group = local_env.group(local_env.cluster_group_id)
    assert group["VpcId"] == local_env.vpc_id
    sources = {
        (permission.get("FromPort"), pair["GroupId"])
        for permission in group["IpPermissions"]
        for pair in permission["UserIdGroupPairs"]
    }
    load_balancer = local_env.only("ec2/securityGroup:SecurityGroup", "load-balancer").id
    assert sources == {(None, local_env.cluster_group_id), (3000, load_balancer)}
