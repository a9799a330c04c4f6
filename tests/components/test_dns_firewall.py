"""DNS Firewall: what may be asked for, what is stopped, and who is told."""

import json
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import pytest

from analysis.cost.estimate import estimate
from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Record, Recording
from tests.bootstrap.account import with_actions
from tests.conftest import recorded, recorded_with
from tests.test_settings import broken

DNS_FIREWALL = left_out_by_prod()["dns_firewall"]
RUNNER = left_out_by_prod()["runner"]
RULE = "aws:route53/resolverFirewallRule:ResolverFirewallRule"
DOMAINS = "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
THREATS = {"AWSManagedDomainsAggregateThreatList": "rslvr-fdl-0123456789abcdef"}


def filtered(stack: str = "prod", *, preview: bool = False, more: Any = None, **change: Any) -> Recording:
    """A stack with the section."""
    edits: dict[str, Any] = {"dns_firewall": {**DNS_FIREWALL, **change}, **(more or {})}
    return recorded_with(stack, edits, preview=preview, secrets={"smtp_password": "secret"} if more else None)


def watched() -> Recording:
    """Prod with a section that decides otherwise wherever it can."""
    return filtered(mode="alert", answer="NXDOMAIN", fail_open=True, thresholds={"queries_not_allowed": 500})


def in_order(recording: Recording) -> list[dict[str, Any]]:
    """Rules as AWS evaluates them: from the lowest priority on."""
    return sorted((r.inputs for r in recording.of_type(RULE)), key=lambda rule: rule["priority"])


def allowed(recording: Recording) -> list[str]:
    return recording.only(DOMAINS, "dns-firewall-allowed").inputs["domains"]


def passes(recording: Recording, name: str) -> bool:
    """Whether a name is allowed: itself, or below a domain with a star."""
    return any(fnmatchcase(f"{name}.", domain) for domain in allowed(recording))


def test_no_stack_of_this_repository_has_one(stack: str) -> None:
    assert not [r for r in recorded(stack).records if "resolverFirewall" in r.type or "resolverQuery" in r.type]


def test_what_is_allowed_comes_first_and_all_else_last() -> None:
    recording = filtered()
    rules = in_order(recording)
    assert [rule["action"] for rule in rules] == ["ALLOW", "BLOCK", "BLOCK", "BLOCK"]
    assert len({rule["priority"] for rule in rules}) == len(rules), "AWS refuses a priority twice"
    assert rules[0]["firewallDomainListId"] == recording.only(DOMAINS, "dns-firewall-allowed").id
    assert [rule["firewallDomainListId"] for rule in rules[1:3]] == sorted(DNS_FIREWALL["managed_lists"].values())
    last = recording.only(DOMAINS, "dns-firewall-others")
    assert rules[3]["firewallDomainListId"] == last.id
    assert last.inputs["domains"] == ["*."]


def test_without_a_list_of_its_own_only_what_aws_lists_is_stopped() -> None:
    recording = filtered(allowed_domains=None, managed_lists=THREATS)
    assert [rule["firewallDomainListId"] for rule in in_order(recording)] == list(THREATS.values())
    assert not recording.of_type(DOMAINS)


NODATA = {"mode": "block", "answer": "NODATA", "fail_open": False}


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        (watched, {("ALERT", None)}),
        (filtered, {("BLOCK", "NXDOMAIN")}),
        (partial(filtered, **NODATA), {("BLOCK", "NODATA")}),
    ],
    ids=["alert", "block", "block and answer NODATA"],
)
def test_the_mode_decides_about_all_but_what_is_allowed(stack: Callable[[], Recording], expected: set[Any]) -> None:
    rules = in_order(stack())
    assert {(rule["action"], rule.get("blockResponse")) for rule in rules[1:]} == expected
    assert "blockResponse" not in rules[0], "AWS takes it with BLOCK only"


def test_an_alias_of_an_allowed_name_need_not_be_listed_and_one_of_a_threat_counts() -> None:
    first, *others = [rule["firewallDomainRedirectionAction"] for rule in in_order(filtered())]
    assert first == "TRUST_REDIRECTION_DOMAIN"
    assert set(others) == {"INSPECT_REDIRECTION_DOMAIN"}


def test_every_query_of_the_vpc_is_filtered_and_logged() -> None:
    recording = filtered()
    vpc = recording.only("aws:ec2/flowLog:FlowLog").inputs["vpcId"]
    types = ("FirewallRuleGroupAssociation", "FirewallConfig", "QueryLogConfigAssociation")
    of_vpc = [recording.only(f"aws:route53/resolver{name}:Resolver{name}").inputs for name in types]
    assert {inputs.get("vpcId", inputs.get("resourceId")) for inputs in of_vpc} == {vpc}
    group = recording.only("aws:cloudwatch/logGroup:LogGroup", "dns-firewall")
    assert group.inputs["kmsKeyId"]
    assert group.inputs["retentionInDays"] == 90
    config = recording.only("aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig")
    assert config.inputs["destinationArn"].endswith(group.inputs["name"])


@pytest.mark.parametrize(("stack", "expected"), [(partial(filtered, **NODATA), "DISABLED"), (watched, "ENABLED")])
def test_what_happens_without_an_evaluation_is_said_either_way(stack: Callable[[], Recording], expected: str) -> None:
    config = stack().only("aws:route53/resolverFirewallConfig:ResolverFirewallConfig")
    assert config.inputs["firewallFailOpen"] == expected


def test_bootstrap_lets_resolver_write_the_log() -> None:
    policies = with_actions().of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    (allows,) = (each.inputs for each in policies if each.inputs["policyName"] == "flowise-dns-logs")
    (statement,) = json.loads(allows["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": ["delivery.logs.amazonaws.com"]}
    name = filtered().only("aws:cloudwatch/logGroup:LogGroup", "dns-firewall").inputs["name"]
    (into,) = statement["Resource"]
    assert fnmatchcase(f"log-group:{name}:log-stream:x", into.split(":", 5)[5])


MORE: dict[str, Any] = {
    "app.smtp": {"host": "smtp.example.net", "user": "flowise", "sender": "flowise@example.net"},
    "app.environment": {"MODEL_URL": "https://models.example.org:8443/v1"},
    "telemetry.traces.exporters": ["aws", "otlp"],
    "telemetry.traces.otlp": {"endpoint": "https://otlp.example.org:4318"},
}
NEEDED = [
    "123456789012.dkr.ecr.us-east-1.amazonaws.com",  # Flowise's image
    "0123456789abcdef.gr7.us-east-1.eks.amazonaws.com",  # the cluster's API
    "flowise-prod.c0123456789a.us-east-1.rds.amazonaws.com",
    "bedrock-runtime.us-east-1.amazonaws.com",
    "eks-auth.us-east-1.api.aws",  # credentials of pods
    "ip-10-20-0-1.ec2.internal",
    "registry-1.docker.io",  # images of Collector and Fluentd
    "auth.docker.io",
    "ghcr.io",  # KEDA
    "flowise.example.com",  # its own name, which the canary asks
    "api.openai.com",
    "smtp.example.net",
    "models.example.org",
    "otlp.example.org",
]


@pytest.mark.parametrize("name", NEEDED)
def test_the_stack_does_not_cut_itself_off(name: str) -> None:
    assert passes(filtered(more=MORE), name)


@pytest.mark.parametrize("name", ["example.net", "api.mistral.ai", "github.com", "d1.cloudfront.net", "db.m7g.large"])
def test_nothing_else_is_allowed(name: str) -> None:
    assert not passes(filtered(more=MORE), name)


def test_a_runner_gets_what_its_jobs_install_from() -> None:
    recording = filtered(more={"runner": dict(RUNNER)})
    for name in ("api.github.com", "objects.githubusercontent.com", "pypi.org", "files.pythonhosted.org"):
        assert passes(recording, name), name


def test_datadog_gets_its_site() -> None:
    recording = recorded_with(
        "prod",
        {"dns_firewall": dict(DNS_FIREWALL), "telemetry.datadog": {"site": "datadoghq.eu"}},
        secrets={"datadog_api_key": "secret-0123456789"},
    )
    assert passes(recording, "http-intake.logs.datadoghq.eu")


def test_every_domain_ends_as_aws_answers_it_and_is_one_that_it_takes() -> None:
    for domain in allowed(filtered(more=MORE)):
        assert domain.endswith(".")
        assert set(domain.removeprefix("*.")) <= set("abcdefghijklmnopqrstuvwxyz0123456789-."), domain
        assert len(domain) <= 255


def alarms(recording: Recording) -> dict[str, dict[str, Any]]:
    found = recording.of_type(ALARM)
    return {r.name.removeprefix("observability-dns-"): r.inputs for r in found if "-dns-" in r.name}


def test_somebody_is_told_of_what_is_stopped() -> None:
    recording = filtered()
    known = alarms(recording)
    queries = [q["metric"] for q in known["threat"]["metricQueries"] if "metric" in q]
    group = recording.only("aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup").id
    assert {q["dimensions"]["FirewallDomainListId"] for q in queries} == set(DNS_FIREWALL["managed_lists"].values())
    assert {q["metricName"] for q in queries} == {"FirewallRuleQueryVolume"}, "the group's own metric counts all"
    assert {q["dimensions"]["FirewallRuleGroupId"] for q in queries} == {group}
    others = known["not-allowed"]
    assert others["dimensions"]["FirewallDomainListId"] == recording.only(DOMAINS, "dns-firewall-others").id
    assert others["threshold"] == 20
    assert "not answered" in others["alarmDescription"]
    assert "mode is alert" in alarms(watched())["threat"]["alarmDescription"]
    assert alarms(filtered(allowed_domains=None, managed_lists=THREATS)).keys() == {"threat"}


def test_a_stack_decides_how_many_queries_are_too_many() -> None:
    others = alarms(watched())["not-allowed"]
    assert others["threshold"] == 500
    assert others["alarmDescription"].startswith("More than 500 DNS queries")


def test_queries_and_own_domains_have_a_price() -> None:
    recording = filtered()
    items = {
        item.what: item
        for item in estimate(recording, stack="prod", region="us-east-1").items
        if item.component == "DnsFirewall"
    }
    assert items["queries filtered"].part == "use"
    assert items["listed domains"].quantity == len(allowed(recording)) + 1
    assert items["logs taken in"].part == "use"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"allowed_domains": None, "managed_lists": {}}, "nothing would be filtered"),
        ({"allowed_domains": ["*"]}, "nothing would be filtered"),
        ({"allowed_domains": ["*.com"]}, "nearly every name"),
        ({"allowed_domains": ["https://api.openai.com"]}, "begins with a scheme"),
        ({"allowed_domains": [".example.com"]}, "begins with a dot"),
        ({"allowed_domains": ["api.*.com"]}, "a star that is not at its beginning"),
        ({"allowed_domains": ["10.0.0.1"]}, "it is an address"),
        ({"allowed_domains": ["a.example.com", "a.example.com"]}, "more than once"),
        ({"managed_lists": {"AWSManagedDomainsAggregateThreatList": "AWSManaged"}}, "list-firewall-domain-lists"),
        ({"managed_lists": {"Malware": "rslvr-fdl-0123456789abcdef"}}, "AWSManagedDomainsMalwareDomainList"),
        ({"mode": "deny"}, "alert"),
        ({"thresholds": {"queries_not_allowed": -1}}, "thresholds.queries_not_allowed: -1 is not allowed"),
    ],
)
def test_a_mistake_is_refused_with_what_is_allowed(change: dict[str, Any], says: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:dns_firewall"] = {**DNS_FIREWALL, **change}

    assert says in broken(edit)


def test_the_vpc_of_others_is_not_filtered() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:dns_firewall"] = dict(DNS_FIREWALL)
        document["flowise:network"]["existing"] = {
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef1", "subnet-0123456789abcdef2"],
            "data_subnet_ids": ["subnet-0123456789abcdef3", "subnet-0123456789abcdef4"],
        }

    assert "flowise:dns_firewall: filters the whole VPC, and vpc-0123456789abcdef0" in broken(edit)


def test_a_first_preview_shows_all_of_it() -> None:
    def urns(records: Sequence[Record]) -> set[str]:
        return {r.urn for r in records}

    assert urns(filtered(preview=True).records) == urns(filtered().records)
