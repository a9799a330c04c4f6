"""No refusal shows a regular expression: each says what is wrong with the value, and where the right one is found."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest
from pydantic import TypeAdapter

from analysis.optional_sections import left_out_by_prod
from analysis.rights.stacks import CONNECTION_ARN
from bootstrap.settings import BootstrapSettings
from bootstrap.stacks import DeliveredStack, StackName
from policies.exceptions import PolicyException
from settings import StackSettings
from tests.conftest import edited
from tests.test_settings import INGRESS, SIGN_IN, broken, set_key

RUNNER = left_out_by_prod()["runner"]

MODELS = (StackSettings, BootstrapSettings, PolicyException, DeliveredStack)
EXISTING = {
    "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
    "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
}
CANARY = {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}
SMTP = {"host": "mail.example.com", "user": "u", "sender": "a@example.com"}
OTLP = {"exporters": ["otlp"]}
ON_NODES = {"name": "platform"}
SNAPSHOT = {"snapshot_identifier": "rds:x"}
REFUSED: list[tuple[str, Any, str, str]] = [
    ("app.image", "flowiseai/flowise:3.1.4", "Flowise's own image", "`make image-digest STACK=NAME"),
    ("app.image", "123456789012.dkr.ecr.us-east-1.amazonaws.com/flowise:3.1.4", "names no digest", "gh workflow run"),
    ("app.image", "registry/flowise@sha256:abc", "has not 64 digits", "gh workflow run image"),
    ("app.image", "registry/flowise@md5:abc", "not one of SHA-256", "gh workflow run image"),
    ("app.flowise_version", "v3.1.4", "begins with a v", "image/package.json"),
    ("app.flowise_version", "latest", "a tag, which says no version", "for example 3.1.4"),
    ("app.owner.email", "Ann <ann@example.com>", "a name beside the address", "for example ops@example.com"),
    ("app.owner.email", "ann", "has no @", "one e-mail address"),
    ("app.smtp", SMTP | {"sender": "a@example.com, b@example.com"}, "holds more than one", "one e-mail address"),
    ("app.bedrock", {"model_ids": ["Claude Sonnet 4"]}, "display name", "`aws bedrock list-foundation-models"),
    ("app.bedrock", {"model_ids": ["arn:aws:bedrock:us-east-1::foundation-model/x"]}, "its last part", "aws bedrock"),
    ("ingress", INGRESS | {"class_name": "Nginx"}, "has capitals", "`kubectl get ingressclass`"),
    ("ingress", INGRESS | {"controller_namespace": "ingress.nginx"}, "has a dot", "`kubectl get namespaces`"),
    ("ingress", INGRESS | {"host": "https://ai.example.org"}, "begins with a scheme", "for example ai.example.com"),
    ("ingress", INGRESS | {"tls_secret_name": "flowise/tls"}, "a namespace or a kind before it", "kubectl -n flowise"),
    ("ingress", INGRESS | {"annotations": {"a/b/c": ""}}, "more than one slash", "the name of an annotation"),
    ("domain.name", "https://ai.example.com", "begins with a scheme", "for example ai.example.com"),
    ("domain.name", "ai.example.com/", "has a path", "without scheme, port and path"),
    ("domain.name", "*.example.com", "has a wildcard", "a host name"),
    ("domain.name", "AI.example.com", "has capitals", "in lower case"),
    ("domain.name", "intranet", "has no domain", "a host name"),
    ("domain.hosted_zone_id", "example.com", "the zone's name", "`aws route53 list-hosted-zones"),
    ("domain.hosted_zone_id", "/hostedzone/Z012345", "/hostedzone/ stands before", "aws route53"),
    ("cluster.kubernetes_version", "1.34", "older than what", "`aws eks describe-cluster-versions"),
    ("cluster.kubernetes_version", "1.36.2", "a patch version", "aws eks"),
    ("cluster.admin_role_arns", ["platform-admin"], "a name, not an ARN", "`aws iam get-role"),
    ("cluster.admin_role_arns", ["arn:aws:iam::123456789012:user/ann"], "a user", "the ARN of an IAM role"),
    ("cluster.admin_role_arns", ["arn:aws:sts::123456789012:assumed-role/a/b"], "the session", "aws iam get-role"),
    ("cluster.api_client_security_group_ids", ["runners"], "it is no id", "`aws ec2 describe-security"),
    ("cluster.existing", {"name": "arn:aws:eks:us-east-1:123456789012:cluster/a"}, "an ARN", "`aws eks list-clusters"),
    ("cluster.existing", ON_NODES | {"node_selector": {"workload=ai": ""}}, "a value too", "`kubectl get nodes"),
    (
        "cluster.existing",
        ON_NODES | {"tolerations": [{"key": "a", "value": "b c"}]},
        "it has spaces",
        "kubectl describe",
    ),
    ("cluster.existing", ON_NODES | {"security_group_id": "nodes"}, "it is no id", "`aws ec2 describe-security"),
    ("app.namespace", "Team-A", "it has capitals", "`kubectl get namespaces`"),
    ("runner", {**RUNNER, "repository": "https://github.com/acme/flowise"}, "it is an address", "`gh repo view"),
    (
        "runner",
        {**RUNNER, "connection_arn": CONNECTION_ARN.replace("codeconnections", "codestar-connections")},
        "the service's old name",
        "`aws codeconnections list-connections",
    ),
    ("permissions_boundary_arn", "arn:aws:iam::aws:policy/AdministratorAccess", "a policy of AWS", "`pulumi stack out"),
    ("network.zones", ["use1-az1", "use1-az2"], "the zone's id", "`aws ec2 describe-availability-zones"),
    ("network.zones", ["us-east-1", "us-east-2"], "it is a region", "for example us-east-1a"),
    ("network.existing", EXISTING | {"vpc_id": "main"}, "a VPC's name is a tag", "`aws ec2 describe-vpcs"),
    ("database.instance_class", "m7g.large", "does not begin with db.", "`aws rds describe-orderable"),
    ("database.restore_from", SNAPSHOT | {"snapshot_identifier": "2026"}, "begins with a digit", "`aws rds describe"),
    ("database.restore_from", {"source_resource_id": "db-abcdefghij"}, "in small letters", "automated-backups"),
    ("database.backup_window_utc", "3am", "is not a daily window", "such as 03:00-04:00"),
    ("database.maintenance_window_utc", "sunday", "is not a weekly window", "such as sun:04:30-sun:05:30"),
    ("queue.maintenance_window_utc", "sunday", "is not a weekly window", "such as sun:04:30-sun:05:30"),
    ("queue.node_type", "m7g.large", "does not begin with cache.", "for example cache.t4g.small"),
    ("backup.notify", ["ops"], "has no @", "for example ops@example.com"),
    ("observability.canary", {"flow_id": "https://x/canvas/7c0a"}, "an address", "the end of the address"),
    ("observability.canary", CANARY | {"login_email": "check"}, "has no @", "one e-mail address"),
    ("observability.runbooks_url", "https://git.example.com/", "ends with a slash", "for example https://git"),
    ("load_balancer.sign_in", SIGN_IN | {"issuer": "http://login.example.com"}, "not encrypted", "an HTTPS URL"),
    ("load_balancer.sign_in", SIGN_IN | {"scope": "email"}, "lacks openid", "for example openid email"),
    ("telemetry.traces", OTLP | {"otlp": {"endpoint": "otlp.example.com:4317"}}, "gRPC is not spoken", "over HTTPS"),
    ("telemetry.traces", {"image": "otel/collector:1"}, "names no digest", "`docker buildx imagetools inspect"),
    ("tags", {"team": "R&D"}, '"R&D" is not allowed', "letters, digits, spaces and"),
    ("policy_exceptions", [{"rule": "eks-public"}], "underscores, not hyphens", "`make policy STACK=NAME`"),
]


@pytest.mark.parametrize(("path", "value", "wrong", "find"), REFUSED)
def test_a_refusal_says_what_is_wrong_and_where_the_right_value_is(
    path: str, value: Any, wrong: str, find: str
) -> None:
    lines = [line for line in broken(set_key(path, value)).splitlines() if line.startswith(f"  - flowise:{path}")]
    assert any(wrong in line and find in line for line in lines), lines
    assert not any("pattern" in line or "[a-z" in line for line in lines)


def nodes(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every part of a JSON Schema, with its place."""
    yield path, schema
    for key, value in schema.items():
        for number, child in enumerate(cast(list[Any], value) if isinstance(value, list) else [value]):
            if isinstance(child, dict):
                yield from nodes(cast(dict[str, Any], child), f"{path}/{key}{number or ''}")


@pytest.mark.parametrize("model", MODELS)
def test_every_pattern_has_words(model: type[Any]) -> None:
    """The words are what editors show (`patternErrorMessage`); a pattern of pydantic's own `Field` has none."""
    patterns = [(path, node) for path, node in nodes(model.model_json_schema()) if isinstance(node.get("pattern"), str)]
    assert patterns
    assert [path for path, node in patterns if not str(node.get("patternErrorMessage", "")).startswith("must")] == []


def test_names_of_stacks_are_spelled_too() -> None:
    with pytest.raises(ValueError, match="dev_1"):
        TypeAdapter(StackName).validate_python("dev_1")


def test_what_matches_before_matches_still() -> None:
    """A newline at the end passes `$` in Python, not in the engine that patterns are written for."""
    assert "spaces at an end" in broken(set_key("domain.name", "ai.example.com\n"))
    assert edited("prod", {"domain.name": "ai.example.com"})
