"""The boxes of the pictures: what each stands for, its words, its pictures, in the order of this file.

What a section brings that prod leaves out has a file in `analysis/diagram/optional/`, and comes after these.
"""

from collections.abc import Callable, Mapping
from typing import Final

from analysis.diagram import labels, optional
from analysis.diagram.model import CLUSTER, DATA, EDGE, NETWORK, OBSERVABILITY, OVERVIEW, Part
from analysis.recorder import Recording

GROUPS: Final[Mapping[str, tuple[str, Callable[[Recording], str]]]] = {
    # name: the group around it, title
    "edge": ("", labels.text("edge, us-east-1")),
    "vpc": ("", labels.cidr),
    "public": ("vpc", labels.text("public subnets")),
    "private": ("vpc", labels.text("private subnets")),
    "cluster": ("private", labels.text("EKS Auto Mode")),
    "data": ("vpc", labels.text("data subnets, no way out")),
    "region": ("", labels.text("services of the region")),
    "recovery": ("", lambda recording: f"recovery region {labels.recovery_region(recording)}"),
}

_PARTS: Final[Mapping[str, Part]] = {
    "people": Part(
        other_icon="general/users.png",
        label=labels.text("people, API clients"),
        pictures=(OVERVIEW, EDGE, NETWORK),
    ),
    "models": Part(
        other_icon="ml/bedrock.png",
        label=labels.text("models, on the", "internet or Bedrock"),
        pictures=(OVERVIEW, NETWORK),
    ),
    "dns": Part(
        shows="aws:route53/record:Record",
        label=labels.text("Route 53"),
        group="edge",
        of="EdgeCdn",
        there=labels.has("aws:route53/record:Record"),
        pictures=(EDGE,),
    ),
    "cdn": Part(
        shows="aws:cloudfront/distribution:Distribution",
        label=labels.edge,
        group="edge",
        of="EdgeCdn",
        pictures=(OVERVIEW, EDGE, NETWORK, OBSERVABILITY),
    ),
    "firewall": Part(
        shows="aws:wafv2/webAcl:WebAcl",
        label=labels.firewall,
        group="edge",
        of="EdgeCdn",
        pictures=(OVERVIEW, EDGE),
    ),
    "certificate": Part(
        shows="aws:acm/certificate:Certificate",
        label=labels.text("certificate"),
        group="edge",
        of="SiteCertificate",
        there=labels.has("aws:acm/certificate:Certificate", "edge"),
        pictures=(EDGE,),
    ),
    "balancer": Part(
        shows="aws:lb/loadBalancer:LoadBalancer",
        label=labels.text("internal load", "balancer"),
        group="private",
        of="PrivateLoadBalancer",
        pictures=(OVERVIEW, EDGE, NETWORK, CLUSTER, OBSERVABILITY),
    ),
    "servers": Part(
        shows="kubernetes:apps/v1:Deployment",
        label=labels.pods("server"),
        group="cluster",
        of="FlowiseApp",
        pictures=(OVERVIEW, EDGE, NETWORK, CLUSTER, DATA, OBSERVABILITY),
    ),
    "workers": Part(
        shows="kubernetes:apps/v1:Deployment",
        label=labels.pods("worker"),
        group="cluster",
        of="FlowiseApp",
        there=labels.has("kubernetes:apps/v1:Deployment", "worker"),
        pictures=(OVERVIEW, NETWORK, CLUSTER, DATA, OBSERVABILITY),
    ),
    "keda": Part(
        shows="kubernetes:keda.sh/v1alpha1:ScaledObject",
        label=labels.text("KEDA counts", "waiting jobs"),
        group="cluster",
        of="Keda",
        pictures=(CLUSTER,),
    ),
    "nodes": Part(
        shows="kubernetes:karpenter.sh/v1:NodePool",
        label=labels.nodes,
        group="cluster",
        of="FlowiseNodes",
        pictures=(CLUSTER,),
    ),
    "collector": Part(
        other_icon="devtools/tools-and-sdks.png",
        label=labels.text("OpenTelemetry", "Collector"),
        group="cluster",
        of="Telemetry",
        pictures=(OBSERVABILITY,),
    ),
    "fluentd": Part(
        shows="aws:cloudwatch/logGroup:LogGroup",
        label=labels.text("Fluentd,", "one a node"),
        group="cluster",
        of="Telemetry",
        pictures=(OBSERVABILITY,),
    ),
    "database": Part(
        shows="aws:rds/instance:Instance",
        label=labels.database,
        group="data",
        of="FlowiseDb",
        pictures=(OVERVIEW, NETWORK, CLUSTER, DATA, OBSERVABILITY),
    ),
    "queue": Part(
        shows="aws:elasticache/replicationGroup:ReplicationGroup",
        label=labels.queue,
        group="data",
        of="FlowiseQueue",
        pictures=(OVERVIEW, NETWORK, CLUSTER, DATA, OBSERVABILITY),
    ),
    "nat": Part(
        shows="aws:ec2/natGateway:NatGateway",
        label=labels.nat,
        group="public",
        of="NetworkStack",
        there=lambda recording: bool(labels.nats(recording)),
        pictures=(OVERVIEW, NETWORK),
    ),
    "internet": Part(
        shows="aws:ec2/internetGateway:InternetGateway",
        label=labels.text("internet gateway"),
        group="public",
        of="NetworkStack",
        there=labels.has("aws:ec2/internetGateway:InternetGateway"),
        pictures=(NETWORK,),
    ),
    "endpoint": Part(
        shows="aws:ec2/vpcEndpoint:VpcEndpoint",
        label=labels.text("S3 endpoint"),
        group="private",
        of="NetworkStack",
        there=labels.has("aws:ec2/vpcEndpoint:VpcEndpoint", "s3"),
        pictures=(NETWORK,),
    ),
    "files": Part(
        shows="aws:s3/bucket:Bucket",
        label=labels.text("files in S3,", "all versions"),
        group="region",
        of="ModelBucket",
        pictures=(OVERVIEW, NETWORK, DATA),
    ),
    "logs": Part(
        shows="aws:s3/bucket:Bucket", label=labels.text("access logs"), group="region", of="LogBucket", pictures=(EDGE,)
    ),
    "secrets": Part(
        shows="aws:secretsmanager/secret:Secret",
        label=labels.text("keys of Flowise"),
        group="region",
        of="FlowiseKeys",
        pictures=(DATA,),
    ),
    "kms": Part(
        shows="aws:kms/key:Key",
        label=labels.text("KMS key,", "encrypts all of it"),
        group="region",
        of="EncryptionKey",
        pictures=(DATA,),
    ),
    "backup": Part(
        shows="aws:backup/vault:Vault",
        label=labels.text("AWS Backup"),
        group="region",
        of="BackupPlan",
        pictures=(OVERVIEW, DATA),
    ),
    "traces": Part(
        other_icon="devtools/x-ray.png",
        label=labels.text("traces in X-Ray"),
        group="region",
        of="Telemetry",
        pictures=(OBSERVABILITY,),
    ),
    "metrics": Part(
        shows="aws:cloudwatch/dashboard:Dashboard",
        label=labels.text("CloudWatch:", "logs, metrics,", "dashboard"),
        group="region",
        of="Observability",
        pictures=(OBSERVABILITY,),
    ),
    "alarms": Part(
        shows="aws:cloudwatch/metricAlarm:MetricAlarm",
        label=labels.alarms,
        group="region",
        of="Observability",
        pictures=(OBSERVABILITY,),
    ),
    "budget": Part(
        shows="aws:budgets/budget:Budget",
        label=labels.text("budget"),
        group="region",
        of="Observability",
        pictures=(OBSERVABILITY,),
    ),
    "topic": Part(
        shows="aws:sns/topic:Topic",
        label=labels.text("topics"),
        group="region",
        of="Observability",
        pictures=(OBSERVABILITY,),
    ),
    "operators": Part(
        other_icon="general/users.png",
        label=labels.text("who is on duty,", "with a runbook"),
        pictures=(OBSERVABILITY,),
    ),
    "copy-backup": Part(
        shows="aws:backup/vault:Vault",
        label=labels.text("recovery points"),
        group="recovery",
        of="BackupPlan",
        pictures=(OVERVIEW, DATA),
    ),
    "copy-files": Part(
        shows="aws:s3/bucket:Bucket",
        label=labels.text("copies of files"),
        group="recovery",
        of="ModelBucket",
        pictures=(OVERVIEW, DATA),
    ),
    "copy-secrets": Part(
        shows="aws:secretsmanager/secret:Secret",
        label=labels.text("copies of keys"),
        group="recovery",
        of="FlowiseKeys",
        pictures=(DATA,),
    ),
}
PARTS: Final[Mapping[str, Part]] = {**_PARTS, **optional.PARTS}
