"""What a change of settings does to the resources that hold data: recorded, not run.

Both stacks' files are recorded before and after a change, and the two recordings compared as Pulumi's engine would:
a resource that is gone is deleted, one whose property forces a replacement is deleted and recreated.
"""

import json
from dataclasses import dataclass, replace
from typing import Final, Literal

from analysis.differences import differences
from analysis.optional_sections import left_out_by_prod
from analysis.plan import record_stack
from analysis.recorder import Record, Recording
from analysis.replacements import replaces
from analysis.stackfiles import PLACEHOLDER, StackConfig, override, read_stack
from components.common.catalogue import DATA
from settings import IMPORTED_KEYS

STACK: Final = "prod"

HOLDS_DATA: Final = frozenset(DATA)
"""Types that hold data or keys."""
_HARMS_BESIDES: Final = ("aws:rds/instance:Instance", "identifier")
"""Changed in place by the provider, but another name for the old data: it counts as harm here."""


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """An edit of prod's stack file."""

    assignments: tuple[str, ...]
    """As `python -m local up --set` takes them."""
    says: str = ""
    """Why it harms what holds data, and what to do first. Empty: it must not."""
    secrets: tuple[str, ...] = ()
    """Flat keys that are set besides."""


def _one(assignment: str) -> SettingChange:
    return SettingChange(assignments=(assignment,))


_REFUSED = "Pulumi refuses it while the stack is protected"
_RESTORE = json.dumps({"point_in_time": "2026-01-02T03:04:05Z"})
_CERTIFICATES = "arn:aws:acm:us-east-1:123456789012:certificate"
_INTERNAL_DOMAIN = json.dumps(
    {
        "name": "flowise.corp.example.com",
        "regional_certificate_arn": f"{_CERTIFICATES}/22222222-2222-2222-2222-222222222222",
    }
)
_OTHER_CLUSTER = json.dumps({"existing": {"name": "platform", "confirmed": ["keda", "network-policies"]}})
_ITS_NETWORK = json.dumps(
    {
        "existing": {
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
            "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
        },
        "cidr": "10.60.0.0/16",
        "zones": ["us-east-1a", "us-east-1b"],
    }
)
_NO_LOGS = json.dumps({"traces": {}, "logs": None})

CHANGES: Final = (
    _one("protected=false"),
    _one("network.cidr=10.99.0.0/16"),
    _one('tags={"cost-center": "other"}'),
    _one("domain=null"),
    _one("network.nat=single"),
    _one("network.nat=instance"),
    _one("network.flow_log_retention_days=30"),
    _one('cluster.public_access_cidrs=["198.51.100.0/24"]'),
    _one("cluster.admin_role_arns=[]"),
    _one("cluster.log_retention_days=30"),
    SettingChange(
        assignments=("cluster.service_cidr=10.100.0.0/16",),
        says=f"the cluster is recreated, with downtime; {_REFUSED}. It holds no data of its own: database, files and "
        "keys stay",
    ),
    _one('database.postgres_version="18"'),
    _one("database.instance_class=db.m7g.large"),
    _one("database.storage_gib=200"),
    _one("database.max_storage_gib=2000"),
    _one("database.multi_az=false"),
    _one("database.backup_retention_days=21"),
    _one("database.backup_window_utc=01:00-02:00"),
    _one("database.maintenance_window_utc=sat:04:30-sat:05:30"),
    _one("database.monitoring_interval_seconds=0"),
    _one("database.log_retention_days=30"),
    SettingChange(
        assignments=("database.password_generation=2",),
        says="the password of Flowise's role is recreated, which is what was asked for; the pods restart",
    ),
    SettingChange(assignments=("database.generation=2", f"database.restore_from={_RESTORE}")),
    _one("queue.node_type=cache.m7g.large"),
    _one("queue.nodes=3"),
    _one("queue.snapshot_retention_days=1"),
    SettingChange(
        assignments=("queue=null", "app.server.replicas=1", "app.server.max_replicas=1"),
        says=f"main mode has no queue: jobs that wait are lost; {_REFUSED}. Let the workers finish first",
    ),
    *(_one(f"{name}={json.dumps(section)}") for name, section in left_out_by_prod().items()),
    _one("bucket.noncurrent_days=30"),
    _one("bucket.flowise_log_days=7"),
    _one("log_bucket.retention_days=90"),
    _one("keys.recovery_window_days=7"),
    SettingChange(
        assignments=("recovery=null",),
        says=f"the copies in the other region are given up; {_REFUSED}",
    ),
    SettingChange(
        assignments=("recovery.region=eu-west-1",),
        says=f"a region is not moved: its copies are given up and recreated elsewhere; {_REFUSED}. "
        "docs/backups.md says how to change it",
    ),
    SettingChange(
        assignments=("backup=null",),
        says=f"the vaults with all recovery points are given up; {_REFUSED}, and AWS keeps a vault that is not empty",
    ),
    _one("backup.continuous_days=14"),
    _one("backup.monthly_retention_days=730"),
    _one("backup.restore_tests=off"),
    _one("backup.notify=[]"),
    _one('backup.lock={"mode": "compliance", "changeable_for_days": 7}'),
    _one("load_balancer.idle_timeout_seconds=240"),
    _one('edge.admin_cidrs=["198.51.100.0/24"]'),
    SettingChange(
        assignments=(
            'ingress={"class_name": "nginx", "host": "ai.example.org"}',
            "domain=null",
            "edge=null",
            "load_balancer=null",
        )
    ),
    SettingChange(
        assignments=(
            'internal={"client_cidrs": ["10.30.0.0/16", "10.20.0.0/16"], "admin_cidrs": ["10.20.4.0/24"]}',
            f"domain={_INTERNAL_DOMAIN}",
            "edge=null",
        )
    ),
    _one("app.namespace=team-a"),
    SettingChange(
        assignments=(f"cluster={_OTHER_CLUSTER}", f"network={_ITS_NETWORK}", f"telemetry={_NO_LOGS}", "nodes=null"),
        says=f"the cluster of this stack is given up for the other one, with downtime; {_REFUSED}. The program moves "
        "no data store into another VPC: deploy a new stack on that cluster and bring the data (docs/adopt.md)",
    ),
    _one("app.server.max_replicas=12"),
    _one("app.worker.replicas=3"),
    SettingChange(
        assignments=(),
        secrets=tuple(IMPORTED_KEYS),
        says="the secret gets a new version with the keys that were brought; Secrets Manager keeps the version before "
        f"as AWSPREVIOUS; {_REFUSED}. Only for a stack without data of its own: "
        "what was encrypted with the old key cannot be read",
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What happens to one resource that holds data."""

    does: Literal["makes", "changes", "replaces", "deletes"]
    type: str
    name: str
    properties: tuple[str, ...] = ()

    @property
    def harms(self) -> bool:
        """Whether something is lost that was there before."""
        return self.does in {"replaces", "deletes"}


def changed(change: SettingChange) -> Recording:
    """Record the stack with a change."""
    return record_stack(configured(change))


def configured(change: SettingChange) -> StackConfig:
    """Configuration of the stack with a change."""
    config = read_stack(STACK)
    if not change.assignments and not change.secrets:
        return config
    wanted = [assignment for assignment in change.assignments if not assignment.endswith("=null")]
    gone = {f"{config.project}:{a.removesuffix('=null')}" for a in change.assignments if a.endswith("=null")}
    edited = override(config, [*wanted, *(f"{name}={PLACEHOLDER}" for name in change.secrets)])
    hidden = tuple(f"{config.project}:{name}" for name in change.secrets)
    values = {key: value for key, value in edited.values.items() if key not in gone}
    return replace(edited, values=values, secret_keys=(*edited.secret_keys, *hidden))


def effects(before: Recording, after: Recording) -> list[Effect]:
    """Compare two recordings, as far as they hold data."""
    old, new = _holding(before), _holding(after)
    found: list[Effect] = []
    for urn in sorted(old.keys() | new.keys()):
        was, will = old.get(urn), new.get(urn)
        if will is None and was is not None:
            found.append(Effect(does="deletes", type=was.type, name=was.name))
        elif will is not None and was is None:
            found.append(Effect(does="makes", type=will.type, name=will.name))
        elif was is not None and will is not None:
            found += _change(was, will)
    return found


def _holding(recording: Recording) -> dict[str, Record]:
    return {r.urn: r for r in recording.records if r.type in HOLDS_DATA}


def _change(was: Record, will: Record) -> list[Effect]:
    keys = (was.inputs.keys() | will.inputs.keys()) - set(will.ignore_changes)
    differing = sorted(key for key in keys if was.inputs.get(key) != will.inputs.get(key))
    forcing = sorted(
        {
            change.top
            for change in differences(was.inputs, will.inputs)
            if replaces(will.type, change.path, change.kind) or (will.type, change.path) == _HARMS_BESIDES
        }
        & set(differing)
    )
    if forcing:
        return [Effect(does="replaces", type=will.type, name=will.name, properties=tuple(forcing))]
    if (was.protect, was.retain_on_delete) != (will.protect, will.retain_on_delete):
        differing.append("protect")
    if not differing:
        return []
    return [Effect(does="changes", type=will.type, name=will.name, properties=tuple(differing))]
