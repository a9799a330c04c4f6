"""What each type of resource costs: a rule with quantities and prices, nothing, or known to be left out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from analysis.cost.usage import Usage
from analysis.recorder import Record, Recording
from components.common.catalogue import AWS, is_known

Part = Literal["fixed", "use"]


@dataclass(frozen=True, kw_only=True)
class Amount:
    """So much of something that has a price."""

    what: str
    price: str
    """Key of the price table."""
    quantity: float
    """In the price's unit, or things that run all month where that is an hour."""
    part: Part = "fixed"
    factor: float = 1.0
    """What else the price is multiplied with, such as the price of the node that a fee is a share of."""


Rule = Callable[[Record, Usage, Recording], Iterator[Amount]]


def _flat(what: str, price: str) -> Rule:
    def rule(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
        del record, usage, recording
        yield Amount(what=what, price=price, quantity=1)

    return rule


def _alarm(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """An alarm on an expression is billed for each metric in it."""
    del usage, recording
    queries: list[dict[str, Any]] = record.inputs.get("metricQueries") or []
    metrics = [query for query in queries if query.get("metric")]
    yield Amount(what="alarm, by metric", price="cloudwatch.alarm", quantity=len(metrics) or 1)


def _database(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del usage, recording
    inputs = record.inputs
    zones = "multi" if inputs.get("multiAz") else "single"
    shown = "two zones" if zones == "multi" else "one zone"
    yield Amount(what=f"{inputs['instanceClass']}, {shown}", price=f"rds.{inputs['instanceClass']}.{zones}", quantity=1)
    yield Amount(what=f"storage, {shown}", price=f"rds.storage.{zones}", quantity=inputs["allocatedStorage"])
    if inputs.get("manageMasterUserPassword"):
        yield Amount(what="administrator's secret", price="secrets.secret", quantity=1)


def _queue(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del recording
    inputs = record.inputs
    yield Amount(what=inputs["nodeType"], price=f"valkey.{inputs['nodeType']}", quantity=inputs["numCacheClusters"])
    if inputs.get("snapshotRetentionLimit"):
        yield Amount(what="snapshots", price="valkey.snapshots", quantity=usage.queue_snapshots_gb, part="use")


def _search(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Snapshots of the service itself cost nothing."""
    del usage, recording
    cluster, nodes = record.inputs["clusterConfig"], record.inputs["clusterConfig"]["instanceCount"]
    yield Amount(what=cluster["instanceType"], price=f"opensearch.{cluster['instanceType']}", quantity=nodes)
    if cluster["dedicatedMasterEnabled"]:
        master, count = cluster["dedicatedMasterType"], cluster["dedicatedMasterCount"]
        yield Amount(what=f"{master}, dedicated masters", price=f"opensearch.{master}", quantity=count)
    storage = nodes * record.inputs["ebsOptions"]["volumeSize"]
    yield Amount(what="storage of all nodes", price="opensearch.storage", quantity=storage)


def _dns_queries(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """AWS's own lists cost nothing, and the association neither."""
    del record, recording
    yield Amount(what="queries filtered", price="dns_firewall.queries", quantity=usage.dns_queries_millions, part="use")


def _dns_domains(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del usage, recording
    yield Amount(what="listed domains", price="dns_firewall.domain", quantity=len(record.inputs["domains"]))


def _load_balancer(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del record, recording
    yield Amount(what="load balancer", price="alb.hour", quantity=1)
    yield Amount(what="its capacity units", price="alb.lcu", quantity=usage.load_balancer_lcu, part="use")


def _endpoint(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del recording
    if record.inputs.get("vpcEndpointType") != "Interface":
        return  # gateway endpoints cost nothing
    service = str(record.inputs["serviceName"]).rsplit(".", 1)[1]
    yield Amount(
        what=f"endpoint {service}, per zone", price="endpoint.interface", quantity=len(record.inputs["subnetIds"])
    )
    yield Amount(what=f"data through {service}", price="endpoint.data", quantity=usage.endpoint_gb, part="use")


def _web_acl(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del recording
    yield Amount(what="web ACL", price="waf.acl", quantity=1)
    yield Amount(what="its rules", price="waf.rule", quantity=len(record.inputs["rules"]))
    yield Amount(what="requests inspected", price="waf.requests", quantity=usage.requests_millions, part="use")


_FREE_REQUESTS_MILLIONS: Final = 10
_FREE_OUT_GB: Final = 1024


def _distribution(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """The first 10 million requests and 1 TB of every month are free."""
    del record, recording
    requests = max(0.0, usage.requests_millions - _FREE_REQUESTS_MILLIONS)
    yield Amount(what="requests", price="cloudfront.requests", quantity=requests, part="use")
    data = max(0.0, usage.edge_out_gb - _FREE_OUT_GB)
    yield Amount(what="data to people", price="cloudfront.data", quantity=data, part="use")


_FREE_TRACES_MILLIONS: Final = 0.1


def _log_group(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Of Telemetry's two, one is where metrics come from; the traces go beside it, to where no resource is."""
    del recording
    name = str(record.inputs["name"])
    of_containers, of_metrics = (":Telemetry" in record.parent and name.endswith(end) for end in _TELEMETRY_GROUPS)
    taken_in = usage.container_log_gb if of_containers else usage.metric_log_gb if of_metrics else usage.log_gb
    what = "logs of containers taken in" if of_containers else "metrics taken in" if of_metrics else "logs taken in"
    yield Amount(what=what, price="logs.ingested", quantity=taken_in, part="use")
    yield Amount(what="logs kept", price="logs.stored", quantity=usage.log_kept_gb, part="use")
    if of_metrics:
        yield Amount(what="custom metrics", price="cloudwatch.metric", quantity=usage.custom_metrics, part="use")
        traces = max(0.0, usage.traces_millions - _FREE_TRACES_MILLIONS)
        yield Amount(what="traces in X-Ray", price="xray.traces", quantity=traces, part="use")


_TELEMETRY_GROUPS: Final = ("/containers", "/metrics")


def _addon(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """An add-on costs nothing in itself, but what CloudWatch's agent observes does."""
    del recording
    if record.inputs["addonName"] == "amazon-cloudwatch-observability":
        seen = usage.observations_millions
        yield Amount(what="Container Insights", price="cloudwatch.observations", quantity=seen, part="use")


def _log_archive(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del record, recording
    yield Amount(what="logs to the archive", price="firehose.data", quantity=usage.log_gb, part="use")


_FREE_SMALL_MINUTES: Final = 100


def _runner(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Minutes of a small machine are free up to 100 a month."""
    del recording
    size = str(record.inputs["environment"]["computeType"]).rpartition("_")[2].lower()
    minutes = max(0.0, usage.runner_minutes - _FREE_SMALL_MINUTES) if size == "small" else usage.runner_minutes
    yield Amount(what=f"minutes of a {size} machine", price=f"codebuild.{size}", quantity=minutes, part="use")


def _bucket(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Buckets of LogBucket and Telemetry hold logs, the others files or their copies."""
    del recording
    logs = record.parent.rsplit("::", 1)[0].endswith((":LogBucket", ":Telemetry"))
    size = usage.log_files_gb if logs else usage.files_gb
    yield Amount(what="logs" if logs else "files", price="s3.storage", quantity=size, part="use")
    if not logs:
        yield Amount(what="S3 writes", price="s3.writes", quantity=usage.s3_writes_millions, part="use")
        yield Amount(what="S3 reads", price="s3.reads", quantity=usage.s3_reads_millions, part="use")


def _key(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """A key; its first two yearly rotations add a dollar each, which is not counted."""
    del recording
    yield Amount(what="KMS key", price="kms.key", quantity=1)
    if ":EncryptionKey" in record.parent and "region" not in record.inputs:
        requests = usage.kms_requests_millions
        yield Amount(what="KMS requests", price="kms.requests", quantity=requests, part="use")


def _secret(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Every replica in another region is charged as a secret of its own."""
    del usage, recording
    copies = 1 + len(record.inputs.get("replicas") or [])
    yield Amount(what="secret and its replicas", price="secrets.secret", quantity=copies)


def _vault(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del record, recording
    points = (("backup.database", usage.database_backup_gb), ("backup.files", usage.files_backup_gb))
    for price, size in points:
        what = f"recovery points of the {price.split('.')[1]}"
        yield Amount(what=what, price=price, quantity=size, part="use")


def _backup_plan(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del recording
    if any(rule.get("copyActions") for rule in record.inputs["rules"]):
        size = usage.recovery_copied_gb
        yield Amount(what="recovery points copied", price="transfer.region", quantity=size, part="use")


def _replication(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del record, recording
    yield Amount(what="files copied", price="transfer.region", quantity=usage.recovery_copied_gb, part="use")


def _instance(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    del usage, recording
    inputs = record.inputs
    yield Amount(what=f"NAT instance {inputs['instanceType']}", price=f"ec2.{inputs['instanceType']}", quantity=1)
    yield Amount(what="its disk", price="ebs.gp3", quantity=inputs["rootBlockDevice"]["volumeSize"])


def _network(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """Traffic of the whole network, however many gateways carry it."""
    del record
    if recording.of_type("aws:ec2/natGateway:NatGateway"):
        yield Amount(what="data through NAT", price="nat.data", quantity=usage.nat_gb, part="use")
    yield Amount(what="data between zones", price="transfer.zone", quantity=usage.zone_crossing_gb, part="use")


RULES: Final[Mapping[str, Rule]] = {
    "aws:backup/plan:Plan": _backup_plan,
    "aws:backup/vault:Vault": _vault,
    "aws:cloudfront/distribution:Distribution": _distribution,
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription": _flat(
        "additional metrics", "cloudfront.additional_metrics"
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _flat("composite alarm", "cloudwatch.composite_alarm"),
    "aws:cloudwatch/dashboard:Dashboard": _flat("dashboard", "cloudwatch.dashboard"),
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:codebuild/project:Project": _runner,
    "aws:ec2/eip:Eip": _flat("public IPv4 address", "ipv4.address"),
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/natGateway:NatGateway": _flat("NAT gateway", "nat.gateway"),
    "aws:ec2/vpc:Vpc": _network,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/cluster:Cluster": _flat("EKS cluster", "eks.cluster"),
    "aws:elasticache/replicationGroup:ReplicationGroup": _queue,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": _log_archive,
    "aws:kms/key:Key": _key,
    "aws:kms/replicaKey:ReplicaKey": _flat("KMS key", "kms.key"),
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:opensearch/domain:Domain": _search,
    "aws:rds/instance:Instance": _database,
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": _dns_domains,
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": _dns_queries,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _replication,
    "aws:secretsmanager/secret:Secret": _secret,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
"""Type to what it costs."""

LEFT_OUT: Final[Mapping[str, str]] = {type_: entry.left_out for type_, entry in AWS.items() if entry.left_out}
"""What types can cost that the estimate leaves out."""


def left_out(recording: Recording) -> tuple[str, ...]:
    """What a stack can cost besides, at AWS and elsewhere."""
    types = {record.type for record in recording.records}
    charts = {record.inputs["chart"] for record in recording.of_type("kubernetes:helm.sh/v3:Release")}
    return (
        *(LEFT_OUT[type_] for type_ in sorted(types & LEFT_OUT.keys())),
        *(["Datadog's own bill, by hosts and GB of logs"] if "datadog" in charts else []),
    )


def amounts(record: Record, usage: Usage, recording: Recording) -> Iterator[Amount]:
    """What a resource costs; nothing for one that is free, left out or unknown."""
    rule = RULES.get(record.type)
    if rule and record.custom and not record.read:
        yield from rule(record, usage, recording)


def is_unknown(record: Record) -> bool:
    """Whether nobody has said what a type costs: it is not in the catalogue."""
    return not is_known(record.type)
