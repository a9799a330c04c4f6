"""ElastiCache replication groups and their subnets."""

from collections.abc import Mapping
from typing import Any

from analysis.recorder import Created
from local.aws.resource_request import Handler, ResourceRequest, made

_WORDS = {
    "description": "ReplicationGroupDescription",
    "nodeType": "CacheNodeType",
    "multiAzEnabled": "MultiAZEnabled",
    "parameterGroupName": "CacheParameterGroupName",
    "subnetGroupName": "CacheSubnetGroupName",
    "maintenanceWindow": "PreferredMaintenanceWindow",
}


def _replication_group(request: ResourceRequest) -> Created:
    cache, name = (
        request.client("elasticache", request.region),
        request.physical_name(),
    )
    wanted = request.inputs.pascal(
        *_WORDS,
        "engine",
        "engineVersion",
        "automaticFailoverEnabled",
        "securityGroupIds",
        "port",
        "atRestEncryptionEnabled",
        "kmsKeyId",
        "transitEncryptionEnabled",
        "transitEncryptionMode",
        "authToken",
        "snapshotRetentionLimit",
        "snapshotWindow",
        "autoMinorVersionUpgrade",
        words=_WORDS,
    )
    # One primary and the rest replicas: what NumCacheClusters means to AWS, but moto makes one node of it.
    replicas = request.inputs.get("numCacheClusters", 1) - 1
    answer: Any = cache.create_replication_group(
        ReplicationGroupId=name, ReplicasPerNodeGroup=replicas, **wanted, Tags=request.tag_list()
    )
    group = answer["ReplicationGroup"]
    node = group["NodeGroups"][0]
    return made(
        name,
        arn=group["ARN"],
        port=node["PrimaryEndpoint"]["Port"],
        primaryEndpointAddress=node["PrimaryEndpoint"]["Address"],
        memberClusters=group["MemberClusters"],
        replicationGroupId=name,
    )


def _subnet_group(request: ResourceRequest) -> Created:
    cache, name = request.client("elasticache", request.region), request.physical_name()
    answer = cache.create_cache_subnet_group(
        CacheSubnetGroupName=name,
        CacheSubnetGroupDescription=request.inputs.get("description", "Managed by Pulumi"),
        **request.inputs.pascal("subnetIds"),
        Tags=request.tag_list(),
    )
    return made(name, arn=answer["CacheSubnetGroup"].get("ARN"), name=name)


HANDLERS: Mapping[str, Handler] = {
    "aws:elasticache/replicationGroup:ReplicationGroup": _replication_group,
    "aws:elasticache/subnetGroup:SubnetGroup": _subnet_group,
}
