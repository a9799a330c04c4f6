"""Flowise on AWS: every component of a stack, in creation order."""

import pulumi

from components.app import FlowiseApp, FlowiseAppArgs
from components.backup import BackupPlan, BackupPlanArgs
from components.bucket import ModelBucket, ModelBucketArgs
from components.certificate import SiteCertificate, SiteCertificateArgs
from components.cluster import EksCluster, EksClusterArgs, require_cluster
from components.common.connections import DataStores, LoadBalancerAccess
from components.common.context import DataTier, StackContext
from components.common.monitoring import MonitoringTargets
from components.common.provider import ask_with, aws_options
from components.database import FlowiseDb, FlowiseDbArgs
from components.dns_firewall import DnsFirewall, DnsFirewallArgs
from components.edge import EdgeCdn, EdgeCdnArgs
from components.encryption import EncryptionKey, EncryptionKeyArgs
from components.keda import Keda, KedaArgs
from components.keys import FlowiseKeys, FlowiseKeysArgs
from components.load_balancer import InternalEntry, InternalEntryArgs, PrivateLoadBalancer, PrivateLoadBalancerArgs
from components.log_bucket import LogBucket, LogBucketArgs
from components.malware_scan import MalwareScan, MalwareScanArgs
from components.network import NetworkStack, NetworkStackArgs, require_open_zones
from components.nodes import FlowiseNodes, FlowiseNodesArgs
from components.observability import Observability, ObservabilityArgs
from components.queue import FlowiseQueue, FlowiseQueueArgs
from components.retrieval import Retrieval, RetrievalArgs
from components.runner import DeployRunner, DeployRunnerArgs
from components.telemetry import Telemetry, TelemetryArgs
from settings import VERSION, load_settings

cfg, secrets = load_settings()
on_aws = aws_options(region=cfg.region, tags=cfg.tags, permissions_boundary_arn=cfg.permissions_boundary_arn)
require_open_zones(cfg.network.zones, region=cfg.region, behind_cloudfront=bool(cfg.cloudfront), opts=ask_with(on_aws))
found = require_cluster(cfg.cluster.existing, cfg.cluster_needs, region=cfg.region, opts=ask_with(on_aws))
key = EncryptionKey("key", EncryptionKeyArgs(scope=cfg.scope, recovery=cfg.recovery), on_aws)
logs = LogBucket("logs", LogBucketArgs(settings=cfg.log_bucket, scope=cfg.scope), on_aws)
stack = StackContext(
    scope=cfg.scope, pods=cfg.pods(secrets), kms_key_arn=key.arn, recovery=key.recovery, log_bucket_name=logs.name
)
network = NetworkStack("network", NetworkStackArgs(settings=cfg.network, stack=stack), on_aws)
dns_args = cfg.dns_firewall and DnsFirewallArgs(
    settings=cfg.dns_firewall, stack=stack, vpc_id=network.private.vpc_id, stack_file=cfg.model_dump()
)
dns = dns_args and DnsFirewall("dns-firewall", dns_args, on_aws)
runner_args = cfg.runner and DeployRunnerArgs(settings=cfg.runner, stack=stack, subnets=network.private)
runner = runner_args and DeployRunner("runner", runner_args, on_aws)
cluster_args = EksClusterArgs(
    settings=cfg.cluster, stack=stack, subnets=network.private, found=found, runner=runner and runner.security_group_id
)
cluster = EksCluster("cluster", cluster_args, on_aws)
nodes = cfg.nodes and FlowiseNodes("nodes", FlowiseNodesArgs(settings=cfg.nodes, cluster=cluster.access), on_aws)
tier = DataTier(subnets=network.data, allowed_security_group_ids=cluster.clients)
database = FlowiseDb("database", FlowiseDbArgs(settings=cfg.database, stack=stack, tier=tier), on_aws)
queue = cfg.queue and FlowiseQueue("queue", FlowiseQueueArgs(settings=cfg.queue, stack=stack, tier=tier), on_aws)
search = cfg.retrieval and Retrieval("retrieval", RetrievalArgs(settings=cfg.retrieval, stack=stack, tier=tier), on_aws)
stores = DataStores(database=database.connection, queue=queue and queue.connection)
files = ModelBucket("files", ModelBucketArgs(settings=cfg.bucket, stack=stack), on_aws)
scan_args = cfg.malware_scan and MalwareScanArgs(settings=cfg.malware_scan, stack=stack, bucket=files.access)
scan = scan_args and MalwareScan("malware-scan", scan_args, on_aws)
keys = FlowiseKeys("keys", FlowiseKeysArgs(settings=cfg.keys, stack=stack, imported=secrets.imported_keys), on_aws)
if cfg.backup:
    backup_args = BackupPlanArgs(settings=cfg.backup, stack=stack, database=database.backup, bucket_arn=files.arn)
    backup = BackupPlan("backup", backup_args, on_aws)
    pulumi.export("vault", backup.vault_arn)
    pulumi.export("recovery_vault", backup.recovery_vault_arn)
keda_args = cfg.backlog and queue and KedaArgs(stack=stack, cluster=cluster.access, queue=queue.connection)
keda = keda_args and Keda("keda", keda_args, on_aws)
telemetry_args = cfg.telemetry and TelemetryArgs(
    settings=cfg.telemetry, stack=stack, cluster=cluster.access, stores=stores, secrets=secrets.telemetry
)
telemetry = telemetry_args and Telemetry("telemetry", telemetry_args, on_aws)
site = cfg.domain and SiteCertificate("site", SiteCertificateArgs(domain=cfg.domain, scope=cfg.scope), on_aws).site
load_balancer_args = PrivateLoadBalancerArgs(
    settings=cfg.load_balancer, stack=stack, cluster=cluster.access, site=site, client_secret=secrets.oidc_client_secret
)
exposure = cfg.ingress or PrivateLoadBalancer("load-balancer", load_balancer_args, on_aws).access
load_balancer = exposure if isinstance(exposure, LoadBalancerAccess) else None
app_args = FlowiseAppArgs(
    settings=cfg.app,
    stack=stack,
    cluster=cluster.access,
    stores=stores,
    retrieval=search and search.connection,
    scaler=keda and keda.scaler,
    telemetry=telemetry and telemetry.access,
    bucket=scan.access if scan else files.access,
    secrets=keys.access,
    brought=secrets.app,
    exposure=exposure,
    nodes=nodes and nodes.placement,
)
app = FlowiseApp("flowise", app_args, on_aws)
edge_args = (cfg.cloudfront and load_balancer) and EdgeCdnArgs(
    settings=cfg.edge, stack=stack, load_balancer=load_balancer, max_body_bytes=cfg.app.max_body_bytes, after=app
)
edge = edge_args and EdgeCdn("edge", edge_args, on_aws)
entry_args = cfg.internal and load_balancer and InternalEntryArgs(stack=stack, load_balancer=load_balancer, after=app)
entry = edge or (entry_args and InternalEntry("internal", entry_args, on_aws))
url = entry.url if entry else app.url
observability_args = cfg.observability and ObservabilityArgs(
    settings=cfg.observability,
    stack=stack,
    cluster=cluster.access,
    targets=MonitoringTargets(
        database=database.metrics,
        replication=files.replication,
        cache=queue and queue.metrics,
        described=[each.monitoring for each in (search, network, dns, scan) if each],
        backlog=bool(telemetry and telemetry.backlog),
        load_balancer=load_balancer,
        edge=edge and edge.metrics,
    ),
    image=cfg.app.scripts_image,
    url=url,
    canary_password=secrets.canary_password,
)
observability = observability_args and Observability("observability", observability_args, on_aws)

pulumi.export("version", VERSION)
pulumi.export("url", url)
pulumi.export("database", database.identifier)
pulumi.export("bucket", files.access.name)
pulumi.export("owner_secret", keys.secret_arn)
pulumi.export("cluster", cluster.access.name)
pulumi.export("network", network.as_existing)
if entry and entry.dns_target:
    pulumi.export("dns_record", entry.dns_target.as_output())
if runner:
    pulumi.export("runner", runner.label)
