"""Amazon ElastiCache."""

from typing import Final

from components.common.catalogue.entry import (
    AT_CHANGE,
    IGNORED,
    MODIFIED,
    NO_DOUBLE_HYPHEN,
    TAG_EDITOR,
    Actions,
    AwsEntry,
    Call,
    InUse,
    Moto,
    NameRule,
    Replacement,
    Service,
    TagRule,
    Unique,
)

ELASTICACHE: Final = Service(
    name="elasticache", reference="AmazonElastiCache/latest/APIReference", tags=TagRule(source=TAG_EDITOR)
)

ENTRIES = (
    AwsEntry(
        type="aws:elasticache/parameterGroup:ParameterGroup",
        names=(
            NameRule(
                longest=255,
                pattern=NO_DOUBLE_HYPHEN,
                source=ELASTICACHE.api("CreateCacheParameterGroup"),
                published=False,
            ),
        ),
        autoname="lower",
        tags=ELASTICACHE,
        replacement=Replacement(
            properties="description family name",
            source="elasticache/parameter_group.go",
            cloudformation="AWS::ElastiCache::ParameterGroup",
            in_place={"CacheParameterGroupFamily": "family here"},
        ),
        price="free",
        actions=Actions(
            read=(
                "elasticache:DescribeCacheParameterGroups elasticache:DescribeCacheParameters "
                "elasticache:ListTagsForResource"
            ),
            create=(
                "elasticache:CreateCacheParameterGroup elasticache:ModifyCacheParameterGroup "
                "elasticache:AddTagsToResource"
            ),
            update=(
                "elasticache:ModifyCacheParameterGroup elasticache:ResetCacheParameterGroup "
                "elasticache:AddTagsToResource elasticache:RemoveTagsFromResource"
            ),
            delete="elasticache:DeleteCacheParameterGroup",
        ),
        moto=Moto(recorded_only="moto has no cache parameter groups"),
        unique=Unique(code="CacheParameterGroupAlreadyExists", source=ELASTICACHE.api("CreateCacheParameterGroup")),
        used_by=(
            InUse(
                user="aws:elasticache/replicationGroup:ReplicationGroup",
                path="parameterGroupName",
                code="InvalidCacheParameterGroupState",
                source=ELASTICACHE.api("DeleteCacheParameterGroup"),
            ),
        ),
    ),
    AwsEntry(
        type="aws:elasticache/replicationGroup:ReplicationGroup",
        data="protected",
        names=(
            NameRule(
                property="replicationGroupId",
                longest=40,
                pattern=NO_DOUBLE_HYPHEN,
                source="elasticache CreateReplicationGroup ReplicationGroupId",
                says="A name must contain from 1 to 40 alphanumeric characters or hyphens.",
            ),
        ),
        autoname="lower",
        tags=ELASTICACHE,
        replacement=Replacement(
            properties=(
                "atRestEncryptionEnabled dataTieringEnabled globalReplicationGroupId kmsKeyId networkType "
                "port nodeGroupConfigurations replicationGroupId securityGroupNames snapshotArns "
                "snapshotName subnetGroupName transitEncryptionEnabled"
            ),
            source="elasticache/replication_group.go",
            cloudformation="AWS::ElastiCache::ReplicationGroup",
            in_place={
                "CacheSubnetGroupName": "subnetGroupName here",
                "PreferredCacheClusterAZs": "the provider uses it at creation and ignores its change",
                "AuthToken": MODIFIED,
                "NodeGroupConfiguration": "nodeGroupConfigurations here",
            },
        ),
        price="rule",
        actions=Actions(
            read=(
                "elasticache:DescribeReplicationGroups elasticache:DescribeCacheClusters "
                "elasticache:ListTagsForResource"
            ),
            create=(
                "elasticache:CreateReplicationGroup elasticache:AddTagsToResource kms:CreateGrant "
                "kms:DescribeKey iam:CreateServiceLinkedRole"
            ),
            update=(
                "elasticache:ModifyReplicationGroup elasticache:IncreaseReplicaCount "
                "elasticache:DecreaseReplicaCount elasticache:AddTagsToResource "
                "elasticache:RemoveTagsFromResource"
            ),
            delete="elasticache:DeleteReplicationGroup",
        ),
        moto=Moto(
            lost={
                "applyImmediately": AT_CHANGE,
                "engineVersion": IGNORED,
                "maintenanceWindow": IGNORED,
                "parameterGroupName": IGNORED,
                "securityGroupIds": IGNORED,
                "subnetGroupName": IGNORED,
            },
            delete=Call(
                service="elasticache", operation="delete_replication_group", arguments={"ReplicationGroupId": "id"}
            ),
            read=Call(
                service="elasticache", operation="describe_replication_groups", arguments={"ReplicationGroupId": "id"}
            ),
        ),
        unique=Unique(
            keys=("replicationGroupId",),
            code="ReplicationGroupAlreadyExists",
            source=ELASTICACHE.api("CreateReplicationGroup"),
        ),
        picture="database/elasticache.png",
    ),
    AwsEntry(
        type="aws:elasticache/subnetGroup:SubnetGroup",
        names=(
            NameRule(
                longest=255,
                pattern="[A-Za-z0-9-]+",
                source="elasticache CreateCacheSubnetGroup CacheSubnetGroupName",
                says="Must contain no more than 255 alphanumeric characters or hyphens.",
            ),
        ),
        autoname="lower",
        tags=ELASTICACHE,
        replacement=Replacement(
            properties="name",
            source="elasticache/subnet_group.go",
            cloudformation="AWS::ElastiCache::SubnetGroup",
            in_place={"CacheSubnetGroupName": "name here"},
        ),
        price="free",
        actions=Actions(
            read="elasticache:DescribeCacheSubnetGroups elasticache:ListTagsForResource",
            create="elasticache:CreateCacheSubnetGroup elasticache:AddTagsToResource",
            update=(
                "elasticache:ModifyCacheSubnetGroup elasticache:AddTagsToResource elasticache:RemoveTagsFromResource"
            ),
            delete="elasticache:DeleteCacheSubnetGroup",
        ),
        unique=Unique(code="CacheSubnetGroupAlreadyExists", source=ELASTICACHE.api("CreateCacheSubnetGroup")),
        used_by=(
            InUse(
                user="aws:elasticache/replicationGroup:ReplicationGroup",
                path="subnetGroupName",
                code="CacheSubnetGroupInUse",
                source=ELASTICACHE.api("DeleteCacheSubnetGroup"),
            ),
        ),
    ),
)
