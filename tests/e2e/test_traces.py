"""What a real Collector, with the rendered configuration, receives of one prediction in queue mode."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver

from analysis.stackfiles import ROOT
from local.observe.rendered import METRICS, TRACES
from local.observe.traces import Span, read_metrics, read_traces
from tests.e2e.conftest import LocalEnvironment, running

T = TypeVar("T")
_PATIENCE_SECONDS = 90
"""A trace is evaluated 15 s after it began and sent in batches; metrics come once a minute."""


@pytest.fixture(scope="module")
def observed() -> Iterator[LocalEnvironment]:
    """Production with its Collector; built first, where it was not, which takes minutes."""
    yield from running("prod", "--observe")


@pytest.fixture(scope="module")
def prediction(observed: LocalEnvironment) -> list[Span]:
    """Spans of one prediction's trace."""
    with observed.login() as api:
        flow = api.create_agent_flow("traced", public=True)
        assert api.predict(flow, "my password=hunter2hunter2") == "answer:MY PASSWORD=HUNTER2HUNTER2"

    def find() -> list[Span] | None:
        whole = read_traces(observed.directory / "telemetry" / TRACES)
        return next(
            (s for s in whole.values() if any(span.attributes.get("flowise.flow.id") == flow for span in s)), None
        )

    return eventually(find)


def eventually(find: Callable[[], T | None]) -> T:
    """What `find` finds, within the time that it may take."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (found := find()) is None:
        assert time.monotonic() < deadline, "it did not arrive"
        time.sleep(1)
    return found


def test_a_prediction_is_one_trace_from_the_server_to_the_worker(prediction: list[Span]) -> None:
    by_id = {span.id: span for span in prediction}
    roots = [span for span in prediction if span.parent not in by_id]
    assert [(root.service, root.name.split()[0]) for root in roots] == [("flowise-server", "POST")]
    # The worker's publisher is silent: nobody listens to a prediction that is not streamed (docs/decisions/0070).
    parts = {(span.service, span.scope) for span in prediction}
    assert parts >= {
        ("flowise-server", "instrumentation-http"),
        ("flowise-server", "instrumentation-pg"),
        ("flowise-server", "instrumentation-ioredis"),
        ("flowise-worker", "instrumentation-pg"),
    }
    work = next(span for span in prediction if span.name == "process flowise-queue-prediction")
    assert work.service == "flowise-worker"
    assert by_id[work.parent].name == "send flowise-queue-prediction"
    assert by_id[work.parent].service == "flowise-server"


def test_the_flow_is_described_and_the_stack_named(prediction: list[Span]) -> None:
    flow = next(span for span in prediction if span.name == "execute flow")
    assert flow.attributes["flowise.flow.type"] == "AGENTFLOW"
    assert int(flow.attributes["flowise.flow.nodes"]) == 2
    assert flow.attributes["resource:deployment.environment.name"] == "prod"
    assert flow.attributes["resource:k8s.pod.name"] == "flowise-worker-0"


def test_neither_the_question_nor_a_probe_is_kept(observed: LocalEnvironment, prediction: list[Span]) -> None:
    assert prediction
    assert "hunter2" not in (observed.directory / "telemetry" / TRACES).read_text("utf-8").lower()
    paths = {
        span.attributes.get("http.target")
        for spans in read_traces(observed.directory / "telemetry" / TRACES).values()
        for span in spans
    }
    assert not paths & {"/readyz", "/api/v1/ping"}


def test_metrics_of_flowise_and_of_the_queue_arrive(observed: LocalEnvironment, prediction: list[Span]) -> None:
    assert prediction
    wanted = {"http_requests_total", "http_request_duration_ms", "queue_backlog", "queue_active"}

    def find() -> dict[str, list[dict[str, str]]] | None:
        found = {name: [dict(p) for p in points] for name, points in read_metrics(metrics).items()}
        return found if found.keys() >= wanted else None

    metrics = observed.directory / "telemetry" / METRICS
    found = eventually(find)
    assert {point["queue"] for point in found["queue_backlog"]} >= {"prediction"}, "as the alarms name it"
    assert all(point["stack"] == "prod" for points in found.values() for point in points)
    paths = {point["path"] for point in found["http_requests_total"]}
    assert not [path for path in paths if any(letter.isdigit() for letter in path.removeprefix("/api/v1"))], "an id"


def test_a_page_shows_the_trace(
    observed: LocalEnvironment, prediction: list[Span], pytestconfig: pytest.Config
) -> None:
    drawn = observed.command("traces", "prod")
    assert drawn.returncode == 0, drawn.stdout
    page = observed.directory / "telemetry" / "traces.html"
    text = page.read_text("utf-8")
    assert prediction[0].trace in text
    assert "process flowise-queue-prediction" in text
    if pytestconfig.getoption("--write-pictures"):
        _take_picture(page, prediction[0].trace, ROOT / "docs" / "pictures" / "trace.png")


def _take_picture(page: Path, trace: str, picture: Path) -> None:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1200,900"):
        options.add_argument(argument)  # pyright: ignore[reportUnknownMemberType]  # it has no types
    browser = webdriver.Chrome(options=options)
    try:
        browser.get(page.as_uri())
        browser.execute_script(  # pyright: ignore[reportUnknownMemberType]  # it has no types
            "for (const each of document.querySelectorAll('details')) {"
            " each.open = each.innerHTML.includes(arguments[0]); if (!each.open) each.remove(); }",
            trace,
        )
        browser.save_screenshot(str(picture))  # pyright: ignore[reportUnknownMemberType]  # see above
    finally:
        browser.quit()
