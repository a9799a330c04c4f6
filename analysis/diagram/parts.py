"""What the pictures are made of: boxes that take their words from recorded resources, arrows, and what shows what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from analysis.recorder import Recording
from components.common.catalogue import CATALOGUE


@dataclass(frozen=True, kw_only=True)
class Part:
    """A box of the picture."""

    shows: str = ""
    """Type that it stands for; the catalogue has its icon."""
    other_icon: str = ""
    """Icon of what is no type, below `resources/aws` of the package `diagrams`."""
    label: Callable[[Recording], str]
    group: str = ""
    of: str = ""
    """Component whose resources it stands for; empty: not of this program."""
    there: Callable[[Recording], bool] = lambda _: True
    """Whether the stack has one; a component can leave it out."""

    @property
    def icon(self) -> str:
        """Path below `resources/aws` of the package `diagrams`."""
        return CATALOGUE[self.shows].picture if self.shows else self.other_icon


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """Who calls whom."""

    start: str
    end: str
    label: str = ""
    witness: tuple[str, str] | None = None
    """Component that needs the other; without one it is the start that needs the end."""
    only_with: str = ""
    """Component without which there is no such arrow."""


def _one(recording: Recording, type_: str) -> dict[str, Any]:
    """Inputs of the first resource of a type."""
    return recording.of_type(type_)[0].inputs


def _text(*lines: str) -> Callable[[Recording], str]:
    return lambda _: "\n".join(lines)


def _nats(recording: Recording) -> list[str]:
    """Types of what leads out of the private subnets, one each."""
    kinds = ("aws:ec2/natGateway:NatGateway", "aws:ec2/instance:Instance")
    return [record.type for kind in kinds for record in recording.of_type(kind)]


def _nat(recording: Recording) -> str:
    nats = _nats(recording)
    return "NAT instance" if nats == ["aws:ec2/instance:Instance"] else f"{len(nats)} NAT gateways"


def _edge(recording: Recording) -> str:
    return f"CloudFront\n{recording.exports.get('url', '')}".removesuffix("\n")


def _firewall(recording: Recording) -> str:
    return f"WAF, {len(_one(recording, 'aws:wafv2/webAcl:WebAcl')['rules'])} rules"


def _database(recording: Recording) -> str:
    inputs = _one(recording, "aws:rds/instance:Instance")
    zones = "two zones" if inputs["multiAz"] else "one zone"
    return f"PostgreSQL {inputs['engineVersion']}\n{inputs['instanceClass']}, {zones}"


def _queue(recording: Recording) -> str:
    inputs = _one(recording, "aws:elasticache/replicationGroup:ReplicationGroup")
    return f"Valkey {inputs['engineVersion']}\n{inputs['numCacheClusters']} x {inputs['nodeType']}"


def _search(recording: Recording) -> str:
    inputs = _one(recording, "aws:opensearch/domain:Domain")
    cluster = inputs["clusterConfig"]
    version = str(inputs["engineVersion"]).replace("_", " ")
    return f"{version}\n{cluster['instanceCount']} x {cluster['instanceType'].removesuffix('.search')}"


def _pods(name: str) -> Callable[[Recording], str]:
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


def _has(type_: str, name: str = "") -> Callable[[Recording], bool]:
    return lambda recording: any(name in r.name for r in recording.of_type(type_))


def _alarms(recording: Recording) -> str:
    single = len(recording.of_type("aws:cloudwatch/metricAlarm:MetricAlarm"))
    return f"{single} alarms,\n{len(recording.of_type('aws:cloudwatch/compositeAlarm:CompositeAlarm'))} of several"


def _nodes(recording: Recording) -> str:
    (requirement,) = [
        r
        for r in _one(recording, "kubernetes:karpenter.sh/v1:NodePool")["spec"]["template"]["spec"]["requirements"]
        if r["key"] == "kubernetes.io/arch"
    ]
    pools = len(recording.of_type("kubernetes:karpenter.sh/v1:NodePool"))
    return f"Auto Mode nodes\n{pools} pool{'s' if pools > 1 else ''}, {requirement['values'][0]}"


def _cidr(recording: Recording) -> str:
    if not recording.of_type("aws:ec2/vpc:Vpc"):
        return "VPC that exists already"
    zones = {r.inputs["availabilityZone"] for r in recording.of_type("aws:ec2/subnet:Subnet")}
    return f"VPC {_one(recording, 'aws:ec2/vpc:Vpc')['cidrBlock']}, {len(zones)} zones"


def recovery_region(recording: Recording) -> str:
    """Where the copies are: the region of the second key; empty without."""
    keys = recording.of_type("aws:kms/key:Key")
    return next((str(key.inputs["region"]) for key in keys if "region" in key.inputs), "")


GROUPS: Final[Mapping[str, tuple[str, Callable[[Recording], str]]]] = {
    # name: the group around it, title
    "edge": ("", _text("edge, us-east-1")),
    "vpc": ("", _cidr),
    "public": ("vpc", _text("public subnets")),
    "private": ("vpc", _text("private subnets")),
    "cluster": ("private", _text("EKS Auto Mode")),
    "data": ("vpc", _text("data subnets, no way out")),
    "region": ("", _text("services of the region")),
    "recovery": ("", lambda recording: f"recovery region {recovery_region(recording)}"),
}

PARTS: Final[Mapping[str, Part]] = {
    "people": Part(other_icon="general/users.png", label=_text("people, API clients")),
    "models": Part(other_icon="ml/bedrock.png", label=_text("models, on the", "internet or Bedrock")),
    "dns": Part(
        shows="aws:route53/record:Record",
        label=_text("Route 53"),
        group="edge",
        of="EdgeCdn",
        there=_has("aws:route53/record:Record"),
    ),
    "certificate": Part(
        shows="aws:acm/certificate:Certificate",
        label=_text("certificate"),
        group="edge",
        of="SiteCertificate",
        there=_has("aws:acm/certificate:Certificate", "edge"),
    ),
    "cdn": Part(shows="aws:cloudfront/distribution:Distribution", label=_edge, group="edge", of="EdgeCdn"),
    "firewall": Part(shows="aws:wafv2/webAcl:WebAcl", label=_firewall, group="edge", of="EdgeCdn"),
    "balancer": Part(
        shows="aws:lb/loadBalancer:LoadBalancer",
        label=_text("internal load", "balancer"),
        group="private",
        of="PrivateLoadBalancer",
    ),
    "servers": Part(shows="kubernetes:apps/v1:Deployment", label=_pods("server"), group="cluster", of="FlowiseApp"),
    "workers": Part(
        shows="kubernetes:apps/v1:Deployment",
        label=_pods("worker"),
        group="cluster",
        of="FlowiseApp",
        there=_has("kubernetes:apps/v1:Deployment", "worker"),
    ),
    "keda": Part(
        shows="kubernetes:keda.sh/v1alpha1:ScaledObject",
        label=_text("KEDA counts", "waiting jobs"),
        group="cluster",
        of="Keda",
    ),
    "nodes": Part(shows="kubernetes:karpenter.sh/v1:NodePool", label=_nodes, group="cluster", of="FlowiseNodes"),
    "collector": Part(
        other_icon="devtools/tools-and-sdks.png",
        label=_text("OpenTelemetry", "Collector"),
        group="cluster",
        of="Telemetry",
    ),
    "fluentd": Part(
        shows="aws:cloudwatch/logGroup:LogGroup", label=_text("Fluentd,", "one a node"), group="cluster", of="Telemetry"
    ),
    "database": Part(shows="aws:rds/instance:Instance", label=_database, group="data", of="FlowiseDb"),
    "queue": Part(
        shows="aws:elasticache/replicationGroup:ReplicationGroup", label=_queue, group="data", of="FlowiseQueue"
    ),
    "search": Part(shows="aws:opensearch/domain:Domain", label=_search, group="data", of="Retrieval"),
    "nat": Part(
        shows="aws:ec2/natGateway:NatGateway",
        label=_nat,
        group="public",
        of="NetworkStack",
        there=lambda recording: bool(_nats(recording)),
    ),
    "internet": Part(
        shows="aws:ec2/internetGateway:InternetGateway",
        label=_text("internet gateway"),
        group="public",
        of="NetworkStack",
        there=_has("aws:ec2/internetGateway:InternetGateway"),
    ),
    "endpoint": Part(
        shows="aws:ec2/vpcEndpoint:VpcEndpoint",
        label=_text("S3 endpoint"),
        group="private",
        of="NetworkStack",
        there=_has("aws:ec2/vpcEndpoint:VpcEndpoint", "s3"),
    ),
    "runner": Part(
        shows="aws:codebuild/project:Project",
        label=_text("runner of", "deployments"),
        group="private",
        of="DeployRunner",
    ),
    "files": Part(
        shows="aws:s3/bucket:Bucket",
        label=_text("files in S3,", "all versions"),
        group="region",
        of="ModelBucket",
    ),
    "logs": Part(shows="aws:s3/bucket:Bucket", label=_text("access logs"), group="region", of="LogBucket"),
    "secrets": Part(
        shows="aws:secretsmanager/secret:Secret", label=_text("keys of Flowise"), group="region", of="FlowiseKeys"
    ),
    "kms": Part(
        shows="aws:kms/key:Key",
        label=_text("KMS key,", "encrypts all of it"),
        group="region",
        of="EncryptionKey",
    ),
    "backup": Part(shows="aws:backup/vault:Vault", label=_text("AWS Backup"), group="region", of="BackupPlan"),
    "traces": Part(other_icon="devtools/x-ray.png", label=_text("traces in X-Ray"), group="region", of="Telemetry"),
    "metrics": Part(
        shows="aws:cloudwatch/dashboard:Dashboard",
        label=_text("CloudWatch:", "logs, metrics,", "dashboard"),
        group="region",
        of="Observability",
    ),
    "alarms": Part(shows="aws:cloudwatch/metricAlarm:MetricAlarm", label=_alarms, group="region", of="Observability"),
    "topic": Part(
        shows="aws:sns/topic:Topic",
        label=_text("topics"),
        group="region",
        of="Observability",
    ),
    "budget": Part(shows="aws:budgets/budget:Budget", label=_text("budget"), group="region", of="Observability"),
    "operators": Part(other_icon="general/users.png", label=_text("who is on duty,", "with a runbook")),
    "copy-backup": Part(
        shows="aws:backup/vault:Vault", label=_text("recovery points"), group="recovery", of="BackupPlan"
    ),
    "copy-files": Part(
        shows="aws:s3/bucket:Bucket", label=_text("copies of files"), group="recovery", of="ModelBucket"
    ),
    "copy-secrets": Part(
        shows="aws:secretsmanager/secret:Secret", label=_text("copies of keys"), group="recovery", of="FlowiseKeys"
    ),
}

_APP: Final = "FlowiseApp"

ARROWS: Final = (
    Arrow(start="people", end="dns", label="name"),
    Arrow(start="people", end="balancer", label="HTTPS inside the network", only_with="InternalEntry"),
    Arrow(start="people", end="cdn", label="HTTPS"),
    Arrow(start="people", end="firewall", label="HTTPS"),
    Arrow(start="firewall", end="cdn"),
    Arrow(start="certificate", end="cdn", witness=("EdgeCdn", "SiteCertificate")),
    Arrow(start="cdn", end="balancer", label="VPC origin"),
    Arrow(start="balancer", end="servers", witness=(_APP, "PrivateLoadBalancer")),
    Arrow(start="servers", end="database", label="TLS"),
    Arrow(start="servers", end="queue", label="jobs"),
    Arrow(start="servers", end="search", label="vectors", witness=("Retrieval", "EksCluster")),
    Arrow(start="workers", end="search", witness=("Retrieval", "EksCluster")),
    Arrow(start="workers", end="queue", label="jobs"),
    Arrow(start="workers", end="database"),
    Arrow(start="keda", end="workers", label="scales", witness=(_APP, "Keda")),
    Arrow(start="keda", end="queue"),
    Arrow(start="nodes", end="servers", label="carry", witness=(_APP, "FlowiseNodes")),
    Arrow(start="nodes", end="workers", label="carry", witness=(_APP, "FlowiseNodes")),
    Arrow(start="servers", end="files"),
    Arrow(start="workers", end="files"),
    Arrow(start="servers", end="secrets", label="read by the deployment"),
    Arrow(start="workers", end="nat", label="flows", witness=(_APP, "EksCluster")),
    Arrow(start="runner", end="nat", label="GitHub, AWS"),
    Arrow(start="nat", end="internet"),
    Arrow(start="internet", end="models"),
    Arrow(start="nat", end="models"),
    Arrow(start="endpoint", end="files", witness=("NetworkStack", "NetworkStack")),
    Arrow(start="balancer", end="logs"),
    Arrow(start="database", end="backup", label="daily", witness=("BackupPlan", "FlowiseDb")),
    Arrow(start="files", end="backup", witness=("BackupPlan", "ModelBucket")),
    Arrow(start="backup", end="copy-backup"),
    Arrow(start="files", end="copy-files"),
    Arrow(start="secrets", end="copy-secrets"),
    Arrow(start="database", end="kms"),
    Arrow(start="files", end="kms"),
    Arrow(start="secrets", end="kms"),
    Arrow(start="queue", end="kms"),
    Arrow(start="search", end="kms"),
    Arrow(start="servers", end="collector", label="OTLP", witness=(_APP, "Telemetry")),
    Arrow(start="workers", end="collector", label="OTLP", witness=(_APP, "Telemetry")),
    Arrow(start="servers", end="fluentd", label="files"),
    Arrow(start="workers", end="fluentd", label="files"),
    Arrow(start="collector", end="traces"),
    Arrow(start="collector", end="metrics", label="metrics", witness=("Telemetry", "Telemetry")),
    Arrow(start="fluentd", end="metrics", label="logs, redacted", witness=("Telemetry", "Telemetry")),
    Arrow(start="cdn", end="metrics", witness=("Observability", "EdgeCdn")),
    Arrow(start="balancer", end="metrics", witness=("Observability", "PrivateLoadBalancer")),
    Arrow(start="database", end="metrics", witness=("Observability", "FlowiseDb")),
    Arrow(start="queue", end="metrics", witness=("Observability", "FlowiseQueue")),
    Arrow(start="search", end="metrics", witness=("Observability", "Retrieval")),
    Arrow(start="metrics", end="alarms"),
    Arrow(start="alarms", end="topic"),
    Arrow(start="backup", end="topic"),
    Arrow(start="budget", end="topic"),
    Arrow(start="topic", end="operators", label="mail, HTTPS"),
)


VIEWS: Final[Mapping[str, str]] = {
    "architecture": "people cdn firewall balancer servers workers queue database search files nat models backup "
    "copy-backup copy-files",
    "architecture-edge": "people dns cdn firewall certificate balancer servers logs",
    "architecture-network": "people cdn balancer servers workers runner nat internet models endpoint files database "
    "queue search",
    "architecture-cluster": "balancer servers workers keda nodes queue database search",
    "architecture-data": "servers workers database queue search files secrets kms backup copy-backup copy-files "
    "copy-secrets",
    "architecture-observability": "servers workers collector fluentd database queue search balancer cdn traces metrics "
    "alarms budget topic operators",
}
"""Each picture and its parts."""

HIDDEN: Final[Mapping[str, frozenset[tuple[str, str]]]] = {
    # Arrows that another picture shows, or another arrow of this one.
    "architecture": frozenset({("people", "cdn")}),
    "architecture-edge": frozenset({("people", "cdn")}),
    "architecture-network": frozenset({("servers", "files"), ("workers", "files"), ("nat", "models")}),
    "architecture-data": frozenset({("servers", "queue"), ("workers", "database")}),
    "architecture-observability": frozenset(
        {
            ("cdn", "balancer"),
            ("balancer", "servers"),
            ("servers", "queue"),
            ("servers", "database"),
            ("workers", "queue"),
            ("workers", "database"),
        }
    ),
}
