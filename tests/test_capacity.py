"""What a load needs and what a stack serves are two questions to one model, and its answers fit the settings."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

from analysis.capacity.model import (
    CACHES,
    DATABASE_CPU_MS,
    DATABASES,
    MOST_PODS,
    PLAIN_CPU_MS,
    QUEUE_CONNECTIONS_SERVER,
    QUEUE_CONNECTIONS_WORKER,
    QUEUE_CPU_MS,
    SERVER_CPU_MS,
    WORKER_CPU_MS,
    CapacityError,
    Load,
    StackCapacity,
    limits,
    size,
)
from analysis.capacity.stack import as_stack_file, changes, month, shape_of, usage, with_changes
from analysis.cost.estimate import estimate
from analysis.cost.services.cluster import ClusterUsage
from analysis.cost.services.logs import LogsUsage
from analysis.cost.usage import assumed
from analysis.plan import record_stack
from analysis.stackfiles import ROOT, read_stack
from components.app.settings import ServerSettings
from local.__main__ import make_app
from settings import StackSettings, parse_settings
from tests.conftest import STACKS, edited

DEMANDS = (
    Load(rate=0.01),
    Load(rate=5, wait_seconds=0),
    Load(rate=20, wait_seconds=20),
    Load(rate=100),
    Load(rate=100, concurrency=200, cpu_percent=90),
    Load(rate=400, concurrency=1000, wait_seconds=1),
    Load(rate=1_000, concurrency=50),
    Load(rate=10_000),
    Load(rate=1_000_000, concurrency=1, wait_seconds=600),
)
demanded = pytest.mark.parametrize("load", DEMANDS, ids=[f"{d.rate:g}-{d.concurrency}" for d in DEMANDS])
FLAT = StackCapacity(
    servers=10, workers=10, concurrency=10, database="db.m7g.large", cache="cache.m7g.large", cpu_percent=60
)  # fmt: skip


def settings_of(stack: str, edits: Mapping[str, Any] | None = None) -> StackSettings:
    config = edited(stack, edits or {})
    return parse_settings(config.values, config.secret_keys, stack)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code and outputs of the command."""
    result = CliRunner().invoke(make_app("capacity"), ["capacity", *arguments], env={"COLUMNS": "160"})
    return result.exit_code, result.stdout, " ".join(result.stderr.replace("│", " ").split())


def document(*arguments: str) -> dict[str, Any]:
    code, text, error = run(*arguments, "--json")
    assert code == 0, error
    return json.loads(text)


@demanded
def test_a_size_serves_what_is_asked_of_it(load: Load) -> None:
    found = size(load, shape_of(settings_of("prod")))
    assert found.cells * found.rate == pytest.approx(load.rate)
    assert limits(found.shape, load.wait_seconds)[0].rate >= found.rate * (1 - 1e-6)
    assert 2 <= found.servers <= found.shape.servers <= MOST_PODS
    assert 2 <= found.workers <= found.shape.workers <= MOST_PODS


@demanded
def test_no_cell_and_no_class_is_more_than_it_takes(load: Load) -> None:
    found = size(load, FLAT)
    if found.cells > 1:
        assert load.rate / (found.cells - 1) > found.bottleneck.rate * (1 - 1e-6), "a cell less would do"
    for name, classes in (("database", DATABASES), ("cache", CACHES)):
        place = classes.index(getattr(found.shape, name))
        if place:
            smaller = replace(found.shape, **{name: classes[place - 1]})
            first = limits(smaller, load.wait_seconds)[0]
            assert first.rate < found.rate, f"{classes[place - 1]} would do"


@pytest.mark.parametrize("stack", STACKS)
@demanded
def test_what_is_to_be_written_is_taken_by_the_settings_and_serves_as_much(stack: str, load: Load) -> None:
    config, before = read_stack(stack), settings_of(stack)
    found = size(load, shape_of(before))
    new = with_changes(config, changes(found, before))
    after = shape_of(parse_settings(new.values, new.secret_keys, stack))
    assert replace(after, max_vcpus=None) == found.shape
    assert limits(after, load.wait_seconds)[0].rate >= found.rate * (1 - 1e-6)


@pytest.mark.parametrize("load", [Load(rate=79), Load(rate=390, concurrency=50)])
def test_the_nodes_of_a_full_cell_stay_below_their_bound(load: Load) -> None:
    config = read_stack("prod")
    found = size(load, shape_of(settings_of("prod")))
    bound = changes(found, settings_of("prod"))["nodes.max_vcpus"]
    vcpus = {"large": 2, "xlarge": 4, "2xlarge": 8}
    nodes = [n for n in month(config, found, load).nodes if n.pool.startswith("flowise-")]
    assert [n.pool for n in nodes if n.count * vcpus[n.instance.partition(".")[2]] > bound] == []
    assert [n.pool for n in nodes] == ["flowise-server"]


def test_a_stack_file_allows_as_many_pods_as_the_model_believes() -> None:
    ServerSettings(replicas=1, max_replicas=MOST_PODS)
    with pytest.raises(ValidationError):
        ServerSettings(replicas=1, max_replicas=MOST_PODS + 1)


PARTS: Mapping[str, tuple[dict[str, Any], str]] = {
    # what a shape has too little of: what saturates first
    "places": ({"concurrency": 1}, "places of the workers"),
    "small cores of the workers": ({"worker_cores": 0.01, "concurrency": 100}, "CPU of the workers"),
    "few servers": ({"servers": 1, "concurrency": 1000}, "CPU of the servers"),
    "few vCPU": ({"max_vcpus": 2}, "vCPU of the nodes"),
    "a burstable cache": ({"cache": "cache.t4g.micro", "concurrency": 100}, "Valkey's one core"),
    "a burstable database": ({"database": "db.t4g.medium", "concurrency": 100}, "CPU of the database"),
    "little memory": ({"database": "db.t4g.micro", "concurrency": 1, "workers": 50}, "connections of the database"),
}


@pytest.mark.parametrize("name", PARTS)
def test_what_there_is_too_little_of_saturates_first(name: str) -> None:
    changed, part = PARTS[name]
    found = limits(replace(FLAT, **changed), 5)
    assert found[0].part == part
    assert all(one.rate <= other.rate for one, other in pairwise(found))


def test_plain_mode_has_neither_places_nor_a_queue() -> None:
    dev = shape_of(settings_of("dev"))
    assert {limit.part for limit in limits(dev, 5)} == {
        "CPU of the servers",
        "CPU of the database",
        "connections of the database",
    }
    (servers,) = (limit for limit in limits(dev, 5) if limit.part == "CPU of the servers")
    assert "flowise:queue" in servers.change


def test_a_class_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(CapacityError, match=r"db\.z1d\.large: .* such as db\.m7g\.large"):
        limits(replace(FLAT, database="db.z1d.large"), 5)


def test_the_figures_have_their_margin_over_those_of_a_quiet_machine() -> None:
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    benchmarks = " ".join((ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8").split())
    quiet = re.search(
        r"([\d.]+) ms of CPU of the server, ([\d.]+) of the worker, ([\d.]+) of PostgreSQL and ([\d.]+) of Valkey",
        benchmarks,
    )
    main = re.search(r"\| ours \|(?: [\d.]+ \|){6} ([\d.]+) \|", benchmarks)
    assert quiet
    assert main
    figures = (SERVER_CPU_MS, WORKER_CPU_MS, DATABASE_CPU_MS, QUEUE_CPU_MS, PLAIN_CPU_MS)
    for measured, figure in zip((*quiet.groups(), main[1]), figures, strict=True):
        assert float(measured) * 4 / 3 <= figure <= float(measured) * 7 / 4
        assert f"{measured} ms" in page


def test_the_figures_are_those_that_were_measured_rounded_up() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for part, figure in {
        "server": SERVER_CPU_MS,
        "worker": WORKER_CPU_MS,
        "PostgreSQL": DATABASE_CPU_MS,
        "Valkey": QUEUE_CPU_MS,
    }.items():
        measured = [float(found) for found in re.findall(rf"\| CPU of {part}, ms \| ([\d.]+) \|", page)]
        assert len(measured) == 1
        assert measured[0] <= figure <= measured[0] * 1.4, part
    held = re.findall(r"\| flowise-(server|worker)-\d \| (\d+) \| (\d+) \|", page)
    most = {"server": QUEUE_CONNECTIONS_SERVER, "worker": QUEUE_CONNECTIONS_WORKER}
    assert {(name, int(redis)) for name, _, redis in held} == set(most.items())


def test_a_month_is_what_the_estimate_says_of_such_a_stack() -> None:
    load = Load(rate=30)
    config, before = read_stack("prod"), settings_of("prod")
    found = size(load, shape_of(before))
    new = with_changes(config, changes(found, before))
    pods = {"app.server.replicas": found.servers, "app.worker.replicas": found.workers}
    for hours, stack in ((730.0, with_changes(new, pods)), (0.0, new)):
        asked = replace(load, hours=hours)
        used = usage(found, asked, before)
        expected = estimate(record_stack(stack), stack="prod", region="us-east-1", usage=used)
        assert month(config, found, asked).cell == pytest.approx(expected.total())


def test_a_cell_that_nobody_asks_is_used_as_by_one_team() -> None:
    found = size(Load(rate=30), FLAT)
    used = usage(found, Load(rate=30, hours=0), settings_of("prod"))
    observations = assumed().of(ClusterUsage).observations_millions
    assert used.model_copy(update={"observations_millions": observations}) == assumed()


def test_flows_that_are_slow_have_all_their_traces_kept() -> None:
    prod = settings_of("prod")
    kept = {
        wait: usage(size(Load(rate=1), FLAT), Load(rate=1, wait_seconds=wait), prod).of(LogsUsage).traces_millions
        for wait in (5, 11)
    }
    assert kept[11] - 0.02 == pytest.approx(10 * (kept[5] - 0.02))


def test_more_costs_more_and_higher_concurrency_costs_less() -> None:
    at = {
        (rate, places): document("--rate", str(rate), "--concurrency", str(places))["usd_a_month"]
        for rate, places in ((20, 10), (200, 10), (200, 50))
    }
    assert at[20, 10] < at[200, 50] < at[200, 10]
    assert document("--rate", "200", "--hours", "100")["usd_a_month"] < at[200, 10]


def test_users_are_a_rate() -> None:
    assert document("--users", "300")["load"]["rate"] == pytest.approx(1)
    assert document("--users", "300", "--questions", "60")["load"]["rate"] == pytest.approx(5)


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_told_what_it_serves(stack: str) -> None:
    found = document(stack, "--wait", "2")
    code, text, _ = run(stack, "--wait", "2")
    assert code == 0
    assert f"First to saturate: {found['first']}." in text
    assert found["limits"][0]["rate"] == pytest.approx(found["predictions_a_second"], abs=0.001)
    assert found["from_one_address_a_second"] == pytest.approx(2000 / 300)
    slower = document(stack, "--wait", "20")["predictions_a_second"]
    in_main_mode = stack in {"dev", "small"}
    assert slower < found["predictions_a_second"] or in_main_mode, "waiting takes places, and main mode has none"


def test_what_is_printed_for_the_stack_file_is_what_was_worked_out() -> None:
    found = document("dev", "--rate", "300", "--concurrency", "30")
    code, text, _ = run("dev", "--rate", "300", "--concurrency", "30")
    assert code == 0
    (printed,) = re.findall(r"^flowise:app:\n(?:[ a-z].*\n)+", text, re.MULTILINE)
    assert yaml.safe_load(printed) == found["stack_file"]
    assert found["stack_file"]["flowise:queue"] == {"node_type": "cache.m7g.large", "nodes": 2}
    assert found["stack_file"]["flowise:nodes"]["max_vcpus"] > 4, "dev's own is 4"
    assert f"{found['cells']} cells" in text
    assert f"about {found['usd_a_month']:,.0f} USD a month" in text
    assert f"A cell ends at {found['a_cell_ends_at']['rate']:,.0f} a second" in text


def test_thresholds_and_budget_follow_the_size() -> None:
    found = document("prod", "--rate", "390", "--concurrency", "50")
    watched = found["stack_file"]["flowise:observability"]
    worker = found["stack_file"]["flowise:app"]["worker"]
    assert watched["thresholds"]["queue_jobs"] == worker["max_replicas"] * worker["concurrency"]
    shape = found["cell"]["shape"]
    held = shape["servers"] * QUEUE_CONNECTIONS_SERVER + shape["workers"] * QUEUE_CONNECTIONS_WORKER
    assert watched["thresholds"]["cache_connections"] > held
    assert found["usd_a_month"] < watched["budget"]["monthly_usd"] < found["usd_a_month"] * 1.3


def test_a_stack_without_alarms_is_given_none() -> None:
    settings = settings_of("prod", {"observability": None, "nodes": None})
    written = as_stack_file(changes(size(Load(rate=10), FLAT), settings))
    assert written.keys() == {"flowise:app", "flowise:database", "flowise:queue"}


def test_pods_of_half_a_core_serve_half_as_much() -> None:
    half, whole = (shape_of(settings_of("prod", {"app.worker.cpu_millicores": cpu})) for cpu in (500, 1000))
    load = Load(rate=100, wait_seconds=0, concurrency=50)
    assert size(load, half).workers == 2 * size(load, whole).workers


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say what is asked (--rate or --users), or name a stack to look at"),
        (("--rate", "0"), "0.001"),
        (("--rate", "nan"), "1000000"),
        (("--rate", "2000000"), "1000000"),
        (("--rate", "1", "--users", "2"), "say the same; give one of them"),
        (("--rate", "1", "--questions", "3"), "--questions needs --users"),
        (("--rate", "1", "--cpu", "99"), "95"),
        (("--rate", "1", "--concurrency", "0"), "1"),
        (("--rate", "1", "--hours", "800"), "730"),
        (("--rate", "1", "--wait", "-1"), "0"),
        (("prod", "--wait", "nan"), "600"),
        (("prod", "--concurrency", "50", "--hours", "3"), "--concurrency, --hours: with --rate or --users only"),
        (("deb", "--rate", "3"), "stacks here: dev, prod"),
    ],
)
def test_mistakes_are_an_error_that_says_what_is_allowed(arguments: tuple[str, ...], says: str) -> None:
    code, _, stderr = run(*arguments)
    assert code != 0
    assert says in stderr
