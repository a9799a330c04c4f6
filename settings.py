"""Every key that a stack file may hold: typed, validated, and reported all at once before anything is made."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast, get_type_hints

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import TypeAdapter, ValidationError

from components.app import AppSecrets, AppSettings, IngressSettings, WorkerSettings
from components.app.variables import FLAT_KEY_PREFIX
from components.backup import BackupSettings
from components.bucket import BucketSettings
from components.cluster import ClusterNeeds, ClusterSettings
from components.common.context import PodScope, StackScope
from components.common.internal import InternalSettings
from components.common.model import AS_A_SET, AwsRegion, DomainSettings, Settings, Tags
from components.common.names import stack_name_problems
from components.common.spelling import PolicyArn
from components.common.validation_errors import format_validation_error, missing, nearest
from components.database import DatabaseSettings
from components.dns_firewall import DnsFirewallSettings
from components.edge import EdgeSettings
from components.encryption import RecoverySettings
from components.keys import KEYS, KeysSettings
from components.load_balancer import LoadBalancerSettings
from components.log_bucket import LogBucketSettings
from components.malware_scan import MalwareScanSettings
from components.network import NetworkSettings
from components.nodes import NodesSettings
from components.observability import ObservabilitySettings
from components.queue import QueueSettings
from components.retrieval import RetrievalSettings
from components.runner import RunnerSettings
from components.telemetry import TelemetrySecrets, TelemetrySettings
from cross_checks import cross_checks, imported_keys, variable_checks, without_effect
from cross_checks.entry import canary_login
from policies.exceptions import PolicyException
from renamed_keys import stored_secret, with_current_names

PROJECT = "flowise"
VERSION = Path(__file__).with_name("VERSION").read_text(encoding="utf-8").strip()
"""Version of this program (CHANGELOG.md); every stack has it as the output `version`."""
REGION_KEY = "aws:region"
IMPORTED_KEYS = {key.lower(): key for key in KEYS}
"""Flat keys with which an instance that moves here brings its own keys, each with the variable of Flowise."""
SECRET_KEYS = frozenset(
    {
        "canary_password",
        "datadog_api_key",
        "oidc_client_secret",
        "otlp_authorization",
        "proxy_password",
        "smtp_password",
        *IMPORTED_KEYS,
    }
)
"""Flat keys that hold a secret; the program reads them with `require_secret`, never through this model."""
EXAMPLE_DIGEST = f"sha256:{'0' * 64}"
"""Digest in the stack files of this repository; plan, tests and local environment take it, AWS has no such image."""


class StackSettings(Settings):
    """A stack file, `flowise:` keys by their name."""

    region: AwsRegion
    """Region of the stack (the key `aws:region`)."""
    protected: bool = True
    """Refuse to delete what holds data: database, buckets, keys, cluster and load balancer."""
    tags: Tags = {}
    """Tags for every AWS resource, besides those for project and stack."""
    domain: DomainSettings | None = None
    """Public name of Flowise; without it people use the distribution's own name."""
    permissions_boundary_arn: PolicyArn | None = None
    """Permissions boundary of every IAM role (bootstrap's `permissions_boundary_arns`); its deploying role makes no
    role without it."""
    network: NetworkSettings
    """VPC and subnets."""
    dns_firewall: DnsFirewallSettings | None = None
    """Which names the VPC may ask DNS for; without this section every name, and no log of them."""
    runner: RunnerSettings | None = None
    """Machines inside the VPC for the workflows, where the Kubernetes API is private; without this section the jobs run
    where GitHub runs them, or on a runner of yours."""
    cluster: ClusterSettings
    """Kubernetes."""
    database: DatabaseSettings
    """PostgreSQL."""
    queue: QueueSettings | None = None
    """Valkey; with this section Flowise runs in queue mode, without it in main mode."""
    retrieval: RetrievalSettings | None = None
    """OpenSearch for retrieval flows; without this section PostgreSQL with pgvector can hold their vectors."""
    nodes: NodesSettings | None = None
    """Nodes of Flowise's own; without this section its pods run on Auto Mode's general-purpose nodes (x86-64)."""
    bucket: BucketSettings = BucketSettings()
    """S3 bucket for files and models."""
    malware_scan: MalwareScanSettings | None = None
    """GuardDuty scans every file that is uploaded; without this section none."""
    log_bucket: LogBucketSettings = LogBucketSettings()
    """S3 bucket for access logs."""
    keys: KeysSettings = KeysSettings()
    """The keys that encrypt and sign."""
    recovery: RecoverySettings | None = None
    """A second region for copies of keys, files and recovery points; without this section nothing leaves the region."""
    backup: BackupSettings | None = None
    """AWS Backup; without this section there are RDS's own backups and the versions of the files."""
    load_balancer: LoadBalancerSettings = LoadBalancerSettings()
    """Internal load balancer."""
    edge: EdgeSettings = EdgeSettings()
    """CloudFront and web application firewall."""
    ingress: IngressSettings | None = None
    """Entry point at the cluster's own ingress controller; with it there is no certificate, load balancer or edge."""
    internal: InternalSettings | None = None
    """People reach Flowise inside your network only, at the load balancer: no CloudFront, no firewall."""
    telemetry: TelemetrySettings | None = None
    """Traces, metrics and logs, and who gets them; without this section there are the logs of AWS's services only."""
    app: AppSettings
    """Flowise."""
    policy_exceptions: Annotated[list[PolicyException], AS_A_SET] = []
    """Findings of the policy pack that this stack lives with, each with a reason and a date (docs/policies.md)."""
    observability: ObservabilitySettings | None = None
    """Alarms, dashboard and objectives; without this section nobody is told of anything."""

    @property
    def cloudfront(self) -> EdgeSettings | None:
        """The section `edge`, where CloudFront is the entry point."""
        return None if self.ingress or self.internal else self.edge

    @property
    def scope(self) -> StackScope:
        """What every component is told of the stack."""
        backup, planes = bool(self.backup), self.app.distribution.planes
        return StackScope(
            region=self.region, protected=self.protected, aws_backup=backup, internal=self.internal, planes=planes
        )

    def pods(self, secrets: "StackSecrets") -> PodScope:
        """What every workload in the cluster is told."""
        return PodScope(outbound=self.app.outbound(secrets.proxy_password), namespace=self.app.namespace)

    @property
    def backlog(self) -> WorkerSettings | None:
        """Workers that follow the queue's backlog by KEDA of the stack's own; an existing cluster has its own."""
        follows = self.queue and self.app.worker.scaled_on_backlog and self.cluster.existing is None
        return self.app.worker if follows else None

    @property
    def cluster_needs(self) -> ClusterNeeds | None:
        """What an existing cluster must have for this stack; None without an existing VPC, which it needs first."""
        if not self.network.existing:
            return None
        workers = [self.app.worker] if self.queue and not self.app.worker.scaled_on_backlog else []
        return ClusterNeeds(
            vpc_id=self.network.existing.vpc_id,
            load_balancer=self.ingress is None,
            scales_on_cpu=any(size.autoscaled for size in [self.app.server, *workers]),
            container_insights=bool(self.observability and self.observability.container_insights),
        )


_TOP_LEVEL_NAMES = (set(StackSettings.model_fields) - {"region"}) | SECRET_KEYS


class SettingsError(pulumi.RunError):
    """The stack file has mistakes. The message lists all of them; nothing has been made."""


@dataclass(frozen=True, kw_only=True)
class StackSecrets:
    """Secrets that people bring, encrypted in the stack file."""

    oidc_client_secret: pulumi.Output[str] | None
    telemetry: TelemetrySecrets
    app: AppSecrets
    proxy_password: pulumi.Output[str] | None
    canary_password: pulumi.Output[str] | None
    imported_keys: Mapping[str, pulumi.Output[str]]
    """Keys of an instance that moves here, by the name of Flowise's variable: all five, or none."""


def load_settings() -> tuple[StackSettings, StackSecrets]:
    """Read this stack's configuration from Pulumi. Raises `SettingsError`."""
    stored = {**get_config_env(), **CONFIG.get()}
    values, secret_keys, renamed = with_current_names(stored, filter(is_config_secret, stored))
    for line in renamed:
        pulumi.log.warn(line)
    # Pulumi's language host hands the configuration over in the environment; a recording does not.
    settings = parse_settings(values, secret_keys, pulumi.get_stack(), deploying=bool(get_config_env()))
    variables = [key.partition(":")[2] for key in values if key.startswith(f"{PROJECT}:{FLAT_KEY_PREFIX}")]
    given = {
        key: value
        for key in [*SECRET_KEYS, *variables]
        if (value := pulumi.Config(PROJECT).get_secret(stored_secret(key, stored))) is not None
    }
    return settings, StackSecrets(
        oidc_client_secret=given.get("oidc_client_secret"),
        proxy_password=given.get("proxy_password"),
        app=AppSecrets(
            smtp_password=given.get("smtp_password"),
            variables={key.removeprefix(FLAT_KEY_PREFIX): given[key] for key in variables if key in given},
        ),
        canary_password=given.get("canary_password"),
        telemetry=TelemetrySecrets(
            otlp_authorization=given.get("otlp_authorization"), datadog_api_key=given.get("datadog_api_key")
        ),
        imported_keys={variable: given[key] for key, variable in IMPORTED_KEYS.items() if key in given},
    )


def parse_settings(
    values: Mapping[str, str], secret_keys: Iterable[str], stack: str, *, deploying: bool = False
) -> StackSettings:
    """Validate configuration values (`namespace:key` to text, structures as JSON). Raises `SettingsError`.

    With `deploying` the image must be one that somebody has built, not the example of a new stack file.
    """
    values, secret, _ = with_current_names(values, secret_keys)
    problems = list(stack_name_problems(stack))
    document: dict[str, Any] = {}
    if REGION_KEY in values:
        document["region"] = values[REGION_KEY]
    for key, text in values.items():
        namespace, _, name = key.partition(":")
        if namespace != PROJECT:
            continue
        if name in SECRET_KEYS or name.startswith(FLAT_KEY_PREFIX):
            if key not in secret:
                problems.append(
                    f"{key}: is stored as plain text; it is a secret. Set it anew with "
                    f"`pulumi config set --secret {key}` and treat the old value as leaked"
                )
        elif name not in _TOP_LEVEL_NAMES:
            problems.append(f"{key}: there is no such key{nearest(name, _TOP_LEVEL_NAMES)}")
        elif key in secret:
            problems.append(
                f"{key}: holds a secret (`secure:`), and structured keys are read as plain text; secrets have flat "
                f"keys of their own: {', '.join(f'{PROJECT}:{s}' for s in sorted(SECRET_KEYS))}"
            )
        else:
            document[name] = _parse_text(text)
    sections, mistakes = _sections(document)
    problems += mistakes
    problems += [f"{PROJECT}:{line}" for line in variable_checks(sections, values, stack)]
    problems += [f"{PROJECT}:{line}" for line in without_effect(document)]
    problems += [f"{PROJECT}:{line}" for line in cross_checks(sections, deploying=deploying)]
    if deploying:
        problems += _image_to_deploy(sections, stack)
        brought = {key: values[f"{PROJECT}:{key}"] for key in IMPORTED_KEYS if f"{PROJECT}:{key}" in values}
        problems += [f"{PROJECT}:{line}" for line in imported_keys(brought, sections)]
    problems += [
        f"{PROJECT}:{name}: is missing, but {needed_by} is set; `pulumi config set --secret {PROJECT}:{name}`"
        for name, needed_by in _needed_secrets(sections, values)
        if f"{PROJECT}:{name}" not in values
    ]
    if problems:
        count = f"{len(problems)} mistake{'s' if len(problems) != 1 else ''}"
        lines = "\n".join(f"  - {problem}" for problem in sorted(problems))
        raise SettingsError(f"Pulumi.{stack}.yaml has {count}; nothing has been made:\n{lines}")
    return StackSettings.model_construct(**sections)


def _image_to_deploy(sections: Mapping[str, Any], stack: str) -> Iterable[str]:
    app = cast(AppSettings | None, sections.get("app"))
    if app and app.image.endswith(EXAMPLE_DIGEST):
        yield (
            f"{PROJECT}:app.image: {EXAMPLE_DIGEST[:14]}... is the example's digest, and there is no such image. Have "
            "one built by `gh workflow run image` and merge the pull request that it opens; or run "
            f"`make image REGISTRY=...` and `make image-digest STACK={stack}` (docs/first-deployment.md, step 4)"
        )


def _needed_secrets(sections: Mapping[str, Any], values: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """Secret keys that must be there, each with the setting that needs it."""
    app = cast(AppSettings | None, sections.get("app"))
    load_balancer = cast(LoadBalancerSettings | None, sections.get("load_balancer"))
    if app and app.smtp:
        yield "smtp_password", "app.smtp"
    if app and app.proxy and app.proxy.user:
        yield "proxy_password", "app.proxy.user"
    if load_balancer and load_balancer.sign_in:
        yield "oidc_client_secret", "load_balancer.sign_in"
    if given := sorted(name for name in IMPORTED_KEYS if f"{PROJECT}:{name}" in values):
        for name in IMPORTED_KEYS:
            yield name, f"{given[0]} (an instance brings all of its keys, or none)"
    if login := canary_login(sections):
        yield "canary_password", login
    telemetry = cast(TelemetrySettings | None, sections.get("telemetry"))
    yield from telemetry.needed_secrets if telemetry else ()


def _sections(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Validate each section by itself; return the right ones (and defaults), and what is wrong with the others."""
    right: dict[str, Any] = {}
    problems: list[str] = []
    adapters = _adapters()
    for name, field in StackSettings.model_fields.items():
        if name not in document:
            if field.is_required():
                problems.append(missing(_key([name])))
            else:
                right[name] = field.get_default(call_default_factory=True, validated_data={})
            continue
        try:
            right[name] = adapters[name].validate_json(json.dumps(document[name]), strict=True)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                location = [name, *(str(part) for part in detail["loc"])]
                problems.append(format_validation_error(StackSettings, _key(location), location, detail))
    return right, problems


@cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    hints = get_type_hints(StackSettings, include_extras=True)
    return {name: TypeAdapter[Any](hints[name]) for name in StackSettings.model_fields}


def _parse_text(text: str) -> Any:
    """Structures and booleans arrive as JSON text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _key(location: Sequence[str]) -> str:
    return REGION_KEY if location == ["region"] else f"{PROJECT}:{'.'.join(location)}"
