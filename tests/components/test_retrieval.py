"""OpenSearch for retrieval flows: who reaches it, how it is encrypted, what is kept, and who is told."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from tests.bootstrap.account import with_actions
from tests.conftest import recorded, recorded_with
from tests.test_settings import broken

RETRIEVAL = left_out_by_prod()["retrieval"]
DOMAIN = "aws:opensearch/domain:Domain"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"


def with_retrieval(stack: str = "prod", *, preview: bool = False, more: Any = None, **change: Any) -> Recording:
    """A stack with an OpenSearch domain."""
    return recorded_with(stack, {"retrieval": {**RETRIEVAL, **change}, **(more or {})}, preview=preview)


def decided() -> Recording:
    """Prod with a section that decides about what others leave at its default."""
    return with_retrieval(
        zones=2,
        nodes=2,
        update_hour_utc=3,
        dedicated_master_type="r6g.large.search",
        volume_gib=100,
        thresholds={"free_storage_percent": 50, "cpu_percent": 60, "memory_percent": 70},
        more={"app.proxy": {"url": "http://10.8.0.20:3128"}},
    )


def domain(recording: Recording) -> dict[str, Any]:
    return recording.only(DOMAIN).inputs


def test_no_stack_of_this_repository_has_one(stack: str) -> None:
    assert not recorded(stack).of_type(DOMAIN)


def test_only_the_pods_reach_it_by_https() -> None:
    recording = with_retrieval()
    (group,) = domain(recording)["vpcOptions"]["securityGroupIds"]
    rules = [r.inputs for r in recording.of_type(INGRESS) if r.inputs["securityGroupId"] == group]
    assert [(rule["fromPort"], rule["toPort"]) for rule in rules] == [(443, 443)]
    queue = next(r.inputs for r in recording.of_type(INGRESS) if r.name.startswith("queue-from-"))
    assert rules[0]["referencedSecurityGroupId"] == queue["referencedSecurityGroupId"]
    endpoint = domain(recording)["domainEndpointOptions"]
    assert endpoint == {"enforceHttps": True, "tlsSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"}


def test_it_lies_in_as_many_data_subnets_as_it_has_zones() -> None:
    recording = decided()
    isolated = [
        r.id for r in recording.of_type("aws:ec2/subnet:Subnet") if r.inputs["tags"]["SubnetType"] == "Isolated"
    ]
    assert len(isolated) == 3
    assert domain(recording)["vpcOptions"]["subnetIds"] == isolated[:2]
    assert domain(recording)["clusterConfig"]["zoneAwarenessConfig"] == {"availabilityZoneCount": 2}


def test_one_zone_has_no_zone_awareness() -> None:
    cluster = domain(with_retrieval("dev", zones=1, nodes=1))["clusterConfig"]
    assert cluster["zoneAwarenessEnabled"] is False
    assert "zoneAwarenessConfig" not in cluster


def test_documents_are_encrypted_with_the_key_of_the_stack() -> None:
    recording = with_retrieval()
    key = recording.only("aws:elasticache/replicationGroup:ReplicationGroup").inputs["kmsKeyId"]
    assert domain(recording)["encryptAtRest"] == {"enabled": True, "kmsKeyId": key}
    assert domain(recording)["nodeToNodeEncryption"] == {"enabled": True}
    groups = [r for r in recording.of_type("aws:cloudwatch/logGroup:LogGroup") if r.name.startswith("retrieval-")]
    assert {group.inputs["kmsKeyId"] for group in groups} == {key}


def test_user_and_password_are_in_a_secret_and_nowhere_readable() -> None:
    recording = with_retrieval()
    security = domain(recording)["advancedSecurityOptions"]
    assert security["enabled"]
    assert security["internalUserDatabaseEnabled"]
    assert security["anonymousAuthEnabled"] is False
    version = recording.only("aws:secretsmanager/secretVersion:SecretVersion", "retrieval")
    kept = json.loads(version.inputs["secretString"])
    user = security["masterUserOptions"]
    assert kept == {
        "url": "https://vpc-flowise-prod.us-east-1.es.amazonaws.com",
        "user": user["masterUserName"],
        "password": user["masterUserPassword"],
    }
    assert "secretString" in version.secrets
    assert "advancedSecurityOptions" in recording.only(DOMAIN).secrets
    assert recording.only("aws:secretsmanager/secret:Secret", "retrieval").inputs["name"] == "flowise/prod/retrieval"
    rules = recording.only("random:index/randomPassword:RandomPassword", "retrieval").inputs
    assert min(rules[f"min{kind}"] for kind in ("Lower", "Upper", "Numeric", "Special")) == 1
    assert set(rules["overrideSpecial"]) <= set("-_.~"), "others would have to be escaped in a URL"


def test_opensearch_writes_its_logs_where_bootstrap_lets_it() -> None:
    recording = with_retrieval()
    published = {log["logType"]: log["cloudwatchLogGroupArn"] for log in domain(recording)["logPublishingOptions"]}
    assert published.keys() == {"ES_APPLICATION_LOGS", "AUDIT_LOGS"}
    policies = with_actions().of_type("aws:cloudwatch/logResourcePolicy:LogResourcePolicy")
    (allowed,) = (each.inputs for each in policies if each.inputs["policyName"] == "flowise-retrieval-logs")
    (statement,) = json.loads(allowed["policyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": ["es.amazonaws.com"]}
    (into,) = statement["Resource"]
    for arn in published.values():
        assert fnmatchcase(arn.split(":", 5)[5], into.split(":", 5)[5]), arn
    assert statement["Condition"]["StringEquals"].keys() == {"aws:SourceAccount"}
    source = statement["Condition"]["ArnLike"]["aws:SourceArn"]
    assert fnmatchcase("domain/" + domain(recording)["domainName"], source.split(":", 5)[5])


def test_a_protected_stack_does_not_delete_it(stack: str) -> None:
    recording = decided() if stack == "prod" else with_retrieval(stack, zones=2, nodes=2)
    protected = stack != "dev"
    for type_ in (DOMAIN, "aws:secretsmanager/secret:Secret", "random:index/randomPassword:RandomPassword"):
        assert recording.only(type_, "retrieval").protect is protected


def test_updates_are_installed_in_the_hours_that_the_stack_names() -> None:
    recording = decided()
    assert domain(recording)["softwareUpdateOptions"] == {"autoSoftwareUpdateEnabled": True}
    start = domain(recording)["offPeakWindowOptions"]["offPeakWindow"]["windowStartTime"]
    assert start == {"hours": 3, "minutes": 0}


@pytest.mark.parametrize("endpoints", [[], ["secretsmanager"]])
def test_servers_and_workers_reach_it_and_the_migration_does_not_need_to(endpoints: list[str]) -> None:
    def reaches(recording: Recording, name: str) -> bool:
        (policy,) = (r for r in recording.of_type(POLICY) if r.inputs["metadata"]["name"] == f"flowise-{name}")
        cidrs = {
            peer["ipBlock"]["cidr"]
            for rule in policy.inputs["spec"]["egress"]
            if {"protocol": "TCP", "port": 443} in rule["ports"]
            for peer in rule["to"]
            if "ipBlock" in peer
        }
        data = {
            r.inputs["cidrBlock"]
            for r in recording.of_type("aws:ec2/subnet:Subnet")
            if r.inputs["tags"]["SubnetType"] == "Isolated"
        }
        return data <= cidrs

    more = {"network.interface_endpoints": endpoints}
    recording = with_retrieval(more=more)
    assert reaches(recording, "server")
    assert reaches(recording, "worker")
    if not endpoints:
        assert not reaches(recording, "migration")
        assert not reaches(recorded("prod"), "server"), "without the section nobody reaches port 443 there"


def test_it_is_asked_past_the_proxy_of_a_company() -> None:
    (value,) = (
        r.inputs["data"]["FLOWISE_NO_PROXY"]
        for r in decided().of_type("kubernetes:core/v1:ConfigMap")
        if "MODE" in r.inputs["data"]
    )
    assert "vpc-flowise-prod.us-east-1.es.amazonaws.com" in value.split(",")


def test_dedicated_masters_are_three() -> None:
    cluster = domain(decided())["clusterConfig"]
    assert cluster["dedicatedMasterEnabled"]
    assert cluster["dedicatedMasterType"] == "r6g.large.search"
    assert cluster["dedicatedMasterCount"] == 3
    assert domain(with_retrieval())["clusterConfig"]["dedicatedMasterEnabled"] is False


def alarm_names(recording: Recording) -> dict[str, dict[str, Any]]:
    found = recording.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
    return {r.name.removeprefix("observability-"): r.inputs for r in found if "-retrieval-" in r.name}


def test_a_node_that_fills_up_tells_somebody_at_a_quarter_of_its_storage() -> None:
    alarms = alarm_names(with_retrieval(volume_gib=100))
    storage = alarms["retrieval-storage"]
    assert storage["threshold"] == 25 * 1024, "the metric is in MiB"
    assert storage["metricName"] == "FreeStorageSpace"
    assert storage["statistic"] == "Minimum"
    assert storage["dimensions"] == {"DomainName": "flowise-prod", "ClientId": "123456789012"}
    assert alarms.keys() >= {
        "retrieval-red", "retrieval-yellow", "retrieval-writes-blocked", "retrieval-cpu", "retrieval-memory",
        "retrieval-snapshot-failed", "retrieval-key",
    }  # fmt: skip


def test_a_stack_decides_when_its_alarms_go_off() -> None:
    alarms = alarm_names(decided())
    assert alarms["retrieval-storage"]["threshold"] == 50 * 1024
    assert alarms["retrieval-cpu"]["threshold"] == 60
    assert alarms["retrieval-memory"]["threshold"] == 70
    assert "above 60 %" in alarms["retrieval-cpu"]["alarmDescription"]


def test_the_dashboard_shows_it_to_stacks_that_have_it() -> None:
    def titles(recording: Recording) -> set[str]:
        body = json.loads(recording.only("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])
        return {widget["properties"].get("title", "") for widget in body["widgets"]}

    more = titles(with_retrieval()) - titles(recorded("prod"))
    assert more == {"OpenSearch: CPU and memory of Java in %", "OpenSearch: free MiB of the fullest node"}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_thresholds_without_alarms_are_refused(stack: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document.pop("flowise:observability", None)
        document["flowise:retrieval"] = {**RETRIEVAL, "thresholds": {"cpu_percent": 60}}

    assert "flowise:retrieval.thresholds: decides when alarms go off; without flowise:observability" in broken(
        edit, stack
    )


def test_one_node_is_never_green_and_says_so_to_nobody() -> None:
    alarms = alarm_names(with_retrieval(zones=1, nodes=1))
    assert "retrieval-yellow" not in alarms
    assert "retrieval-red" in alarms


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"nodes": 3, "zones": 2}, "nodes 3 is no multiple of zones 2"),
        (
            {"zones": 3, "nodes": 3, "volume_gib": 600},
            "volume_gib 600 is more than a node of r7g.large.search takes (512)",
        ),
        ({"instance_type": "t3.medium.search", "volume_gib": 201}, "takes (200)"),
        ({"instance_type": "i3.large.search"}, "i3.large.search is none of the types"),
        ({"instance_type": "r7g.large"}, "does not end with .search"),
        ({"opensearch_version": "1.3"}, "opensearch_version"),
        ({"volume_gib": 9}, "volume_gib"),
        ({"thresholds": {"cpu_percent": 0}}, "thresholds.cpu_percent: 0 is not allowed"),
    ],
)
def test_what_aws_would_refuse_is_refused_first(change: dict[str, Any], says: str) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:retrieval"] = {**RETRIEVAL, **change}

    assert says in broken(edit)


def test_it_has_no_more_zones_than_the_network() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["flowise:network"]["zones"] = ["us-east-1a", "us-east-1b"]
        document["flowise:retrieval"] = {**RETRIEVAL, "zones": 3, "nodes": 3}

    message = broken(edit)
    assert "flowise:retrieval.zones: 3 is more than network.zones has (2)" in message


def test_a_first_preview_shows_all_of_it() -> None:
    assert {r.urn for r in with_retrieval(preview=True).records} == {r.urn for r in with_retrieval().records}
