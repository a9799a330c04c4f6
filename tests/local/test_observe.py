"""What `--observe` changes in the rendered objects, and how received traces are read and drawn."""

import json
from pathlib import Path
from typing import Any

from local.cluster.store import KubernetesObject
from local.observe.rendered import METRICS, TRACES, keep_in_files
from local.observe.traces import draw, read_metrics, read_traces
from tests.conftest import recorded

COLLECTOR = {"app.kubernetes.io/name": "opentelemetry-collector"}


def config_map(config: dict[str, Any], labels: dict[str, str]) -> KubernetesObject:
    body = {"metadata": {"labels": labels}, "data": {"config.yaml": json.dumps(config)}}
    return KubernetesObject(kind="ConfigMap", namespace="observability", name="c", body=body)


def rendered() -> dict[str, Any]:
    config_map = recorded("prod").only("kubernetes:core/v1:ConfigMap", "telemetry-collector")
    return json.loads(config_map.inputs["data"]["config.yaml"])


def test_only_the_exporters_are_replaced() -> None:
    before = rendered()
    after = json.loads(keep_in_files(config_map(before, COLLECTOR), Path("/x")).body["data"]["config.yaml"])
    assert {name: part["path"] for name, part in after["exporters"].items()} == {
        f"file/{TRACES}": f"/x/{TRACES}",
        f"file/{METRICS}": f"/x/{METRICS}",
    }
    for part in ("extensions", "receivers", "processors"):
        assert after[part] == before[part]
    for name, pipeline in after["service"]["pipelines"].items():
        assert pipeline["processors"] == before["service"]["pipelines"][name]["processors"]
        assert set(pipeline["exporters"]) <= after["exporters"].keys()


def test_other_config_maps_are_left_alone() -> None:
    other = config_map({"exporters": {"awsxray": {}}}, {"app.kubernetes.io/name": "flowise"})
    assert keep_in_files(other, Path("/x")) is other


def batch(**span: Any) -> str:
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "flowise-worker"}}]}
    whole = {"traceId": "t1", "spanId": "s1", "name": "one", "startTimeUnixNano": "5", "endTimeUnixNano": "9", **span}
    scope = {"scope": {"name": "@opentelemetry/instrumentation-pg"}, "spans": [whole]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]})


def test_traces_are_read_in_order_and_drawn_without_their_markup(tmp_path: Path) -> None:
    lines = [
        batch(spanId="s2", parentSpanId="s1", name="<b>late</b>", startTimeUnixNano="7", status={"code": 2}),
        batch(),
        batch(traceId="t2", startTimeUnixNano="50", endTimeUnixNano="60"),
    ]
    file = tmp_path / TRACES
    file.write_text("\n".join(lines), "utf-8")
    traces = read_traces(file)
    assert [(trace, [span.id for span in spans]) for trace, spans in traces.items()] == [
        ("t2", ["s1"]),
        ("t1", ["s1", "s2"]),
    ]
    assert traces["t1"][1].failed
    assert traces["t1"][0].scope == "instrumentation-pg"
    page = draw(traces, stack="prod")
    assert "&lt;b&gt;late" in page
    assert "<b>late" not in page


def test_nothing_received_is_nothing_to_read(tmp_path: Path) -> None:
    assert read_traces(tmp_path / TRACES) == {}
    assert read_metrics(tmp_path / METRICS) == {}
