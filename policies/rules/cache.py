"""Valkey on ElastiCache."""

from collections.abc import Iterator

from policies.model import Resource, Stack, number, owner_rule, rule, text
from policies.versions import VALKEY

GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


@rule(GROUP, fix="set at_rest_encryption_enabled and kms_key_id", controls=("AWS ElastiCache.4",))
def valkey_encrypted(group: Resource) -> Iterator[str]:
    """Jobs hold prompts and answers; snapshots of them lie in S3."""
    if group.lacks("atRestEncryptionEnabled", True, "true"):
        yield "atRestEncryptionEnabled is not true"
    if group.without("kmsKeyId"):
        yield "kmsKeyId names no key"


@rule(
    GROUP,
    fix="set transit_encryption_enabled to True and transit_encryption_mode to required",
    controls=("AWS ElastiCache.5",),
)
def valkey_tls_required(group: Resource) -> Iterator[str]:
    """The password and every job cross the network; 'preferred' still answers plain text."""
    if group.lacks("transitEncryptionEnabled", True):
        yield "transitEncryptionEnabled is not true"
    elif group.lacks("transitEncryptionMode", "required", None):
        yield f"transitEncryptionMode is {group.get('transitEncryptionMode')}"


@rule(GROUP, fix="set auth_token, or user_group_ids")
def valkey_password(group: Resource) -> Iterator[str]:
    """Without a password whatever runs in the network may read and forge jobs."""
    if group.without("authToken") and group.without("userGroupIds"):
        yield "neither authToken nor userGroupIds is set"


@rule(
    GROUP,
    fix="set automatic_failover_enabled and multi_az_enabled, with num_cache_clusters of at least 2",
    controls=("AWS ElastiCache.3",),
    protected_only=True,
)
def valkey_failover(group: Resource) -> Iterator[str]:
    """A node that fails takes the queue with it, and every job that waits."""
    for key in ("automaticFailoverEnabled", "multiAzEnabled"):
        if group.lacks(key, True):
            yield f"{key} is not true"


@rule(GROUP, fix="set snapshot_retention_limit to at least 1", controls=("AWS ElastiCache.1",), protected_only=True)
def valkey_snapshots(group: Resource) -> Iterator[str]:
    """A snapshot is the only way back to the jobs that waited."""
    days = number(group.get("snapshotRetentionLimit"))
    if group.without("snapshotRetentionLimit") or days == 0:
        yield "snapshotRetentionLimit is 0"


@rule(GROUP, fix="set auto_minor_version_upgrade to True", controls=("AWS ElastiCache.2",))
def valkey_minor_upgrades(group: Resource) -> Iterator[str]:
    """Minor versions carry the security fixes."""
    if group.lacks("autoMinorVersionUpgrade", True, "true", None):
        yield "autoMinorVersionUpgrade is false"


@rule(GROUP, fix="set subnet_group_name to a group of isolated subnets", controls=("AWS ElastiCache.7",))
def valkey_own_subnets(group: Resource) -> Iterator[str]:
    """The default subnet group holds every subnet of the default VPC, public ones too."""
    if not group.get("subnetGroupName") or group.get("subnetGroupName") == "default":
        yield f"subnetGroupName is {group.get('subnetGroupName') or 'not set'}"


@owner_rule(GROUP, fix="raise queue.valkey_version")
def valkey_version_supported(stack: Stack, group: Resource) -> Iterator[str]:
    """A version without further fixes keeps its vulnerabilities."""
    version = ".".join(text(group.get("engineVersion")).split(".")[:2])
    if not version:
        return
    end = VALKEY.get(version)
    if end is None or group.lacks("engine", "valkey"):
        yield f"{group.get('engine')} {version} is not among the supported: {', '.join(VALKEY)}"
    elif end < stack.today:
        yield f"Valkey {version} has had no security fixes since {end}"
