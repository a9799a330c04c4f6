"""Mistakes of a stack file that no single section can see; each line starts with its key path."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from components.app import AppSettings, ServerSettings
from components.app.variables import FLAT_KEY_PREFIX, free_name
from components.cluster import ClusterSettings
from components.common.authorities import subjects
from components.common.aws_names import TAGS
from components.common.cidr import is_loopback, is_public, within
from components.common.domain import certificate_problems
from components.common.internal import InternalSettings, internal_problems
from components.common.model import BUNDLE_NEEDED, GOVCLOUD, DomainSettings
from components.common.regions import bundle_url, govcloud_problems, partition_problems
from components.database import DatabaseSettings
from components.edge import EdgeSettings
from components.keys import ENCRYPTION_KEY, KeysSettings, key_weaknesses
from components.network import NetworkSettings
from components.nodes import NodesSettings
from components.observability import AGENT_REQUEST, ObservabilitySettings
from components.queue import QueueSettings, usable_memory_mib
from components.retrieval import RetrievalSettings
from components.telemetry import FLUENTD_MILLICORES, TelemetrySettings

_MIN_PROTECTED_RETENTION_DAYS = 7
_MEMORY_USED = 0.75
"""Part of a node's memory that finished jobs may take: beyond it the alarm `cache-memory` goes off."""
_BOOT_MIB, _TIMES_FILE = 900, 12
"""Memory of a process that has loaded every node, and what an upload adds for each MiB of its file (docs/edge.md,
Uploads)."""
_BOOT_HEAP_MIB, _TIMES_FILE_IN_HEAP = 400, 5
"""The part of it that lies in the heap of Node.js: the file in base64, its text, and the answer with the text."""
_REPLACED_BY_INGRESS = {
    "domain": "makes certificates and DNS records for CloudFront; the name of an ingress is ingress.host",
    "load_balancer": "describes the load balancer behind CloudFront",
    "edge": "describes CloudFront and its firewall, and what it limits (such as admin_cidrs) would stay open",
}
"""Sections of the entry point through CloudFront, and what each would have done."""
_REPLACED_BY_INTERNAL = {
    "edge": "describes CloudFront and its firewall; who reaches the admin plane is internal.admin_cidrs",
    "ingress": "is another entry point",
}
"""Sections that an internal stack leaves without effect."""


def cross_checks(sections: Mapping[str, Any], *, deploying: bool) -> Iterable[str]:
    """Compare the sections that are right in themselves, so that these mistakes are reported beside the others."""
    if region := sections.get("region"):
        yield from partition_problems(region, sections)
        yield from govcloud_problems(sections)
    yield from _certificates(sections)
    yield from _internal(sections)
    yield from _api_clients(sections)
    yield from _mail_without_address(sections)
    yield from _kept_jobs(sections)
    yield from _backup_retention(sections)
    yield from _retrieval_zones(sections)
    yield from _scanned_tags(sections)
    yield from _snapshot_elsewhere(sections)
    yield from _pods_without_a_node(sections)
    yield from _shared_network(sections)
    yield from _database_authorities(sections)
    yield from _upload_memory(sections)
    yield from _existing_cluster(sections)
    yield from _metrics_server(sections)
    if deploying:
        yield from _loopback(sections)


def without_effect(document: Mapping[str, Any]) -> Iterable[str]:
    """What another entry point, or having no alarms, would leave without effect; each line starts with its key path."""
    for entry, replaced in {"ingress": _REPLACED_BY_INGRESS, "internal": _REPLACED_BY_INTERNAL}.items():
        if document.get(entry) is None:
            continue
        for name, does in replaced.items():
            if document.get(name) is not None:
                yield (
                    f"{name}: {does}; with flowise:{entry} there is none. "
                    f"Remove flowise:{name}, or remove flowise:{entry}"
                )
    if document.get("observability") is None:
        for name, section in document.items():
            if isinstance(section, Mapping) and "thresholds" in section:
                yield (
                    f"{name}.thresholds: decides when alarms go off; without flowise:observability there are none. "
                    "Remove it, or add flowise:observability"
                )


def imported_keys(brought: Mapping[str, str], sections: Mapping[str, Any]) -> Iterable[str]:
    """Keys of an instance that moves here with which no pod would start; values by their key in the stack file.

    Only where Pulumi has decrypted them: `make plan` and the local environment see a placeholder.
    """
    keys = cast(KeysSettings | None, sections.get("keys")) or KeysSettings()
    encryption_key = ENCRYPTION_KEY.lower()
    by_variable = {key.upper(): value for key, value in brought.items()}
    for variable, why in key_weaknesses(by_variable, short_encryption_key=keys.short_encryption_key):
        command = f"openssl rand -hex 32 | pulumi config set --secret flowise:{variable.lower()}"
        cure = f"Make a new one, which signs people out: `{command}`"
        if variable == ENCRYPTION_KEY and "same as" not in why:
            cure = (
                "Stored credentials can be read with this key only: if you cannot re-encrypt them, set "
                "keys.short_encryption_key to true (docs/keys.md)"
            )
        yield f"{variable.lower()}: {why}, or no pod starts. {cure}"
    if keys.short_encryption_key and encryption_key not in brought:
        yield (
            f"keys.short_encryption_key: is for an instance that brings its key; flowise:{encryption_key} is not set"
        )


def variable_checks(sections: Mapping[str, Any], keys: Iterable[str], stack: str) -> Iterable[str]:
    """Mistakes in the variables that a stack adds to Flowise's environment; `keys` are all of the configuration."""
    app = cast(AppSettings | None, sections.get("app"))
    plain, secret = (app.environment, app.environment_secrets) if app else ({}, {})
    for key in sorted(key.partition(":")[2] for key in keys):
        if not key.startswith(FLAT_KEY_PREFIX):
            continue
        name = key.removeprefix(FLAT_KEY_PREFIX)
        try:
            free_name(name)
        except ValueError as error:
            yield f"{key}: {error}"
        for section, names in {"app.environment": plain, "app.environment_secrets": secret}.items():
            if name in names:
                yield f"{key}: {section}.{name} is set as well; keep one of the two"
    for name, arn in secret.items():
        key = f"app.environment_secrets.{name}"
        if name in plain:
            yield f"{key}: app.environment.{name} is set as well; keep one of the two"
        _, _, _, region, _, _, secret_name = arn.split(":", 6)
        if not secret_name.startswith(f"flowise/{stack}/"):
            yield (
                f"{key}: {arn} is not a secret of this stack, whose roles read none but flowise/{stack}/...; "
                f"create it with `aws secretsmanager create-secret --name flowise/{stack}/...`"
            )
        if region != sections.get("region", region):
            yield f"{key}: {arn} is not in aws:region {sections['region']}; create or replicate it there"


def _api_clients(sections: Mapping[str, Any]) -> Iterable[str]:
    """Clients inside the VPC have private addresses, unless a connected network uses public ones for itself."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if not cluster or not network:
        return
    for cidr in cluster.api_client_cidrs:
        if is_public(cidr) and not within(cidr, network.cidr, *network.connected_cidrs):
            yield (
                f"cluster.api_client_cidrs: {cidr} is public, and inside the VPC the Kubernetes API sees the private "
                "addresses of the VPC, of VPNs and of peered networks. For access over the internet name it in "
                "cluster.public_access_cidrs; if your own network uses these addresses, add it to "
                "network.connected_cidrs too"
            )


def _certificates(sections: Mapping[str, Any]) -> Iterable[str]:
    domain = cast(DomainSettings | None, sections.get("domain"))
    if domain and "internal" in sections and (region := sections.get("region")):
        yield from certificate_problems(domain, region, behind_cloudfront=sections["internal"] is None)


def _internal(sections: Mapping[str, Any]) -> Iterable[str]:
    internal = cast(InternalSettings | None, sections.get("internal"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if internal and network and "domain" in sections:
        yield from internal_problems(internal, sections["domain"], [network.cidr, *network.connected_cidrs])


def _mail_without_address(sections: Mapping[str, Any]) -> Iterable[str]:
    """Flowise puts APP_URL into every mail, and sends none without it (3.1.4, enterprise/utils/url.util.js).

    The distribution's own name exists only after the pods have started, because the edge opens last.
    """
    app = cast(AppSettings | None, sections.get("app"))
    has_address = sections.get("ingress") or "ingress" not in sections
    if app and app.smtp and not has_address and "domain" in sections and sections["domain"] is None:
        yield (
            "app.smtp: without a name of its own Flowise does not know the address that people use; every mail fails "
            '("APP_URL environment variable is not configured"). Add a flowise:domain section, or remove app.smtp'
        )


def _kept_jobs(sections: Mapping[str, Any]) -> Iterable[str]:
    """A full Valkey refuses every job, and each prediction is answered with 500: what is kept must leave room.

    The largest job holds an upload of the limit in base64, and its flow; finished and failed jobs are kept apart.
    """
    app = cast(AppSettings | None, sections.get("app"))
    queue = cast(QueueSettings | None, sections.get("queue"))
    if not app or not queue:
        return
    largest = math.ceil(app.file_size_limit_mib * 4 / 3) + 1
    room = usable_memory_mib(queue.node_type) * _MEMORY_USED
    needed = 2 * queue.kept_jobs * largest
    if needed > room:
        most = int(room / 2 / largest)
        fits = f"set it to {most}, " if most else ""
        yield (
            f"queue.kept_jobs: {queue.kept_jobs} finished and as many failed jobs of up to {largest} MiB "
            f"(app.file_size_limit_mib {app.file_size_limit_mib}, in base64) may take {needed:,} MiB, and {room:,.0f} "
            f"MiB of {queue.node_type} are there for them; {fits}lower app.file_size_limit_mib, or choose a larger "
            "queue.node_type"
        )


def _upload_memory(sections: Mapping[str, Any]) -> Iterable[str]:
    """One file of the limit must fit into a pod, or it is killed and every request in it fails."""
    app = cast(AppSettings | None, sections.get("app"))
    if not app:
        return
    limit = app.file_size_limit_mib
    memory, heap = _BOOT_MIB + _TIMES_FILE * limit, _BOOT_HEAP_MIB + _TIMES_FILE_IN_HEAP * limit
    for name, pods in {"server": app.server, **({"worker": app.worker} if sections.get("queue") else {})}.items():
        most = min(
            (pods.memory_mib - _BOOT_MIB) // _TIMES_FILE, (pods.heap_mib - _BOOT_HEAP_MIB) // _TIMES_FILE_IN_HEAP
        )
        lower = f", or app.file_size_limit_mib to at most {most}" if most > 0 else ""
        if pods.memory_mib < memory:
            yield (
                f"app.{name}.memory_mib: {pods.memory_mib} is too little for an upload of app.file_size_limit_mib "
                f"{limit}, with which a process takes {memory:,} MiB; set it to at least {memory}{lower}"
            )
        if pods.heap_mib < heap:
            yield (
                f"app.{name}.heap_mib: {pods.heap_mib} is too little for an upload of app.file_size_limit_mib {limit}, "
                f"of which {heap:,} MiB lie in the heap; set it to at least {heap}{lower}"
            )


def _existing_cluster(sections: Mapping[str, Any]) -> Iterable[str]:
    """What a stack cannot bring into a cluster of others, and what must be there because AWS cannot be asked."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    if not cluster or not cluster.existing:
        return
    network = cast(NetworkSettings | None, sections.get("network"))
    app = cast(AppSettings | None, sections.get("app"))
    telemetry = cast(TelemetrySettings | None, sections.get("telemetry"))
    if network and network.existing is None:
        yield (
            "network.existing: is missing, but cluster.existing is set: database and load balancer must be in the "
            f"VPC of the cluster. `aws eks describe-cluster --name {cluster.existing.name} --query "
            "cluster.resourcesVpcConfig` prints VPC and subnets"
        )
    if sections.get("nodes"):
        yield (
            "nodes: makes node pools in a cluster of the stack's own; with cluster.existing name the labels of its "
            "nodes in cluster.existing.node_selector"
        )
    for part in ("logs", "datadog") if telemetry else ():
        if getattr(telemetry, part):
            yield (
                f"telemetry.{part}: runs on every node of a cluster and reads what all pods write; with "
                f"cluster.existing that is up to whoever runs the cluster. Set telemetry.{part} to null"
            )
    backlog = sections.get("queue") and app and app.worker.scaled_on_backlog
    if backlog and "keda" not in cluster.existing.confirmed:
        yield (
            "app.worker.scale_on: backlog needs KEDA, and a cluster can have one only, so with cluster.existing it is "
            "not installed. Check that there is one (`kubectl get apiservice v1beta1.external.metrics.k8s.io`), that "
            f"it watches the namespace {app.namespace if app else ''} and reads Secrets there, then add keda to "
            "cluster.existing.confirmed; or set scale_on to cpu"
        )


def _backup_retention(sections: Mapping[str, Any]) -> Iterable[str]:
    database = cast(DatabaseSettings | None, sections.get("database"))
    if database and sections.get("protected") and database.backup_retention_days < _MIN_PROTECTED_RETENTION_DAYS:
        yield (
            f"database.backup_retention_days: {database.backup_retention_days} is too short for a protected "
            f"stack; at least {_MIN_PROTECTED_RETENTION_DAYS}, or set flowise:protected to false"
        )


def _metrics_server(sections: Mapping[str, Any]) -> Iterable[str]:
    """An autoscaler on CPU that knows no CPU leaves the number of pods as it is, whatever the load."""
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    app = cast(AppSettings | None, sections.get("app"))
    if not cluster or cluster.metrics_server or not app:
        return
    on_cpu = {"server": app.server.autoscaled} | (
        {"worker": app.worker.autoscaled and not app.worker.scaled_on_backlog} if sections.get("queue") else {}
    )
    for name in (name for name, scales in on_cpu.items() if scales):
        pods = getattr(app, name)
        yield (
            f"cluster.metrics_server: false, but app.{name} scales on CPU, from {pods.effective_min_replicas} to "
            f"{pods.max_replicas} pods, which the metrics server measures; remove metrics_server, or set "
            f"app.{name}.max_replicas to {pods.effective_min_replicas}"
        )


def _database_authorities(sections: Mapping[str, Any]) -> Iterable[str]:
    """Flowise refuses a database whose certificate it cannot verify; the image knows the roots of most regions only."""
    app = cast(AppSettings | None, sections.get("app"))
    region = sections.get("region")
    if not app or region not in (*BUNDLE_NEEDED, *GOVCLOUD):
        return
    known = subjects(app.certificate_authorities) if app.certificate_authorities else []
    wanted = f"Amazon RDS {region} Root CA"
    if not any(wanted in name for name in known):
        yield (
            f"app.certificate_authorities: the image holds no certificates of RDS for aws:region {region}, and Flowise "
            f"refuses a database that it cannot verify; add the text of {bundle_url(region)} (docs/regions.md)"
        )


def _loopback(sections: Mapping[str, Any]) -> Iterable[str]:
    """The local environment admits this machine; on AWS nobody has that address."""
    edge = cast(EdgeSettings | None, sections.get("edge"))
    internal = cast(InternalSettings | None, sections.get("internal"))
    cluster = cast(ClusterSettings | None, sections.get("cluster"))
    lists = {
        "edge.admin_cidrs": edge.admin_cidrs if edge else [],
        "internal.client_cidrs": internal.client_cidrs if internal else [],
        "cluster.public_access_cidrs": cluster.public_access_cidrs if cluster else [],
    }
    for key, cidrs in lists.items():
        for cidr in filter(is_loopback, cidrs):
            yield f"{key}: {cidr} is the machine itself, from which nobody reaches AWS; name your public network"


def _retrieval_zones(sections: Mapping[str, Any]) -> Iterable[str]:
    """OpenSearch takes one subnet for each of its zones."""
    retrieval = cast(RetrievalSettings | None, sections.get("retrieval"))
    network = cast(NetworkSettings | None, sections.get("network"))
    if not retrieval or not network:
        return
    zones = len(network.existing.data_subnet_ids if network.existing else network.zones)
    if retrieval.zones > zones:
        where = "network.existing.data_subnet_ids" if network.existing else "network.zones"
        yield (
            f"retrieval.zones: {retrieval.zones} is more than {where} has ({zones}); set it to {min(2, zones)} with an "
            "even number of nodes, or add a zone"
        )


def _snapshot_elsewhere(sections: Mapping[str, Any]) -> Iterable[str]:
    """RDS restores from snapshots of its own region only (RDS user guide, "Restoring to a DB instance")."""
    database = cast(DatabaseSettings | None, sections.get("database"))
    region = sections.get("region")
    snapshot = database and database.restore_from and database.restore_from.snapshot_identifier
    if not snapshot or not region or not snapshot.startswith("arn:") or (found := snapshot.split(":")[3]) == region:
        return
    yield (
        f"database.restore_from.snapshot_identifier: {snapshot} is in {found}, and the database in aws:region "
        f"{region}; copy it there (`aws rds copy-db-snapshot --source-region {found} --region {region} "
        "--kms-key-id KEY ...`, or a copy job of AWS Backup) and name the copy"
    )


def _pods_without_a_node(sections: Mapping[str, Any]) -> Iterable[str]:
    """A pod that fits no node which may be made waits for one, and `pulumi up` with it, until both give up."""
    app = cast(AppSettings | None, sections.get("app"))
    nodes = cast(NodesSettings | None, sections.get("nodes"))
    if not app or not nodes:
        return
    telemetry = cast(TelemetrySettings | None, sections.get("telemetry"))
    observability = cast(ObservabilitySettings | None, sections.get("observability"))
    everywhere = [
        *([(FLUENTD_MILLICORES, telemetry.logs.memory_mib)] if telemetry and telemetry.logs else []),
        *([AGENT_REQUEST] if observability and observability.container_insights else []),
    ]
    for name in ("server", "worker") if sections.get("queue") else ("server",):
        pod = cast(ServerSettings, getattr(app, name))
        wanted = pod.cpu_millicores + sum(cpu for cpu, _ in everywhere), pod.memory_mib + sum(m for _, m in everywhere)
        if why := nodes.too_small_for(*wanted):
            yield (
                f"app.{name}: a pod of cpu_millicores {pod.cpu_millicores} and memory_mib {pod.memory_mib} fits no "
                f"node that flowise:nodes allows: with what runs on every node it takes {wanted[0]:,} millicores and "
                f"{wanted[1]:,} MiB, and {why}"
            )


def _scanned_tags(sections: Mapping[str, Any]) -> Iterable[str]:
    """GuardDuty takes fewer characters in the key of a tag than other services do (API reference, TagResource)."""
    if sections.get("malware_scan"):
        for key in sections.get("tags", {}):
            if not re.fullmatch(f"{TAGS['guardduty'].key_characters}+", key):
                yield (
                    f'tags: GuardDuty, which malware_scan makes a plan of, takes no "{key}" as a tag\'s name: only '
                    "A to Z, a to z, digits and + - = . _ : /. Rename it, or remove flowise:malware_scan"
                )


def _shared_network(sections: Mapping[str, Any]) -> Iterable[str]:
    """DNS Firewall filters a whole VPC, and a VPC has one setting for its failure."""
    network = cast(NetworkSettings | None, sections.get("network"))
    if sections.get("dns_firewall") and network and network.existing:
        yield (
            f"dns_firewall: filters the whole VPC, and {network.existing.vpc_id} (network.existing) is somebody "
            "else's: names that others in it need would be cut off. Remove flowise:dns_firewall, and have whoever runs "
            "the VPC filter it (docs/dns-firewall.md)"
        )
