"""The queue's cache as AWS would show it."""

from tests.aws.estate import Estate, peers


def test_cache_survives_a_zone(estate: Estate) -> None:
    groups = estate.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
    if not estate.promise.queue_nodes:
        assert groups == []
        return
    (group,) = groups
    assert len(group["MemberClusters"]) == estate.promise.queue_nodes
    assert group["AutomaticFailover"] == group["MultiAZ"] == "enabled"
    assert group["SnapshotRetentionLimit"] == 7
    assert group["SnapshotWindow"] == "02:00-03:00"
    assert group["ClusterEnabled"] is False
    assert group["Engine"] == "valkey"
    assert group["CacheNodeType"] == "cache.m7g.large"
    assert group["AutoMinorVersionUpgrade"]


def test_cache_is_encrypted_and_asks_for_a_password(estate: Estate) -> None:
    for group in estate.aws("elasticache").describe_replication_groups()["ReplicationGroups"]:
        assert group["TransitEncryptionEnabled"]
        assert group["TransitEncryptionMode"] == "required"
        assert group["AuthTokenEnabled"]
        assert group["AtRestEncryptionEnabled"]
        assert group["KmsKeyId"] == estate.key_arn
        assert "authToken" in estate.only("elasticache/replicationGroup:ReplicationGroup").secrets


def test_cache_lies_in_data_subnets_and_only_pods_reach_it(estate: Estate) -> None:
    for record in estate.all("elasticache/replicationGroup:ReplicationGroup"):
        # moto forgets which groups a cache belongs to, but knows the groups.
        subnet_group, security_group = record.inputs["subnetGroupName"], record.inputs["securityGroupIds"]
        (found,) = estate.aws("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=subnet_group)[
            "CacheSubnetGroups"
        ]
        assert {subnet["SubnetIdentifier"] for subnet in found["Subnets"]} == set(estate.subnets("Isolated"))
        assert len(security_group) == 1
        group = estate.group(security_group[0])
        assert peers(group["IpPermissions"]) == [(6379, 6379, estate.cluster_group_id)]
        assert group["IpPermissionsEgress"] == []


def test_cache_never_evicts_jobs(estate: Estate) -> None:
    for record in estate.all("elasticache/replicationGroup:ReplicationGroup"):
        # moto has no cache parameter groups.
        parameters = estate.only("elasticache/parameterGroup:ParameterGroup")
        assert record.inputs["parameterGroupName"] == parameters.id
        assert record.inputs["engineVersion"].startswith("8.")
        assert record.inputs["maintenanceWindow"] == "sun:05:30-sun:06:30"
        assert parameters.inputs["family"] == "valkey8"
        assert parameters.inputs["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]
