"""The cluster as AWS would show it."""

from typing import Any

import pytest

from tests.aws.estate import Estate


@pytest.fixture
def cluster(estate: Estate) -> dict[str, Any]:
    """The stack's only cluster."""
    return estate.aws("eks").describe_cluster(name=f"flowise-{estate.stack}")["cluster"]


def test_cluster_has_a_supported_version(estate: Estate, cluster: dict[str, Any]) -> None:
    assert cluster["version"] == "1.36"
    assert estate.only("eks/cluster:Cluster").inputs["upgradePolicy"] == {"supportType": "STANDARD"}


def test_api_answers_inside_the_vpc(estate: Estate, cluster: dict[str, Any]) -> None:
    network = cluster["resourcesVpcConfig"]
    assert set(network["subnetIds"]) == set(estate.subnets("Private"))
    assert network["endpointPrivateAccess"]
    assert network["endpointPublicAccess"] is bool(estate.promise.public_access_cidrs)
    assert tuple(network.get("publicAccessCidrs", [])) == estate.promise.public_access_cidrs
    assert cluster["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16"


def test_kubernetes_secrets_are_encrypted_with_our_key(estate: Estate, cluster: dict[str, Any]) -> None:
    assert cluster["encryptionConfig"] == [{"resources": ["secrets"], "provider": {"keyArn": estate.key_arn}}]


def test_control_plane_logs_everything(cluster: dict[str, Any]) -> None:
    (logging,) = cluster["logging"]["clusterLogging"]
    assert logging["enabled"]
    assert set(logging["types"]) == {"api", "audit", "authenticator", "controllerManager", "scheduler"}


def test_access_entries_decide_who_may_enter(estate: Estate) -> None:
    # moto has none of these.
    inputs = estate.only("eks/cluster:Cluster").inputs
    assert inputs["accessConfig"]["authenticationMode"] == "API"
    entries = tuple(record.inputs["principalArn"] for record in estate.all("eks/accessEntry:AccessEntry"))
    associations = estate.all("eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert entries == tuple(record.inputs["principalArn"] for record in associations) == estate.promise.administrators


def test_aws_runs_the_nodes(estate: Estate, cluster: dict[str, Any]) -> None:
    inputs = estate.only("eks/cluster:Cluster").inputs
    assert inputs["computeConfig"]["enabled"]
    assert inputs["storageConfig"]["blockStorage"]["enabled"]
    assert cluster["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"]
    assert inputs["deletionProtection"] is estate.promise.protected
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert cluster["roleArn"].startswith("arn:aws:iam:")
    assert inputs["computeConfig"]["nodeRoleArn"] not in {"", cluster["roleArn"]}


def test_metrics_come_from_an_addon(estate: Estate) -> None:
    addons = [record.inputs for record in estate.all("eks/addon:Addon")]
    assert {addon["clusterName"] for addon in addons} == {f"flowise-{estate.stack}"}
    alarms = ["amazon-cloudwatch-observability"] if estate.stack == "prod" else []
    assert sorted(addon["addonName"] for addon in addons) == [*alarms, "metrics-server"]


def test_pods_are_reached_by_each_other_and_the_load_balancer(estate: Estate) -> None:
    group = estate.group(estate.cluster_group_id)
    assert group["VpcId"] == estate.vpc_id
    sources = {
        (permission.get("FromPort"), pair["GroupId"])
        for permission in group["IpPermissions"]
        for pair in permission["UserIdGroupPairs"]
    }
    load_balancer = estate.only("ec2/securityGroup:SecurityGroup", "load-balancer").id
    assert sources == {(None, estate.cluster_group_id), (3000, load_balancer)}
