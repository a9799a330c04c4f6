"""The words in the boxes of the pictures, taken from recorded resources."""

from collections.abc import Callable
from typing import Any

from analysis.recorder import Recording


def _one(recording: Recording, type_: str) -> dict[str, Any]:
    """Inputs of the first resource of a type."""
    return recording.of_type(type_)[0].inputs


def text(*lines: str) -> Callable[[Recording], str]:
    """The same words in every stack."""
    return lambda _: "\n".join(lines)


def nats(recording: Recording) -> list[str]:
    """Types of what leads out of the private subnets, one each."""
    kinds = ("aws:ec2/natGateway:NatGateway", "aws:ec2/instance:Instance")
    return [record.type for kind in kinds for record in recording.of_type(kind)]


def nat(recording: Recording) -> str:
    """What leads out of the private subnets."""
    found = nats(recording)
    return "NAT instance" if found == ["aws:ec2/instance:Instance"] else f"{len(found)} NAT gateways"


def edge(recording: Recording) -> str:
    """The address that people open."""
    return f"CloudFront\n{recording.exports.get('url', '')}".removesuffix("\n")


def firewall(recording: Recording) -> str:
    """How many rules it has."""
    return f"WAF, {len(_one(recording, 'aws:wafv2/webAcl:WebAcl')['rules'])} rules"


def database(recording: Recording) -> str:
    """Version, size and zones."""
    inputs = _one(recording, "aws:rds/instance:Instance")
    zones = "two zones" if inputs["multiAz"] else "one zone"
    return f"PostgreSQL {inputs['engineVersion']}\n{inputs['instanceClass']}, {zones}"


def queue(recording: Recording) -> str:
    """Version, nodes and their size."""
    inputs = _one(recording, "aws:elasticache/replicationGroup:ReplicationGroup")
    return f"Valkey {inputs['engineVersion']}\n{inputs['numCacheClusters']} x {inputs['nodeType']}"


def pods(name: str) -> Callable[[Recording], str]:
    """How many pods of a kind the stack may run."""

    def label(recording: Recording) -> str:
        scalers = [
            *recording.of_type("kubernetes:autoscaling/v2:HorizontalPodAutoscaler"),
            *recording.of_type("kubernetes:keda.sh/v1alpha1:ScaledObject"),
        ]
        scaled = [r.inputs["spec"] for r in scalers if r.inputs["spec"]["scaleTargetRef"]["name"] == f"flowise-{name}"]
        if not scaled:
            return f"Flowise {name}"
        spec: dict[str, Any] = scaled[0]
        low = spec.get("minReplicas", spec.get("minReplicaCount"))
        high = spec.get("maxReplicas", spec.get("maxReplicaCount"))
        return f"Flowise {name}s\n{low} to {high} pods"

    return label


def has(type_: str, name: str = "") -> Callable[[Recording], bool]:
    """Whether a stack has a resource of a type, with these letters in its name."""
    return lambda recording: any(name in r.name for r in recording.of_type(type_))


def alarms(recording: Recording) -> str:
    """How many of each kind."""
    single = len(recording.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"))
    return f"{single} alarms,\n{len(recording.of_type('aws:cloudwatch/compositeAlarm:CompositeAlarm'))} of several"


def nodes(recording: Recording) -> str:
    """Node pools and their processors."""
    (requirement,) = [
        r
        for r in _one(recording, "kubernetes:karpenter.sh/v1:NodePool")["spec"]["template"]["spec"]["requirements"]
        if r["key"] == "kubernetes.io/arch"
    ]
    pools = len(recording.of_type("kubernetes:karpenter.sh/v1:NodePool"))
    return f"Auto Mode nodes\n{pools} pool{'s' if pools > 1 else ''}, {requirement['values'][0]}"


def cidr(recording: Recording) -> str:
    """The addresses of the stack's network."""
    if not recording.of_type("aws:ec2/vpc:Vpc"):
        return "VPC that exists already"
    zones = {r.inputs["availabilityZone"] for r in recording.of_type("aws:ec2/subnet:Subnet")}
    return f"VPC {_one(recording, 'aws:ec2/vpc:Vpc')['cidrBlock']}, {len(zones)} zones"


def recovery_region(recording: Recording) -> str:
    """Where the copies are: the region of the second key; empty without."""
    keys = recording.of_type("aws:kms/key:Key")
    return next((str(key.inputs["region"]) for key in keys if "region" in key.inputs), "")
