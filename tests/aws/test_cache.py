"""The queue's cache as AWS would show it."""

from tests.aws.environment import LocalEnvironment, peers


def test_cache_survives_a_zone(local_env: LocalEnvironment) -> None:
    groups = local_env.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
    if not local_env.promise.queue_nodes:
        assert groups == []
        return
    (group,) = groups
    assert len(group["MemberClusters"]) == local_env.promise.queue_nodes
    assert group["AutomaticFailover"] == group["MultiAZ"] == "enabled"
    assert group["SnapshotRetentionLimit"] == 7
    assert group["SnapshotWindow"] == "02:00-03:00"
    assert group["ClusterEnabled"] is False
    assert group["Engine"] == "valkey"
    assert group["CacheNodeType"] == "cache.t4g.small"
    assert group["AutoMinorVersionUpgrade"]


def test_cache_is_encrypted_and_asks_for_a_password(local_env: LocalEnvironment) -> None:
    for group in local_env.aws("elasticache").describe_replication_groups()["ReplicationGroups"]:
        assert group["TransitEncryptionEnabled"]
        assert group["TransitEncryptionMode"] == "required"
        assert group["AuthTokenEnabled"]
        assert group["AtRestEncryptionEnabled"]
        assert group["KmsKeyId"] == local_env.key_arn
        assert "authToken" in local_env.only("elasticache/replicationGroup:ReplicationGroup").secrets


def test_cache_lies_in_data_subnets_and_only_pods_reach_it(local_env: LocalEnvironment) -> None:
    for record in local_env.all("elasticache/replicationGroup:ReplicationGroup"):
        # moto forgets which groups a cache belongs to, but knows the groups.
        subnet_group, security_group = record.inputs["subnetGroupName"], record.inputs["securityGroupIds"]
        (found,) = local_env.aws("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=subnet_group)[
            "CacheSubnetGroups"
        ]
        assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(local_env.subnets("Isolated"))
        assert len(security_group) == 1
        group = local_env.group(security_group[0])
        assert peers(group["IpPermissions"]) == [(6379, 6379, local_env.cluster_group_id)]
        assert group["IpPermissionsEgress"] == []


def test_cache_never_evicts_jobs(local_env: LocalEnvironment) -> None:
    for record in local_env.all("elasticache/replicationGroup:ReplicationGroup"):
        # moto has no cache parameter groups.
        parameters = local_env.only("elasticache/parameterGroup:ParameterGroup")
        assert record.inputs["parameterGroupName"] == parameters.id
        assert record.inputs["engineVersion"].startswith("8.")
        assert record.inputs["maintenanceWindow"] == "sun:05:30-sun:06:30"
        assert parameters.inputs["family"] == "valkey8"
        assert parameters.inputs["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]
