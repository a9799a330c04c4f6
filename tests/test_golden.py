"""A small golden per stack: how many of what, and the properties that cost money or keep data safe.

`make golden` writes them anew. They are meant to be read in a review: whoever changes a line here changes production.
"""

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from analysis.recorder import Recording

GOLDENS = Path(__file__).parent / "goldens"

PROPERTIES = {
    "aws:rds/instance:Instance": (
        "engineVersion instanceClass allocatedStorage maxAllocatedStorage multiAz backupRetentionPeriod "
        "deletionProtection storageEncrypted publiclyAccessible skipFinalSnapshot manageMasterUserPassword"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "engineVersion nodeType numCacheClusters multiAzEnabled automaticFailoverEnabled transitEncryptionMode"
    ),
    "aws:eks/cluster:Cluster": "version vpcConfig deletionProtection enabledClusterLogTypes upgradePolicy",
    "aws:lb/loadBalancer:LoadBalancer": "internal idleTimeout enableDeletionProtection",
    "aws:lb/listener:Listener": "port protocol",
    "aws:cloudfront/distribution:Distribution": "aliases priceClass httpVersion",
    "awsx:ec2:Vpc": "cidrBlock availabilityZoneNames natGateways",
    "kubernetes:apps/v1:Deployment": "spec.replicas spec.strategy.type",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": "spec.minReplicas spec.maxReplicas",
    "kubernetes:helm.sh/v3:Release": "chart version",
    "kubernetes:keda.sh/v1alpha1:ScaledObject": "spec.minReplicaCount spec.maxReplicaCount",
}


def summary(recording: Recording) -> dict[str, Any]:
    """What the golden holds."""
    properties = {
        f"{record.type} {record.name}": {
            path: value for path in paths.split() if (value := at(record.inputs, path)) is not None
        }
        for type_, paths in PROPERTIES.items()
        for record in recording.of_type(type_)
    }
    return {
        "protected": sorted(f"{r.type} {r.name}" for r in recording.records if r.protect),
        "resources": dict(sorted(Counter(r.type for r in recording.records).items())),
        "properties": properties,
    }


def at(value: Any, path: str) -> Any:
    """The value at a dotted path; ids of invented resources are left out."""
    for part in path.split("."):
        value = value.get(part)
    if isinstance(value, dict):
        return {k: v for k, v in cast("dict[str, Any]", value).items() if k != "subnetIds"}
    return value


def test_the_stack_holds_what_was_reviewed(recording: Recording, stack: str, request: pytest.FixtureRequest) -> None:
    path = GOLDENS / f"{stack}.yaml"
    text = yaml.safe_dump(summary(recording), sort_keys=False, width=110)
    if request.config.getoption("--write-goldens"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), "run `make golden`, then read the difference line by line"
