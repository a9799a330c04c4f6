"""What a stack file may say, and what a person is told who got it wrong."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.program import run_main
from analysis.recorder import Request, record
from analysis.remote import EXPANSIONS
from analysis.stackfiles import read_stack
from analysis.synthetic import SyntheticProvider
from settings import IMPORTED_KEYS, SettingsError, parse_settings
from tests.conftest import stack_file

PAST = "2026-01-02T03:04:05Z"
RESTORE = "flowise:database.restore_from"
INGRESS: dict[str, Any] = {"class_name": "nginx", "host": "ai.example.org"}
SIGN_IN = {
    "issuer": "https://login.example.com",
    "authorization_endpoint": "https://login.example.com/authorize",
    "token_endpoint": "https://login.example.com/token",
    "user_info_endpoint": "https://login.example.com/userinfo",
    "client_id": "flowise",
}
Edit = Callable[[dict[str, Any]], object]


def broken(edit: Edit, stack: str = "prod", secret_keys: tuple[str, ...] = ()) -> str:
    """The message for a stack file after `edit`, which gets the `flowise:` sections as plain values."""
    values = dict(stack_file(stack).values)
    document: dict[str, Any] = {key: _parsed(text) for key, text in values.items()}
    edit(document)
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in document.items()}
    with pytest.raises(SettingsError) as caught:
        parse_settings(texts, secret_keys, stack)
    return str(caught.value)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def set_key(path: str, value: object) -> Edit:
    """An edit that sets `network.cidr` and the like."""
    section, *rest = path.split(".")

    def edit(document: dict[str, Any]) -> None:
        key = section if ":" in section else f"flowise:{section}"
        if not rest:
            document[key] = value
            return
        target = document.setdefault(key, {})
        for part in rest[:-1]:
            target = target.setdefault(part, {})
        target[rest[-1]] = value

    return edit


def without(section: str) -> Edit:
    """An edit that removes a section."""

    def edit(document: dict[str, Any]) -> None:
        del document[f"flowise:{section}"]

    return edit


def restore(source: dict[str, Any] | None, generation: int = 2, **more: object) -> Edit:
    """An edit that asks for a new generation of the database."""

    def edit(document: dict[str, Any]) -> None:
        document["flowise:database"] |= {"generation": generation, "restore_from": source, **more}

    return edit


def test_every_stack_file_is_right(stack: str) -> None:
    config = read_stack(stack)
    settings = parse_settings(config.values, config.secret_keys, stack)
    assert settings.protected is (stack != "dev")
    assert (settings.queue is not None) is (stack == "prod")


@pytest.mark.parametrize(
    ("edit", "key", "says"),
    [
        (set_key("netwrok", {}), "flowise:netwrok", "did you mean network?"),
        (set_key("database.instance_clas", "db.m7g.large"), "flowise:database.instance_clas", "mean instance_class?"),
        (set_key("app.server.replcas", 2), "flowise:app.server.replcas", "did you mean replicas?"),
        (set_key("database.storage_gib", "100"), "flowise:database.storage_gib", '"100" is not allowed'),
        (set_key("protected", "yes"), "flowise:protected", "valid boolean"),
        (set_key("database.postgres_version", "14"), "flowise:database.postgres_version", "'16', '17' or '18'"),
        (set_key("cluster.kubernetes_version", "1.29"), "flowise:cluster.kubernetes_version", "for example 1.36"),
        (set_key("network.cidr", "10.30.0.0/24"), "flowise:network.cidr", "between /16 and /20"),
        (set_key("network.cidr", "10.30.0.1/16"), "flowise:network.cidr", "did you mean 10.30.0.0/16?"),
        (set_key("network.cidr", "8.8.0.0/16"), "flowise:network.cidr", "must be private"),
        (set_key("network.cidr", "10.20.0.0/17"), "flowise:network", "overlaps connected_cidrs entry 10.20.0.0/16"),
        (set_key("cluster.service_cidr", "10.30.4.0/22"), "flowise:cluster.service_cidr", "overlaps network"),
        (set_key("cluster.metrics_server", value=False), "flowise:cluster.metrics_server", "CPU, from 2 to 6"),
        (set_key("network.zones", ["us-east-1a"]), "flowise:network.zones", "Multi-AZ needs a second zone"),
        (set_key("network.zones", ["us-east-1a", "us-east-1a"]), "flowise:network.zones", "more than once"),
        (set_key("network.zones", ["eu-west-1a", "eu-west-1b"]), "flowise:network.zones", "not in aws:region"),
        (set_key("network.zones", ["a", "b"]), "flowise:network.zones.0", "for example us-east-1a"),
        (set_key("database.backup_retention_days", 6), "flowise:database.backup_retention_days", "at least 7"),
        (set_key("database.max_storage_gib", 100), "flowise:database", "more than 10 % above"),
        (set_key("domain.name", "https://flowise.example.com"), "flowise:domain.name", "for example ai.example.com"),
        (set_key("domain.name", "Flowise.example.com"), "flowise:domain.name", "is not allowed"),
        (set_key("domain", {"name": "ai.example.com"}), "flowise:domain.hosted_zone_id", "is missing"),
        (set_key("domain.hosted_zone_id", "example.com"), "flowise:domain.hosted_zone_id", "for example Z0123"),
        (set_key("app.image", "flowiseai/flowise:latest"), "flowise:app.image", "is not allowed"),
        (set_key("app.owner", {}), "flowise:app.owner.email", "is missing"),
        (set_key("app.server.max_replicas", 1), "flowise:app.server", "must not be below replicas 2"),
        (set_key("app.server.heap_mib", 2000), "flowise:app.server", "three quarters of memory_mib"),
        (set_key("load_balancer.idle_timeout_seconds", 60), "flowise:load_balancer", "at least edge"),
        (set_key("app.server.replicas", 0), "flowise:app.server.replicas", "greater than or equal to 1"),
        (set_key("app.server.max_replicas", 51), "flowise:app.server.max_replicas", "less than or equal to 50"),
        (set_key("app.server.replicas", "two"), "flowise:app.server.replicas", "valid integer"),
        (set_key("app.worker.min_replicas", 3), "flowise:app.worker", "must not be above replicas 2"),
        (set_key("app.worker.min_replicas", -1), "flowise:app.worker.min_replicas", "greater than or equal to 0"),
        (set_key("app.worker", {"min_replicas": 0, "scale_on": "cpu"}), "flowise:app.worker", "Set scale_on"),
        (set_key("app.worker.scale_on", "memory"), "flowise:app.worker.scale_on", "'backlog' or 'cpu'"),
        (set_key("app.worker.concurrency", 0), "flowise:app.worker.concurrency", "greater than or equal to 1"),
        (set_key("app.worker.concurrency", 100_000), "flowise:app.worker.concurrency", "less than or equal to 1000"),
        (set_key("app.server.cpu_millicores", 100), "flowise:app.server.cpu_millicores", "or equal to 250"),
        (set_key("app.worker.memory_mib", 64), "flowise:app.worker.memory_mib", "greater than or equal to 128"),
        (set_key("app.worker.memory_mib", "2Gi"), "flowise:app.worker.memory_mib", '"2Gi" is not allowed'),
        (set_key("app.server.cpu_percent_target", 100), "flowise:app.server.cpu_percent_target", "or equal to 95"),
        (set_key("app.drain_timeout_seconds", 5), "flowise:app.drain_timeout_seconds", "or equal to 10"),
        (set_key("app.drain_timeout_seconds", 7200), "flowise:app.drain_timeout_seconds", "or equal to 3600"),
        (set_key("app.flowise_version", "3.0.5"), "flowise:app.flowise_version", "CVE-2025-59528"),
        (set_key("app.flowise_version", "3.1.3"), "flowise:app.flowise_version", "use 3.1.4 or newer"),
        (set_key("app.flowise_version", "latest"), "flowise:app.flowise_version", "for example 3.1.4"),
        (set_key("app.flowise_version", 3.1), "flowise:app.flowise_version", "3.1 is not allowed"),
        (set_key("app.egress", [{"cidr": "169.254.169.254/32", "ports": [80]}]), "flowise:app.egress.0", "metadata"),
        (set_key("app.egress", [{"cidr": "0.0.0.0/0", "ports": [25]}]), "flowise:app.egress.0.cidr", "that you mean"),
        (set_key("app.egress", [{"cidr": "10.99.0.0/16", "ports": [0]}]), "flowise:app.egress.0.ports.0", "equal to 1"),
        (set_key("app.egress", [{"cidr": "10.99.0.1/16", "ports": [1]}]), "flowise:app.egress.0.cidr", "10.99.0.0/16?"),
        (set_key("ingress", INGRESS | {"controller_namespace": "A"}), "flowise:ingress", "for example ingress-nginx"),
        (set_key("edge.requests_per_five_minutes", 5), "flowise:edge", "or equal to 10"),
        (set_key("edge.sign_ins_per_five_minutes", 9), "flowise:edge", "or equal to 10"),
        (set_key("edge.admin_cidrs", ["198.51.100.7/24"]), "flowise:edge.admin_cidrs", "mean 198.51.100.0/24?"),
        (set_key("edge.admin_cidrs", ["198.51.1000.0/24"]), "flowise:edge.admin_cidrs.0", "such as 10.20.0.0/16"),
        (set_key("edge.admin_cidrs", ["0.0.0.0/0"]), "flowise:edge.admin_cidrs.0", "AWS WAF takes no such network"),
        (set_key("edge.blocked_paths", ["^/x/customMCP"]), "flowise:edge.blocked_paths.0", "write ^/x/custommcp"),
        (set_key("edge.blocked_paths", ["^/api"]), "flowise:edge.blocked_paths.0", "take the whole site down"),
        (set_key("edge.blocked_paths", ["^/cve("]), "flowise:edge.blocked_paths.0", "not a regular expression"),
        (set_key("edge.blocked_paths", [f"/cve{n}" for n in range(41)]), "flowise:edge", "more than capacity_limit"),
        (set_key("edge.origin_read_timeout_seconds", 30), "flowise:edge", "greater than or equal to 31"),
        (set_key("aws:region", "il-central-1"), "flowise:app.certificate_authorities", "RDS for aws:region il"),
        (set_key("aws:region", "cn-north-1"), "aws:region", "not confirmed service by service (docs/regions.md)"),
        (set_key("aws:region", "us-east1"), "aws:region", '"us-east1" is not allowed: that is no region; allowed: af-'),
        (set_key("recovery.region", "moon-1"), "flowise:recovery.region", "is not allowed"),
        (set_key("recovery.region", "us-east-1"), "flowise:recovery.region", "the stack's own region"),
        (restore({"point_in_time": PAST}, 1), RESTORE, "Raise database.generation to 2"),
        (restore(None), RESTORE, "would be an empty database"),
        (restore({}), RESTORE, "either snapshot_identifier or point_in_time; neither is"),
        (restore({"point_in_time": PAST, "snapshot_identifier": "s"}), RESTORE, "both are given"),
        (restore({"point_in_time": "2999-01-01T00:00:00Z"}), f"{RESTORE}.point_in_time", "future"),
        (restore({"point_in_time": "yesterday"}), f"{RESTORE}.point_in_time", "not a moment in UTC"),
        (restore({"point_in_time": "2026-02-30T00:00:00Z"}), f"{RESTORE}.point_in_time", "not a moment"),
        (restore({"point_in_time": "2026-01-02T03:04:05+02:00"}), RESTORE, "its Z"),
        (restore({"point_in_time": PAST, "source_generation": 2}), RESTORE, "below generation 2"),
        (restore({"snapshot_identifier": "s", "source_generation": 1}), RESTORE, "its own source"),
        (restore({"snapshot_identifier": "1x"}), RESTORE, "for example rds:flowise-prod"),
        (
            restore({"point_in_time": PAST, "source_generation": 1, "source_resource_id": "db-ABCDEFGHIJ"}),
            RESTORE,
            "either source_generation",
        ),
        (
            restore({"point_in_time": PAST}, removed_generations=[1]),
            RESTORE,
            "by source_resource_id, or a snapshot",
        ),
        (
            restore({"point_in_time": PAST}, removed_generations=[2]),
            "flowise:database.removed_generations",
            "generation 2 is in use",
        ),
        (set_key("backup.lock", {"mode": "compliance"}), "flowise:backup.lock", "cannot be undone by anybody"),
        (set_key("backup.lock", {"changeable_for_days": 3}), "flowise:backup.lock", "lock the vault permanently"),
        (set_key("backup.continuous_days", 36), "flowise:backup.continuous_days", "less than or equal to 35"),
        (set_key("backup.copy_retention_days", 6), "flowise:backup", "or equal to 7"),
        (set_key("backup", {"lock": {"min_retention_days": 8}, "copy_retention_days": 7}), "flowise:backup", "below"),
        (set_key("backup.notify", ["ops"]), "flowise:backup.notify.0", "for example ops@example.com"),
        (set_key("smtp_password", "hunter2-hunter2"), "flowise:smtp_password", "pulumi config set --secret"),
        (without("queue"), "flowise:app.server.replicas", "need queue mode"),
        (without("database"), "flowise:database", "is missing"),
        (
            set_key("app.smtp", {"host": "mail.example.com", "user": "u", "sender": "a@example.com"}),
            "flowise:smtp_password",
            "is missing",
        ),
        (set_key("load_balancer.sign_in", SIGN_IN), "flowise:oidc_client_secret", "load_balancer.sign_in is set"),
        (set_key("oidc_client_secret", "hunter2"), "flowise:oidc_client_secret", "treat the old value as leaked"),
        (set_key("load_balancer.sign_in", {}), "flowise:load_balancer.sign_in.issuer", "is missing"),
        (
            set_key("load_balancer.sign_in", SIGN_IN | {"issuer": "http://login.example.com"}),
            "flowise:load_balancer.sign_in.issuer",
            "for example https://",
        ),
        (
            set_key("load_balancer.sign_in", SIGN_IN | {"scope": "email"}),
            "flowise:load_balancer.sign_in.scope",
            "for example openid email",
        ),
        (set_key("ingress", INGRESS), "flowise:domain", "with flowise:ingress there is none. Remove flowise:domain"),
        (set_key("ingress", INGRESS | {"host": "AI.example.org"}), "flowise:ingress.host", "for example ai.example"),
        (set_key("ingress", INGRESS | {"class_name": "Nginx"}), "flowise:ingress.class_name", "for example nginx"),
        (set_key("ingress", {"host": "ai.example.org"}), "flowise:ingress.class_name", "is missing"),
        (set_key("ingress", INGRESS | {"tls_secret": "x"}), "flowise:ingress.tls_secret", "mean tls_secret_name?"),
        (set_key("ingress", INGRESS | {"annotations": {"a b": ""}}), "flowise:ingress.annotations", "is not allowed"),
        (set_key("ingress", INGRESS | {"annotations": {"a": 1}}), "flowise:ingress.annotations.a", "1 is not allowed"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key_and_its_cure(edit: Edit, key: str, says: str) -> None:
    lines = [line for line in broken(edit).splitlines() if line.startswith((f"  - {key}: ", f"  - {key}."))]
    assert len(lines) == 1
    assert says in lines[0]


def test_sections_that_an_ingress_replaces_are_refused_one_by_one() -> None:
    named = re.findall(r"^  - (\S+): .* remove flowise:ingress$", broken(set_key("ingress", INGRESS)), re.MULTILINE)
    assert named == ["flowise:domain", "flowise:edge", "flowise:load_balancer"]


def test_sign_in_needs_a_name_of_its_own() -> None:
    message = broken(set_key("load_balancer.sign_in", SIGN_IN), stack="dev")
    assert "flowise:load_balancer.sign_in: needs a listener with HTTPS" in message
    assert "Add a flowise:domain section" in message


def test_an_ingress_alone_is_right() -> None:
    values = dict(read_stack("dev").values) | {"flowise:ingress": json.dumps(INGRESS)}
    del values["flowise:edge"]
    found = parse_settings(values, (), "dev")
    assert found.ingress
    assert (found.ingress.tls_secret_name, found.ingress.annotations) == (None, {})


def test_a_moved_instance_brings_all_of_its_keys_or_none() -> None:
    message = broken(set_key("token_hash_secret", "hunter2-hunter2"), secret_keys=("flowise:token_hash_secret",))
    named = re.findall(r"^  - flowise:(\S+): is missing, but token_hash_secret \(", message, re.MULTILINE)
    assert named == sorted(IMPORTED_KEYS.keys() - {"token_hash_secret"})
    assert "hunter2" not in message


def test_a_secret_is_never_shown() -> None:
    assert "hunter2-hunter2" not in broken(set_key("smtp_password", "hunter2-hunter2"))


def test_a_secret_inside_a_structure_is_refused() -> None:
    message = broken(set_key("app.smtp", {"password": "x"}), secret_keys=("flowise:app",))
    assert "flowise:app: holds a secret" in message
    assert "flowise:smtp_password" in message


def test_all_mistakes_are_reported_at_once() -> None:
    def edit(document: dict[str, Any]) -> None:
        set_key("network.cidr", "10.30.0.0/28")(document)
        set_key("network.zone", [])(document)
        set_key("database.postgres_version", "9.6")(document)
        set_key("database.storage_gib", None)(document)
        set_key("app.server.replicas", 0)(document)
        set_key("load_balancer.idle_timeout_seconds", 60)(document)
        set_key("smtp_password", "x")(document)

    message = broken(edit)
    assert message.startswith("Pulumi.prod.yaml has 7 mistakes; nothing has been made:")
    assert len(re.findall(r"^  - ", message, re.MULTILINE)) == 7


def test_an_empty_file_names_what_it_needs() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({}, (), "new")
    named = re.findall(r"^  - (\S+): is missing", str(caught.value), re.MULTILINE)
    assert named == ["aws:region", "flowise:app", "flowise:cluster", "flowise:database", "flowise:network"]


def test_nothing_is_registered_when_the_file_is_wrong() -> None:
    asked: list[Request] = []

    class Watcher(SyntheticProvider):
        def create(self, request: Request) -> Any:
            asked.append(request)
            return super().create(request)

    config = dict(read_stack("prod").values) | {"flowise:protected": "maybe"}
    with pytest.raises(SettingsError, match="flowise:protected"):
        record(run_main, Watcher(), config=config, stack_name="prod", expansions=EXPANSIONS)
    assert asked == []


# No clock: neither a deadline nor the check that values are made fast, and the same values in every run.
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["flowise:network", "flowise:app", "flowise:queue", "flowise:x", "aws:region", "flowise:tags"]),
        st.one_of(
            st.text(), st.recursive(st.integers() | st.none() | st.booleans(), st.lists, max_leaves=9).map(json.dumps)
        ),
    )
)
def test_any_nonsense_gives_the_same_kind_of_error(values: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        parse_settings(values, (), "x")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (
            "database.postgres_version",
            18,
            "which `pulumi config set --path --type string 'flowise:database.postgres_version' 18` writes",
        ),
        ("tags.cost-center", 4711, "--type string 'flowise:tags.cost-center' 4711"),
        ("tags.temporary", True, "--type string 'flowise:tags.temporary' true"),
        ("edge.admin_cidrs", [5], "--type string 'flowise:edge.admin_cidrs[0]' 5"),
        ("database.storage_gib", "100", "--type int 'flowise:database.storage_gib' 100"),
        ("database.multi_az", "true", "--type bool 'flowise:database.multi_az' true"),
        ("edge.admin_cidrs", "203.0.113.0/24", "'flowise:edge.admin_cidrs[0]' VALUE"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_answered_with_the_command_that_sets_it(path: str, value: object, says: str) -> None:
    """`pulumi config set --path` stores whole numbers, true and false as such, and everything else as text."""
    assert says in broken(set_key(path, value), stack="dev")


def test_names_with_dots_are_written_as_pulumi_takes_them() -> None:
    def edit(document: dict[str, Any]) -> None:
        for key in ("flowise:domain", "flowise:edge", "flowise:load_balancer"):
            document.pop(key, None)
        document["flowise:ingress"] = {**INGRESS, "annotations": {"pulumi.com/skipAwait": True}}

    assert "--type string 'flowise:ingress.annotations[\"pulumi.com/skipAwait\"]' true`" in broken(edit)


@pytest.mark.parametrize("preview", [True, False])
def test_the_examples_digest_is_refused_when_pulumi_runs_the_program(
    stack: str, preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pulumi's language host hands the configuration over in the environment; plan, tests and local runs do not."""
    config = read_stack(stack)
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(dict(config.values)))
    with pytest.raises(SettingsError) as caught:
        record(run_main, SyntheticProvider(), config={}, stack_name=stack, preview=preview, expansions=EXPANSIONS)
    assert "flowise:app.image: sha256:0000000... is the example's digest" in str(caught.value)
    assert f"`make image-digest STACK={stack}`" in str(caught.value)


def test_a_digest_that_was_built_is_deployed(stack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = read_stack(stack)
    values = {k: v.replace("sha256:" + "0" * 64, "sha256:" + "ab12" * 16) for k, v in config.values.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    record(run_main, SyntheticProvider(), config={}, stack_name=stack, preview=True, expansions=EXPANSIONS)
