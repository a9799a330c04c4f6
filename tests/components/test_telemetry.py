"""Traces, metrics and logs: what is rendered, and what a person is told who asks for nonsense."""

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from analysis.evaluation import evaluate_recording
from analysis.recorder import Recording
from settings import SettingsError, parse_settings
from tests.components.policy_evaluator import Host, allowed
from tests.components.test_network_policies import AGENT, DNS, METADATA, PROD_DATA, PROD_PRIVATE, PUBLIC, policies
from tests.conftest import edited, recorded, recorded_with
from tests.test_policies import ROLE_POLICIES, evaluated

KEY = "datadog-key-0123456789"
DATADOG = {"site": "datadoghq.eu"}
ARCHIVE = {"telemetry.logs.archive": {"retention_days": 400}}
OTLP = {"endpoint": "https://otlp.example.com:4317", "authorization": True}


@cache
def everything() -> Recording:
    """Production with every receiver."""
    edits = {
        "telemetry.datadog": DATADOG,
        "telemetry.traces.otlp": OTLP,
        "telemetry.traces.exporters": ["aws", "otlp", "datadog"],
    }
    return recorded_with("prod", edits, secrets={"datadog_api_key": KEY, "otlp_authorization": "Bearer other"})


def config_of(recording: Recording) -> dict[str, Any]:
    """The Collector's configuration."""
    data = recording.only("kubernetes:core/v1:ConfigMap", "telemetry-collector").inputs["data"]
    return json.loads(data["config.yaml"])


def container(recording: Recording, deployment: str) -> dict[str, Any]:
    spec = recording.only("kubernetes:apps/v1:Deployment", deployment).inputs["spec"]
    return spec["template"]["spec"]["containers"][0]


def test_without_the_section_nothing_is_traced(dev: Recording) -> None:
    assert not dev.of_type("flowise:observability:Telemetry")
    options = {v["name"]: v.get("value") for v in container(dev, "flowise-server")["env"]}
    assert "opentelemetry" not in str(options)
    config = dev.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    assert not [name for name in config if name.startswith(("OTEL_", "METRICS_"))]


def test_servers_and_workers_are_instrumented_after_the_preload_and_jobs_are_not(prod: Recording) -> None:
    for part in ("server", "worker"):
        env = {v["name"]: v.get("value") for v in container(prod, f"flowise-{part}")["env"]}
        options = str(env["NODE_OPTIONS"])
        assert 0 < options.index("/preload.cjs") < options.index("/auto-instrumentations-node/build/src/register.js")
        assert env["OTEL_SERVICE_NAME"] == f"flowise-{part}"
    for job in prod.of_type("kubernetes:batch/v1:Job"):
        assert "opentelemetry" not in str(job.inputs["spec"])


def test_flowise_sends_to_the_collectors_service(prod: Recording) -> None:
    config = prod.only("kubernetes:core/v1:ConfigMap", "flowise").inputs["data"]
    service = prod.only("kubernetes:core/v1:Service", "telemetry-collector").inputs
    [port] = service["spec"]["ports"]
    url = f"http://{service['metadata']['name']}.{service['metadata']['namespace']}:{port['port']}"
    assert config["OTEL_EXPORTER_OTLP_ENDPOINT"] == url
    assert config["METRICS_OPEN_TELEMETRY_METRIC_ENDPOINT"] == f"{url}/v1/metrics"
    labels = prod.only("kubernetes:apps/v1:Deployment", "telemetry-collector").inputs["spec"]["template"]["metadata"]
    assert service["spec"]["selector"].items() <= labels["labels"].items()


def test_secrets_are_taken_out_before_anything_is_sent(prod: Recording) -> None:
    for recording in (prod, everything()):
        config = config_of(recording)
        for pipeline in config["service"]["pipelines"].values():
            assert "redaction" in pipeline["processors"]
            assert pipeline["processors"][0] == "memory_limiter"
            assert pipeline["processors"][-1] == "batch"
            assert set(pipeline["exporters"]) <= config["exporters"].keys()


def test_every_receiver_gets_both_and_no_key_is_in_a_config_map() -> None:
    config = config_of(everything())
    assert config["service"]["pipelines"]["traces"]["exporters"] == ["awsxray", "otlphttp/other", "otlphttp/datadog"]
    assert config["service"]["pipelines"]["metrics"]["exporters"] == ["awsemf", "otlphttp/other", "otlphttp/datadog"]
    assert config["exporters"]["otlphttp/datadog"]["endpoint"] == "http://datadog.datadog:4318"
    for record in everything().of_type("kubernetes:core/v1:ConfigMap"):
        assert KEY not in str(record.inputs)
        assert "Bearer other" not in str(record.inputs)
    release = everything().only("kubernetes:helm.sh/v3:Release", "telemetry-datadog")
    assert KEY not in str(release.inputs)
    values = release.inputs["values"]
    assert values["datadog"]["clusterName"]
    assert values["datadog"]["env"][0]["valueFrom"]["fieldRef"]["fieldPath"] == "spec.nodeName"


def test_the_backlog_is_a_metric_of_stack_and_queue(prod: Recording) -> None:
    emf = config_of(prod)["exporters"]["awsemf"]
    assert emf["namespace"] == "Flowise"
    queue = next(d for d in emf["metric_declarations"] if "queue_(backlog|active)" in d["metric_name_selectors"][0])
    assert queue["dimensions"] == [["stack", "queue"]]
    groups = {g.inputs["name"] for g in prod.of_type("aws:cloudwatch/logGroup:LogGroup")}
    assert emf["log_group_name"] in groups


def test_fluentd_is_on_every_node_and_restricted_as_far_as_logs_allow(prod: Recording) -> None:
    spec = prod.only("kubernetes:apps/v1:DaemonSet").inputs["spec"]["template"]["spec"]
    assert spec["tolerations"] == [{"operator": "Exists"}]
    [only] = spec["containers"]
    assert only["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    writable = {m["mountPath"] for m in only["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"/var/log/fluentd", "/tmp"}  # noqa: S108  # a volume of the pod's own
    [role] = prod.of_type("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole")
    assert role.inputs["rules"] == [
        {"apiGroups": [""], "resources": ["namespaces", "pods"], "verbs": ["get", "list", "watch"]}
    ]


@cache
def archived() -> Recording:
    """Production that keeps copies of its logs."""
    return recorded_with("prod", ARCHIVE)


def test_copies_of_the_logs_go_to_a_bucket_of_their_own() -> None:
    containers = archived().only("aws:cloudwatch/logGroup:LogGroup", "telemetry-logs")
    subscription = archived().only("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter").inputs
    stream = archived().only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    bucket = archived().only("aws:s3/bucket:Bucket", "telemetry-archive")
    assert subscription["logGroup"] == containers.inputs["name"], "what Fluentd has taken secrets out of"
    assert subscription["filterPattern"] == ""
    assert subscription["destinationArn"] == stream.outputs["arn"]
    target = stream.inputs["extendedS3Configuration"]
    assert target["bucketArn"] == bucket.outputs["arn"]
    assert (target["compressionFormat"], target["fileExtension"]) == ("UNCOMPRESSED", ".gz"), "it comes compressed"
    assert bucket.protect
    assert bucket.retain_on_delete
    [rule] = (
        archived()
        .only("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "telemetry-archive")
        .inputs["rules"]
    )
    assert rule["expiration"] == {"days": 400}


def test_who_copies_the_logs_may_write_there_and_nothing_else() -> None:
    def rights(name: str) -> set[tuple[str, str]]:
        document = json.loads(archived().only("aws:iam/rolePolicy:RolePolicy", name).inputs["policy"])
        return {(a, r) for s in document["Statement"] for a in s["Action"] for r in s["Resource"]}

    arn = archived().only("aws:s3/bucket:Bucket", "telemetry-archive").outputs["arn"]
    key = archived().only("aws:kms/key:Key", "key").outputs["arn"]
    stream = archived().only("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream").outputs["arn"]
    assert rights("telemetry-archive-write") == {
        *((f"s3:{action}", f"{arn}/*") for action in ("AbortMultipartUpload", "PutObject")),
        *((f"s3:{action}", arn) for action in ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads")),
        *((f"kms:{action}", key) for action in ("Decrypt", "GenerateDataKey")),
    }
    assert rights("telemetry-archive-send") == {(f"firehose:{a}", stream) for a in ("PutRecord", "PutRecordBatch")}


def test_neither_the_policy_pack_nor_the_policy_linter_objects_to_the_copies() -> None:
    report = evaluate_recording(archived(), edited("prod", ARCHIVE), date(2026, 11, 24))
    assert [f"{f.rule} {f.resource}: {f.message}" for f in report.findings] == []
    assert evaluated(archived(), ROLE_POLICIES) == {}


def test_no_copies_are_made_unasked(prod: Recording) -> None:
    assert not prod.of_type("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter")


def host(namespace: str, **labels: str) -> Host:
    return Host(ip="10.30.3.4", namespace=namespace, labels={key.replace("_", "/", 1): v for key, v in labels.items()})


FLOWISE = Host(
    ip="10.30.3.4",
    namespace="flowise",
    labels={
        "app.kubernetes.io/name": "flowise",
        "app.kubernetes.io/part-of": "flowise",
        "app.kubernetes.io/component": "worker",
    },
)
COLLECTOR = Host(
    ip="10.30.3.5",
    namespace="observability",
    labels={"app.kubernetes.io/name": "opentelemetry-collector", "app.kubernetes.io/part-of": "flowise"},
)
FLUENTD = Host(
    ip="10.30.3.6",
    namespace="logging",
    labels={"app.kubernetes.io/name": "fluentd", "app.kubernetes.io/part-of": "flowise"},
)
OUTSIDER = Host(ip="10.30.3.7", namespace="observability", labels={"app": "outsider"})
DATADOG_AGENT = Host(ip="10.30.3.8", namespace="datadog", labels={"app": "datadog"})
API = Host(ip="172.20.0.1")


@pytest.mark.parametrize(
    ("source", "destination", "port", "expected"),
    [
        (FLOWISE, COLLECTOR, 4318, True),
        (FLOWISE, COLLECTOR, 13133, False),
        (OUTSIDER, COLLECTOR, 4318, False),
        (FLOWISE, FLUENTD, 9880, False),
        (COLLECTOR, PUBLIC, 443, True),
        (COLLECTOR, PUBLIC, 80, False),
        (COLLECTOR, AGENT, 80, True),
        (COLLECTOR, METADATA, 80, False),
        (COLLECTOR, API, 443, False),
        (COLLECTOR, PROD_DATA, 5432, False),
        (COLLECTOR, DNS, 53, True),
        (FLUENTD, PUBLIC, 443, True),
        (FLUENTD, API, 443, True),
        (FLUENTD, PROD_PRIVATE, 443, True),
        (FLUENTD, PROD_DATA, 5432, False),
        (FLUENTD, METADATA, 80, False),
    ],
)
def test_who_may_talk_to_whom(source: Host, destination: Host, port: int, expected: bool) -> None:
    assert allowed(policies(recorded("prod")), source, destination, port) is expected


def test_the_collector_reaches_the_other_one_and_datadogs_agents_where_it_is_told_to() -> None:
    rules = policies(everything())
    assert allowed(rules, COLLECTOR, PUBLIC, 4317)
    assert allowed(rules, COLLECTOR, DATADOG_AGENT, 4318)
    assert not allowed(policies(recorded("prod")), COLLECTOR, DATADOG_AGENT, 4318)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("telemetry.traces.exporters", ["jaeger"], "should be 'aws', 'otlp' or 'datadog'"),
        ("telemetry.traces.exporters", ["otlp"], "there is no otlp.endpoint to send to"),
        ("telemetry.traces.exporters", ["aws", "aws"], "aws stands in the list more than once"),
        ("telemetry.traces.exporters", ["datadog"], "add telemetry.datadog with its site"),
        ("telemetry.traces.exporters", [], "at least 1 item"),
        ("telemetry.traces.otlp", {"endpoint": "https://a.example.com"}, "nothing is sent there"),
        ("telemetry.traces.otlp", {"endpoint": "http://a.example.com"}, "for example https://otlp.example.com"),
        ("telemetry.traces.sampled_percent", 101, "less than or equal to 100"),
        ("telemetry.traces.sampled_percent", -1, "greater than or equal to 0"),
        ("telemetry.traces.slow_seconds", 0, "greater than or equal to 0.1"),
        ("telemetry.traces.metrics_retention_days", 31, "1, 3, 5, 7, 14, 30, 60, 90"),
        ("telemetry.logs.retention_days", 10, "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400"),
        ("telemetry.logs.archive", {"retention_days": 7}, "greater than or equal to 30"),
        ("telemetry.logs.buffer_mib", 1, "greater than or equal to 64"),
        ("telemetry.logs.image", "fluentd:latest", "it names no digest"),
        ("telemetry.datadog", {"site": "example.com"}, "should be 'datadoghq.com'"),
        ("telemetry.datadog", DATADOG, "flowise:datadog_api_key: is missing, but telemetry.datadog is set"),
        ("telemetry.sampling", 10, "there is no such key"),
    ],
)
def test_nonsense_is_explained(path: str, value: object, message: str) -> None:
    config = edited("prod", {path: value})
    with pytest.raises(SettingsError) as caught:
        parse_settings(config.values, config.secret_keys, "prod")
    assert message in str(caught.value)
    assert "flowise:telemetry" in str(caught.value) or "flowise:datadog_api_key" in str(caught.value)


def test_logs_for_datadog_need_somebody_who_collects_them() -> None:
    config = edited("prod", {"telemetry.logs": None, "telemetry.datadog": DATADOG}, {"datadog_api_key": KEY})
    with pytest.raises(SettingsError, match=r"datadog\.logs needs telemetry\.logs"):
        parse_settings(config.values, config.secret_keys, "prod")
