"""Alarms, objectives, topics, dashboard and canary: what people are told, and when."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Record, Recording
from components.observability.instances import instance_size
from pages import alarms
from pages.alarms import COMPOSITE_ALARM, METRIC_ALARM
from settings import SettingsError, parse_settings
from tests.components.emitted import EMITTED
from tests.conftest import STACKS, edited, recorded, recorded_with

ROOT = Path(__file__).parents[2]
CANARY = {"flow_id": "7c0a1f6e-3a55-4d0c-9f0e-2f1f0a9f5b11"}
GIB = 1024**3


@cache
def abroad() -> Recording:
    """Production in another region than the edge's, with a canary and people on call."""
    edits: dict[str, Any] = {
        "network.zones": ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
        "aws:region": "eu-central-1",
        "recovery.region": "eu-west-1",
        "observability.canary": CANARY,
        "observability.recipients": ["ops@example.com", "https://events.example.com/flowise"],
        "observability.runbooks_url": "https://git.example.com/runbooks",
        "database.instance_class": "db.t4g.medium",
    }
    return recorded_with("prod", edits)


@cache
def with_sections() -> Recording:
    """Production with every section that it leaves out."""
    return recorded_with("prod", left_out_by_prod())


def every() -> list[tuple[str, Record]]:
    """Each alarm of every recording."""
    return [item for found in stacks() for item in alarms.alarms(found).items()]


def stacks() -> list[Recording]:
    """Recordings that have every alarm between them."""
    return [*map(recorded, STACKS), abroad(), with_sections()]


def queries(record: Record) -> list[dict[str, Any]]:
    return record.inputs.get("metricQueries", [])


def test_every_metric_is_one_that_is_sent() -> None:
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    for name, record in every():
        if record.type != METRIC_ALARM:
            continue
        for namespace, metric, dimensions in alarms.metrics(record):
            assert (namespace, dimensions) in EMITTED, name
            assert metric in EMITTED[namespace, dimensions][1], f"{name}: {EMITTED[namespace, dimensions][0]}"
            seen.add((namespace, dimensions, metric))
    listed = {(namespace, names, each) for (namespace, names), (_, known) in EMITTED.items() for each in known}
    assert seen == listed, "the table lists what no alarm watches"


def test_every_alarm_reaches_somebody() -> None:
    for found in stacks():
        known = alarms.alarms(found)
        composed = {
            member for record in known.values() if record.type == COMPOSITE_ALARM for member in alarms.members(record)
        }
        assert composed <= known.keys(), "a composite alarm names one that there is not"
        topics = {record.id for record in found.of_type("aws:sns/topic:Topic")} | {
            str(record.outputs["arn"]) for record in found.of_type("aws:sns/topic:Topic")
        }
        for name, record in known.items():
            actions = record.inputs.get("alarmActions")
            assert actions or name in composed, name
            if actions:
                assert set(actions) <= topics
                assert record.inputs["okActions"] == actions, "people are told when it is over"


def test_every_alarm_leads_to_a_runbook_with_all_its_parts() -> None:
    for name, record in every():
        description = record.inputs["alarmDescription"]
        assert len(description) <= 1024
        page = re.fullmatch(
            r"\S.+[.] Runbook: (?:docs/runbooks|https://git.example.com/runbooks)/([a-z-]+)\.md", description
        )
        assert page, f"{name}: {description}"
        _assert_complete(page[1])


def test_messages_that_are_no_alarms_lead_to_a_runbook_too() -> None:
    pages = {"budget"}
    for target in with_sections().of_type("aws:cloudwatch/eventTarget:EventTarget"):
        page = re.search(r"Runbook: docs/runbooks/([a-z-]+)\.md", target.inputs["inputTransformer"]["inputTemplate"])
        assert page, target.name
        pages.add(page[1])
    assert "backup-failed" in pages
    for page in pages:
        _assert_complete(page)


def _assert_complete(page: str) -> None:
    text = (ROOT / "docs" / "runbooks" / f"{page}.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Symptom", "Decide", "Act", "Validate", "Undo"], page


def test_every_alarm_knows_what_no_data_means() -> None:
    for name, record in every():
        if record.type == METRIC_ALARM:
            missing = record.inputs["treatMissingData"]
            assert missing in {"breaching", "notBreaching", "ignore", "missing"}, name
            # Silence of what must report is told; anywhere else it would only be noise.
            assert (missing == "missing") is bool(record.inputs.get("insufficientDataActions")), name


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("servers-gone", "breaching"),
        ("database-silent", "breaching"),
        ("cache-silent", "breaching"),
        ("canary-failed", "breaching"),
        ("servers-errors", "notBreaching"),
        ("queue-backlog", "missing"),
        ("certificate-edge", "ignore"),
    ],
)
def test_silence_is_an_alarm_where_it_must_be(name: str, missing: str) -> None:
    assert alarms.alarms(abroad())[name].inputs["treatMissingData"] == missing


def test_expressions_use_all_their_metrics() -> None:
    for name, record in every():
        if not queries(record):
            continue
        *metrics, result = queries(record)
        assert [metric["id"] for metric in metrics] == [f"m{number}" for number in range(len(metrics))]
        used = set(re.findall(r"\bm\d+\b", result["expression"]))
        assert used == {metric["id"] for metric in metrics} or "METRICS()" in result["expression"], name
        assert [query["id"] for query in queries(record) if query.get("returnData")] == ["result"]


def test_alarms_stay_within_what_cloudwatch_evaluates() -> None:
    """A day for periods below an hour, seven days above (CloudWatch API reference, PutMetricAlarm)."""
    for name, record in every():
        if record.type == METRIC_ALARM:
            metric = queries(record)[0]["metric"] if queries(record) else record.inputs
            period, periods = metric["period"], record.inputs["evaluationPeriods"]
            assert period % 60 == 0, name
            assert period * periods <= (86_400 if period < 3600 else 7 * 86_400), name
            assert record.inputs["datapointsToAlarm"] <= periods
            assert ("statistic" in record.inputs) + ("extendedStatistic" in record.inputs) + bool(queries(record)) == 1


@pytest.mark.parametrize(
    ("instance_class", "size"),
    [
        ("db.t4g.micro", (2, 1, 101, True, True)),
        ("db.t4g.medium", (2, 4, 405, True, True)),
        ("db.m7g.large", (2, 8, 811, False, True)),
        ("db.m7g.2xlarge", (8, 32, 3244, False, True)),
        ("db.m7g.4xlarge", (16, 64, 5000, False, False)),
        ("db.m7i.4xlarge", (16, 64, 5000, False, True)),
        ("db.r7g.xlarge", (4, 32, 3244, False, True)),
        ("db.x2g.large", (2, 32, 3244, False, True)),
        ("db.x2iedn.xlarge", (4, 128, 5000, False, True)),
    ],
)
def test_size_of_an_instance_class(instance_class: str, size: tuple[int, int, int, bool, bool]) -> None:
    """VCPUs, GiB, connections, whether CPU is a credit, and whether the disk has a burst."""
    found = instance_size(instance_class)
    gib = found.memory_bytes // GIB
    assert (found.vcpus, gib, found.max_connections, found.cpu_credits, found.disk_burst) == size


def test_thresholds_follow_the_instance_class() -> None:
    large_stores = {"database.instance_class": "db.m7g.large", "queue.node_type": "cache.m7g.large"}
    small, large = alarms.alarms(recorded("prod")), alarms.alarms(recorded_with("prod", large_stores))

    def threshold(known: dict[str, Record], name: str) -> float:
        return known[name].inputs["threshold"]

    assert threshold(small, "database-memory") == 0.4 * GIB
    assert threshold(large, "database-memory") == 0.8 * GIB
    assert threshold(small, "database-connections") == 324
    assert threshold(large, "database-connections") == 648
    assert threshold(small, "database-load") == threshold(large, "database-load") == 2
    assert threshold(alarms.alarms(recorded("dev")), "database-storage") == 2 * GIB
    assert threshold(large, "database-storage") == 10 * GIB
    for name in ("database-cpu-credits", "cache-cpu-credits"):
        assert threshold(small, name) == 20
        assert name not in large


def test_plain_mode_has_no_alarms_about_a_queue_or_workers(dev: Recording) -> None:
    assert not [name for name in alarms.alarms(dev) if name.startswith(("cache", "queue", "worker"))]


@pytest.mark.parametrize(
    ("name", "threshold", "minutes"),
    [
        ("availability-fast-long", 7.2, 60),
        ("availability-fast-short", 7.2, 5),
        ("availability-slow-long", 3, 360),
        ("availability-slow-short", 3, 30),
        ("latency-fast-long", 72, 60),
        ("latency-slow-short", 30, 30),
    ],
)
def test_budgets_burn_at_the_rates_of_the_workbook(prod: Recording, name: str, threshold: float, minutes: int) -> None:
    record = alarms.alarms(prod)[name]
    assert record.inputs["threshold"] == threshold
    assert queries(record)[0]["metric"]["period"] == minutes * 60
    assert not record.inputs.get("alarmActions"), "a window alone wakes nobody"


def test_both_windows_must_burn(prod: Recording) -> None:
    rule = alarms.alarms(prod)["availability-fast-burn"].inputs["alarmRule"]
    assert rule == ('ALARM("flowise-prod-availability-fast-long") AND ALARM("flowise-prod-availability-fast-short")')


def test_latency_counts_the_share_of_fast_answers(prod: Recording) -> None:
    metrics = [query["metric"] for query in queries(alarms.alarms(prod)["latency-fast-long"]) if query.get("metric")]
    assert [metric["stat"] for metric in metrics] == ["Sum", "PR(:30)"]


def test_flowise_is_down_when_one_of_three_says_so() -> None:
    assert alarms.members(alarms.alarms(abroad())["flowise-down"]) == [
        "servers-gone",
        "canary-failed",
        "availability-fast-burn",
    ]


def test_alarms_of_the_edge_are_in_its_region() -> None:
    found = abroad()
    topics = {record.name: record for record in found.of_type("aws:sns/topic:Topic")}
    assert topics.keys() == {"backup", "observability", "observability-edge"}
    assert topics["observability-edge"].inputs["region"] == "us-east-1"
    key = found.only("aws:kms/key:Key", "observability-edge")
    assert topics["observability-edge"].inputs["kmsMasterKeyId"] == key.outputs["arn"]
    assert key.inputs["region"] == "us-east-1"
    assert "kms:EncryptionContext:aws:sns:topicArn" in key.inputs["policy"]
    known = alarms.alarms(found)
    at_edge = {name for name, record in known.items() if record.inputs.get("region") == "us-east-1"}
    assert at_edge == {"edge-errors", "edge-slow", "edge-blocked", "certificate-edge"}
    for name, record in known.items():
        topic = topics["observability-edge" if name in at_edge else "observability"]
        assert record.inputs.get("alarmActions") in (None, [], [topic.outputs["arn"]]), name
    composed = {
        member for record in known.values() if record.type == COMPOSITE_ALARM for member in alarms.members(record)
    }
    assert not composed & at_edge, "a composite alarm knows those of its own region only"
    assert "certificate-load-balancer" in known


def test_each_recipient_is_subscribed_in_both_regions() -> None:
    found = abroad().of_type("aws:sns/topicSubscription:TopicSubscription")
    subscribed = {(each.inputs["protocol"], each.inputs.get("region")) for each in found}
    assert subscribed == {("email", None), ("email", "us-east-1"), ("https", None), ("https", "us-east-1")}
    assert {each.inputs["endpoint"] for each in found} == {"ops@example.com", "https://events.example.com/flowise"}


def test_addon_collects_metrics_and_no_logs(prod: Recording, dev: Recording) -> None:
    addons = [a for a in prod.of_type("aws:eks/addon:Addon") if a.inputs["addonName"].startswith("amazon-cloudwatch")]
    (addon,) = addons
    configuration = json.loads(addon.inputs["configurationValues"])
    assert configuration["containerLogs"] == {"enabled": False}
    assert "application_signals" not in json.dumps(configuration), "pods are left as they are"
    assert addon.inputs["podIdentityAssociations"][0]["serviceAccount"] == "cloudwatch-agent"
    assert not [a for a in dev.of_type("aws:eks/addon:Addon") if a.inputs["addonName"].startswith("amazon-cloudwatch")]


def test_behind_an_ingress_there_is_no_edge_to_watch() -> None:
    edits: dict[str, Any] = {
        "domain": None,
        "load_balancer": None,
        "edge": None,
        "ingress": {"class_name": "nginx", "host": "ai.example.com"},
        "observability.canary": CANARY,
    }
    known = alarms.alarms(recorded_with("prod", edits))
    assert not [name for name in known if name.startswith(("edge", "servers", "availability", "certificate"))]
    assert alarms.members(known["flowise-down"]) == ["canary-failed"]


def test_metrics_of_the_dashboard_are_sent_too(prod: Recording) -> None:
    body = json.loads(prod.only("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])
    billing = ("AWS/Billing", ("Currency",))
    for widget in body["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            if len(metric) == 1:
                continue  # metric math
            namespace, name, *pairs, _ = metric
            key = (namespace, tuple(sorted(pairs[::2])))
            assert key == billing or name in EMITTED[key][1], metric


@pytest.mark.parametrize(
    ("name", "minutes"),
    [
        ("servers-gone", 2),
        ("flowise-down", 2),
        ("availability-fast-burn", 5),
        ("canary-failed", 10),
        ("queue-stuck", 15),
    ],
)
def test_minutes_until_an_alarm(name: str, minutes: int) -> None:
    known = alarms.all_alarms()
    assert alarms.minutes(name, known) == minutes


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("observability", {}, "observability.recipients: is missing"),
        ("observability.recipients", [], "at least 1 item"),
        ("observability.recipients", ["ops"], "observability.recipients.0: ops is neither an e-mail address"),
        ("observability.recipients", ["http://x.example.com"], "nor an HTTPS URL"),
        ("observability.recipients", ["https://"], "nor an HTTPS URL"),
        ("observability.runbooks_url", "http://x", '"http://x" is not allowed'),
        ("observability.thresholds", {"database_cpu_percent": 0}, "database_cpu_percent: 0 is not allowed"),
        ("observability.thresholds", {"cache_memory_percent": 101}, "less than or equal to 100"),
        ("observability.thresholds", {"database_cpu": 80}, "did you mean database_cpu_percent?"),
        ("observability.thresholds", {"certificate_days": 90}, "less than or equal to 60"),
        ("observability.objectives", {"availability_percent": 89.9}, "greater than or equal to 90"),
        ("observability.objectives", {"availability_percent": 100}, "less than or equal to 99.99"),
        ("observability.budget", {"monthly_usd": 0}, "greater than 0"),
        ("observability.budget", {"monthly_usd": -5}, "greater than 0"),
        ("observability.budget", {"monthly_usd": 5, "counts": "project"}, "'account' or 'stack'"),
        ("observability.canary", {"flow_id": "my-flow"}, "for example 7c0a1f6e"),
        ("observability.canary", {**CANARY, "every_minutes": 0}, "greater than or equal to 1"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(key: str, value: object, says: str) -> None:
    config = edited("prod", {key: value})
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    assert says in str(caught.value)
    assert "1 mistake" in str(caught.value)


def test_backup_jobs_that_complete_with_issues_notify_somebody(prod: Recording) -> None:
    pattern = json.loads(prod.only("aws:cloudwatch/eventRule:EventRule").inputs["eventPattern"])
    alternatives = pattern["detail"]["$or"]
    for key in ("state", "status"):
        assert {key: ["COMPLETED"], "statusMessage": [{"wildcard": "*"}]} in alternatives


def test_skipped_objects_and_interrupted_backups_notify_somebody() -> None:
    recording = recorded_with("prod", {"backup.notify": ["ops@example.com"]})
    events = recording.only("aws:backup/vaultNotifications:VaultNotifications").inputs["backupVaultEvents"]
    assert {"S3_BACKUP_OBJECT_FAILED", "CONTINUOUS_BACKUP_INTERRUPTED", "COPY_JOB_FAILED"} <= set(events)
    mail = recording.only("aws:sns/topicSubscription:TopicSubscription", "backup-ops@example.com")
    alternatives = json.loads(mail.inputs["filterPolicy"])["$or"]
    assert {"State": [{"exists": False}]} in alternatives  # such an event has no state


def test_failed_replication_is_measured_and_alarmed(prod: Recording) -> None:
    config = prod.only("aws:s3/bucketReplicationConfig:BucketReplicationConfig").inputs
    rule = config["rules"][0]
    assert rule["destination"]["metrics"] == {"status": "Enabled"}
    alarm = prod.only("aws:cloudwatch/metricAlarm:MetricAlarm", "observability-files-replication-failed").inputs
    destination = str(rule["destination"]["bucket"]).rsplit(":", 1)[-1]
    assert alarm["dimensions"] == {
        "SourceBucket": config["bucket"],
        "DestinationBucket": destination,
        "RuleId": rule["id"],
    }
    assert alarm["metricName"] == "OperationsFailedReplication"


@pytest.mark.parametrize("gib", [100, 250])
def test_the_storage_alarm_follows_the_size_that_rds_reports(gib: int) -> None:
    """A database grows by itself; its size at creation says nothing a year later."""
    recording = recorded_with("prod", {"database.storage_gib": gib})
    alarm = recording.only("aws:cloudwatch/metricAlarm:MetricAlarm", "observability-database-storage")
    instance = recording.only("aws:rds/instance:Instance")
    assert alarm.inputs["threshold"] == instance.outputs["allocatedStorage"] * 1024**3 * 0.1
    assert instance.urn in alarm.depends_on
