"""The rendered configuration in a real Collector: it is valid, and no secret comes out of it."""

import json
import os
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from components.telemetry.collector_config import collector_config
from components.telemetry.settings import TracesSettings
from local.layout import find_layout
from local.observe.rendered import TRACES, local_config
from tests.components.secrets_sample import HARMLESS, SAMPLES
from tests.e2e.conftest import free_port

COLLECTOR = find_layout().collector
ONLY_IN_THE_IMAGE = {"awsxray", "awsemf"}
"""Exporters whose modules no registry has."""
pytestmark = pytest.mark.usefixtures("collector")


def rendered(**settings: Any) -> dict[str, Any]:
    """A whole configuration."""
    return collector_config(
        TracesSettings(**settings),
        stack="prod",
        region="us-east-1",
        log_group="flowise/prod/metrics",
        datadog_endpoint="http://datadog.datadog:4318",
    )


def write(config: dict[str, Any], directory: Path) -> Path:
    path = directory / "config.yaml"
    path.write_text(json.dumps(config), "utf-8")
    return path


def environment(address: str = "127.0.0.1") -> dict[str, str]:
    return {**os.environ, "POD_IP": address, "POD_NAME": "collector-0", "OTLP_AUTHORIZATION": "Bearer x"}


OTHER = {"endpoint": "https://otlp.example.com:4318/base", "authorization": True}


@pytest.mark.parametrize(
    "settings",
    [
        {"exporters": ["otlp"], "otlp": OTHER},
        {"exporters": ["datadog"], "sampled_percent": 0, "slow_seconds": 0.5},
        {"exporters": ["aws", "otlp", "datadog"], "otlp": OTHER, "sampled_percent": 100},
    ],
)
def test_the_collector_accepts_its_configuration(settings: dict[str, Any], tmp_path: Path) -> None:
    config = rendered(**settings)
    config["exporters"] = {name: part for name, part in config["exporters"].items() if name not in ONLY_IN_THE_IMAGE}
    for pipeline in config["service"]["pipelines"].values():
        pipeline["exporters"] = [name for name in pipeline["exporters"] if name not in ONLY_IN_THE_IMAGE]
    done = validate(write(config, tmp_path))
    assert done.returncode == 0, done.stderr


def test_a_wrong_configuration_would_be_noticed(tmp_path: Path) -> None:
    config = rendered(exporters=["datadog"])
    config["processors"]["transform/redact"]["trace_statements"][0]["statements"].append("nonsense(")
    assert validate(write(config, tmp_path)).returncode != 0


def validate(path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COLLECTOR, "validate", f"--config={path}"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def running(directory: Path) -> Generator[str]:
    """A Collector with everything rendered but its ports and its exporters; gives its URL for OTLP."""
    config = local_config(rendered(sampled_percent=100), directory)
    port = free_port()
    config["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = f"127.0.0.1:{port}"
    config["extensions"]["health_check"]["endpoint"] = f"127.0.0.1:{free_port()}"
    with (directory / "log").open("w") as log:
        process = subprocess.Popen(
            [COLLECTOR, f"--config={write(config, directory)}"], env=environment(), stdout=log, stderr=log
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()  # what it holds is evaluated and written
        process.wait(30)


def attributes(values: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def span(number: int, **parts: Any) -> dict[str, Any]:
    now = time.time_ns()
    return {
        "traceId": f"{number + 1:032x}",
        "spanId": f"{number + 1:016x}",
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 1_000_000),
        **parts,
    }


def send(url: str, spans: list[dict[str, Any]]) -> None:
    resource = {"attributes": attributes({"service.name": "flowise-server", "api.password": "in-a-resource"})}
    body = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
    for _ in range(100):
        try:
            httpx.post(f"{url}/v1/traces", json=body).raise_for_status()
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the Collector does not answer")


def test_no_secret_comes_out_and_what_is_harmless_does(tmp_path: Path) -> None:
    """In values of attributes, events, names and messages; by the name of the attribute; in queries of URLs."""
    spans: list[dict[str, Any]] = []
    for sample in SAMPLES:
        spans.append(span(len(spans), attributes=attributes({"note": sample.text, "http.request.header": sample.text})))
        spans.append(span(len(spans), name=sample.text, status={"code": 2, "message": sample.text}))
        event = {"name": "exception", "attributes": attributes({"exception.message": sample.text})}
        spans.append(span(len(spans), events=[event]))
    named = {"db.password": "named-1", "x-api-key": "named-2", "cookie": "named-3", "user.accessToken": "named-4"}
    urls = {"http.url": "http://a/b?key=in-a-url#x", "http.target": "/b?key=in-a-url", "url.query": "in-a-url"}
    harmless = {f"text.{i}": text for i, text in enumerate(HARMLESS)}
    spans.append(span(len(spans), attributes=attributes({**named, **urls, **harmless, "usage.total_tokens": "many"})))
    with running(tmp_path) as url:
        send(url, spans)
    text = (tmp_path / TRACES).read_text("utf-8")
    assert text.count('"spanId"') == len(spans), (tmp_path / "log").read_text("utf-8")
    plain = json.dumps(json.loads(f"[{','.join(text.splitlines())}]"), ensure_ascii=False)
    for sample in SAMPLES:
        assert not [s for s in sample.secrets if s in plain], sample.kind
    assert not [value for value in (*named.values(), "in-a-url", "in-a-resource") if value in plain]
    for harmless_text in (*HARMLESS, "many"):
        assert json.dumps(harmless_text, ensure_ascii=False)[1:-1] in plain


def test_probes_and_middleware_are_dropped(tmp_path: Path) -> None:
    kept = span(1, name="kept", attributes=attributes({"http.target": "/api/v1/prediction/1"}))
    spans = [
        kept,
        span(1, spanId="f" * 16, name="layer", attributes=attributes({"express.type": "middleware"})),
        span(2, name="probe", attributes=attributes({"http.target": "/readyz"})),
        span(3, name="liveness", attributes=attributes({"http.target": "/api/v1/ping"})),
    ]
    with running(tmp_path) as url:
        send(url, spans)
    text = (tmp_path / TRACES).read_text("utf-8")
    assert '"kept"' in text
    assert not [name for name in ("layer", "probe", "liveness") if f'"{name}"' in text]
