"""What a stack costs: by the price table and nothing else, and every change of a stack by what the table says."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analysis.cost.difference import markdown
from analysis.cost.estimate import Estimate, estimate
from analysis.cost.nodes import nodes_of
from analysis.cost.peers import compared, peers
from analysis.cost.prices import PriceError
from analysis.cost.rules import is_unknown
from analysis.cost.service import Usage
from analysis.cost.services import FIGURES, RULES
from analysis.cost.usage import assumed
from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from analysis.stackfiles import ROOT
from components.common.catalogue import AWS, CATALOGUE
from local.__main__ import make_app
from pages import cost as page
from tests.conftest import recorded, recorded_with

RUNNER = left_out_by_prod()["runner"]

HOURS = 730


def estimated(recording: Recording, usage: Usage | None = None) -> Estimate:
    return estimate(recording, stack="dev", region="us-east-1", usage=usage)


@cache
def before(stack: str) -> Estimate:
    return estimated(recorded(stack))


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code and outputs of the command."""
    result = CliRunner().invoke(make_app("cost"), ["cost", *arguments], env={"COLUMNS": "160"})
    return result.exit_code, result.stdout, result.stderr


def test_every_type_is_priced_free_or_left_out_by_name(recording: Recording) -> None:
    assert [record.type for record in recording.records if is_unknown(record)] == []


def test_catalogue_and_price_rules_agree() -> None:
    """A rule for each type whose price is a rule, and no other."""
    assert {type_ for type_, entry in CATALOGUE.items() if entry.price == "rule"} == RULES.keys()
    assert {type_ for type_, entry in AWS.items() if entry.left_out} == {
        type_ for type_, entry in AWS.items() if entry.price == "left out"
    }


@pytest.mark.parametrize("type_", ["aws:gamelift/fleet:Fleet", "kubernetes:apps/v1:StatefulSet"])
def test_a_type_that_nobody_knows_is_named(type_: str, dev: Recording) -> None:
    (key,) = dev.of_type("aws:kms/key:Key")
    strange = replace(key, type=type_, urn="urn:strange")
    found = estimated(Recording(records=(*dev.records, strange), exports={}, secret_exports=frozenset()))
    assert found.unknown == (type_,)


def test_the_same_stack_costs_the_same(stack: str, recording: Recording) -> None:
    assert estimated(recording).document() == before(stack).document()


CHANGES: Mapping[str, tuple[str, Mapping[str, Any], float]] = {
    # name: stack, edits, USD a month more
    "class doubled": ("dev", {"database.instance_class": "db.t4g.small"}, HOURS * 0.016),
    "class of a family": ("prod", {"database.instance_class": "db.m7g.xlarge"}, HOURS * (2 * 0.337 - 0.129) - 0.10),
    "second zone": ("dev", {"database.multi_az": True}, HOURS * 0.016 + 20 * (0.23 - 0.115)),
    "storage": ("prod", {"database.storage_gib": 200}, 100 * 0.23),
    "one NAT gateway": ("prod", {"network.nat": "single"}, -2 * (HOURS * (0.045 + 0.005) + 0.10)),  # and their metrics
    "a NAT instance": (
        "prod",
        {"network.nat": "instance"},
        HOURS * (0.0042 + 0.005 - 3 * (0.045 + 0.005)) + 8 * 0.08 - 50 * 0.045 + (1 - 3) * 0.10,
    ),
    "steady CPU": ("small", {"nodes.burstable": False}, HOURS * (0.0816 - 0.0336) * (0.35 + 0.12)),
    "a queue node more, with its metrics in ten alarms": ("prod", {"queue.nodes": 3}, HOURS * 0.0256 + 10 * 0.10),
    "queue class": ("prod", {"queue.node_type": "cache.t4g.medium"}, 2 * HOURS * (0.052 - 0.0256)),
    "without CPU credits and their alarm": (
        "prod",
        {"queue.node_type": "cache.m7g.large"},
        2 * HOURS * (0.1264 - 0.0256) - 2 * 0.10,
    ),
    "a worker more, in the third zone": ("prod", {"app.worker.replicas": 3}, HOURS * 0.0816 * 1.12 + 80 * 0.08),
    "workers on spot, apart from servers": (
        "prod",
        {"nodes.worker_capacity": "spot"},
        2 * (HOURS * 0.0816 * (0.35 + 0.12) + 80 * 0.08),
    ),
    "workers only on demand of jobs": ("prod", {"app.worker.min_replicas": 0}, 0),  # the servers' nodes stay
    "servers and workers of a whole core": (
        "prod",
        {"app.server.cpu_millicores": 1000, "app.worker.cpu_millicores": 1000},
        2 * (HOURS * 0.0816 * 1.12 + 80 * 0.08),
    ),
    "servers and workers on spot": (
        "prod",
        {"nodes.server_capacity": "spot", "nodes.worker_capacity": "spot"},
        -2 * HOURS * 0.0816 * 0.65,
    ),
    "smaller disks": ("prod", {"nodes.disk_gib": 30}, -2 * 50 * 0.08),
    "amd64": ("prod", {"nodes.architecture": "amd64"}, 2 * HOURS * (0.1008 - 0.0816) * 1.12),
    "an endpoint": (
        "prod",
        {"network.interface_endpoints": ["bedrock-runtime"]},
        3 * HOURS * 0.01 + 10 * 0.01,
    ),
    "pods of three cores": ("dev", {"app.server.cpu_millicores": 3000}, HOURS * 0.1008 * (0.35 + 0.12)),
    "longer retention of logs": ("prod", {"network.flow_log_retention_days": 30}, 0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_costs_what_the_table_says(name: str) -> None:
    stack, edits, more = CHANGES[name]
    after = estimated(recorded_with(stack, edits))
    assert after.total() - before(stack).total() == pytest.approx(more, abs=0.005)


def test_without_recovery_and_backup_their_part_is_gone() -> None:
    after = estimated(recorded_with("prod", {"recovery": None, "backup": None}))
    gone = {(i.component, i.what) for i in before("prod").items} - {(i.component, i.what) for i in after.items}
    assert {component for component, _ in gone} == {"BackupPlan", "ModelBucket"}
    assert ("ModelBucket", "files copied") in gone


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        ({"requests_millions": 3}, 2 * 0.60),
        ({"requests_millions": 12}, 11 * 0.60 + 2 * 1.00),
        ({"edge_out_gb": 2024}, 1000 * 0.085),
        ({"load_balancer_lcu": 1.5}, HOURS * 0.008),
        ({"log_gb": 3}, 6 * 0.50),
    ],
)
def test_use_costs_what_the_table_says(dev: Recording, more: Mapping[str, float], cost: float) -> None:
    after = estimated(dev, assumed(more))
    assert after.total("use") - before("dev").total("use") == pytest.approx(cost)
    assert after.total("fixed") == before("dev").total("fixed")


@pytest.mark.parametrize(("stack", "cost"), [("prod", 100 * 0.045), ("dev", 0)])
def test_data_is_paid_at_a_nat_gateway_and_not_at_a_nat_instance(stack: str, cost: float) -> None:
    after = estimated(recorded(stack), assumed({"nat_gb": 150}))
    assert after.total("use") - before(stack).total("use") == pytest.approx(cost)


def test_every_use_is_counted_somewhere(prod: Recording) -> None:
    recording = recorded_with("prod", {"network.interface_endpoints": ["bedrock-runtime"], **left_out_by_prod()})
    base = estimated(recording).total()
    idle = [
        name
        for name in FIGURES
        if estimated(recording, assumed({name: 5000.0})).total() == base  # beyond CloudFront's free part
    ]
    assert idle == []
    assert prod.records != recording.records


@pytest.mark.parametrize(("size", "dollars"), [("small", 2.5), ("medium", 6.0), ("large", 12.0)])
def test_a_runner_costs_its_minutes(size: str, dollars: float) -> None:
    """600 minutes; the first 100 of a small machine are free."""
    recording = recorded_with("dev", {"runner": {**RUNNER, "size": size}})
    items = [item for item in estimated(recording).items if item.what.startswith("minutes of a")]
    assert [item.month for item in items] == [pytest.approx(dollars)]


def test_servers_and_workers_share_nodes_in_different_zones(prod: Recording) -> None:
    assert {(n.pool, n.count, n.instance) for n in nodes_of(prod)} == {
        ("flowise-server", 2, "m7g.large"),
        ("built-in pools", 2, "m7i.large"),  # the Collector's pods and KEDA's, which ask for different zones
    }


@pytest.mark.parametrize(
    ("edits", "count"),
    [
        ({"telemetry": None}, 2),  # KEDA's are left
        ({"app.worker.scale_on": "cpu"}, 2),  # the Collector's are left
        ({"telemetry.traces.replicas": 1, "app.worker.scale_on": "cpu"}, 1),
        ({"telemetry": None, "app.worker.scale_on": "cpu"}, 1),
    ],
)
def test_what_the_cluster_itself_runs_is_on_as_many_nodes_as_its_pods_ask_for(
    edits: Mapping[str, Any], count: int
) -> None:
    (built_in,) = (n for n in nodes_of(recorded_with("prod", edits)) if n.pool == "built-in pools")
    assert (built_in.count, built_in.instance) == (count, "m7i.large")


@pytest.mark.parametrize(
    ("edits", "nodes"),
    [
        ({"app.worker.cpu_millicores": 790}, (3, "m7g.large")),  # two a node, beside Fluentd and CloudWatch's agent
        ({"app.worker.cpu_millicores": 800}, (6, "m7g.large")),
        ({"app.worker.cpu_millicores": 900, "telemetry.logs": None}, (6, "m7g.large")),
        ({"app.worker.cpu_millicores": 820, "telemetry.logs": None}, (3, "m7g.large")),
        ({}, (3, "m7g.large")),  # three would fit, and they prefer a zone each
    ],
)
def test_daemon_sets_take_room_on_every_node(edits: Mapping[str, Any], nodes: tuple[int, str]) -> None:
    recording = recorded_with("prod", {"nodes.worker_capacity": "spot", "app.worker.replicas": 6, **edits})
    assert {(n.count, n.instance) for n in nodes_of(recording) if n.pool == "flowise-worker"} == {nodes}


def test_three_pods_of_the_defaults_fit_a_large_node() -> None:
    """Beside Fluentd and CloudWatch's agent: nine servers and nine workers on six nodes, two in each zone."""
    pods = {f"app.{name}.{key}": 9 for name in ("server", "worker") for key in ("replicas", "max_replicas")}
    recording = recorded_with("prod", {**pods, "nodes.instance_vcpus": [2]})
    assert {(n.count, n.instance) for n in nodes_of(recording) if n.pool == "flowise-server"} == {(6, "m7g.large")}


def test_many_pods_are_on_the_size_that_wastes_least_and_three_of_a_kind_on_a_node() -> None:
    edits = {"app.worker.replicas": 40, "app.worker.max_replicas": 50, "nodes.worker_capacity": "spot"}
    (workers,) = (n for n in nodes_of(recorded_with("prod", edits)) if n.pool == "flowise-worker")
    assert (workers.count, workers.instance) == (14, "m7g.large")
    large = recorded_with("prod", {**edits, "app.worker.cpu_millicores": 2500})
    (workers,) = (n for n in nodes_of(large) if n.pool == "flowise-worker")
    assert (workers.count, workers.instance) == (14, "m7g.2xlarge"), "three of two and a half on eight vCPU"


def test_in_a_cluster_of_others_pods_cost_the_room_that_they_ask_for() -> None:
    """A whole node for one pod would count what other teams' pods use; nothing would leave the node to them unpaid."""
    (shared,) = nodes_of(recorded("small-shared"))
    (alone,) = nodes_of(recorded("trial"))
    assert (shared.pool, shared.count, alone.paid) == ("share of others' nodes", 1, 1)
    assert 0 < shared.share < 1
    (twice,) = nodes_of(recorded_with("small-shared", {"app.server.cpu_millicores": 1900}))
    assert twice.share == pytest.approx(1.9 / (2 - 0.07))
    node = HOURS * 0.1008 * 1.12 + 80 * 0.08
    assert estimated(recorded("small-shared")).by_component()["nodes"] == pytest.approx(shared.share * node)


def test_small_is_far_below_prod_and_below_120_where_the_cluster_is_shared() -> None:
    assert before("small").total() < 220
    shared = estimated(recorded("small-shared"))
    assert shared.total() < 120
    assert not {"EksCluster", "NetworkStack"} & shared.by_component().keys(), "paid by whoever runs the cluster"


def test_telemetry_is_paid_by_what_it_sends(prod: Recording) -> None:
    without = estimated(recorded_with("prod", {"telemetry": None})).by_component()
    assert "Telemetry" not in without
    more = assumed({"container_log_gb": 105, "metric_log_gb": 11, "custom_metrics": 124, "traces_millions": 1.1})
    added = estimated(prod, more).by_component()["Telemetry"] - before("prod").by_component()["Telemetry"]
    assert added == pytest.approx(100 * 0.50 + 10 * 0.50 + 100 * 0.30 + (1.1 - 0.1) * 5.00)


def test_container_insights_are_paid_where_their_agent_runs(prod: Recording) -> None:
    more = assumed({"observations_millions": 200})
    assert estimated(prod, more).total() - before("prod").total() == pytest.approx(100 * 0.21)
    off = recorded_with("prod", {"observability.container_insights": False})
    assert estimated(off, more).total() == pytest.approx(estimated(off).total())


def test_the_bill_of_datadog_is_named_where_its_agents_run() -> None:
    edits = {"telemetry.datadog": {"site": "datadoghq.eu"}}
    agents = recorded_with("prod", edits, secrets={"datadog_api_key": "0" * 32})
    assert "Datadog's own bill, by hosts and GB of logs" in estimated(agents).left_out
    assert estimated(agents).unknown == ()
    assert not any("Datadog" in each for each in before("prod").left_out)


def test_a_class_without_a_price_is_an_error_that_names_the_file() -> None:
    recording = recorded_with("dev", {"database.instance_class": "db.x2g.large"})
    with pytest.raises(PriceError, match=r"no price for rds\.db\.x2g\.large\.single\.") as caught:
        estimated(recording)
    assert str(caught.value).endswith("with its source to analysis/cost/services/database.py")
    assert "rds.db.m7g.large.single" in str(caught.value)
    assert "valkey" not in str(caught.value)


def test_the_table_adds_up() -> None:
    code, text, _ = run("prod")
    assert code == 0
    months = [float(m.replace(",", "")) for m in re.findall(r"^ {3,}\S.* ([\d,]+\.\d\d) *$", text, re.MULTILINE)]
    assert sum(months) == pytest.approx(before("prod").total(), abs=0.005 * len(months))
    assert f"about {before('prod').total():,.0f} USD a month" in text
    assert "analysis/cost/rules.py" not in text


def test_what_changed_is_markdown_for_a_pull_request(tmp_path: Path) -> None:
    code, text, _ = run("dev", "--json")
    assert code == 0
    old = json.loads(text)
    after = estimated(recorded_with("dev", {"database.multi_az": True}))
    shown = markdown(old, after)
    assert "**+13.98 USD a month**" in shown
    assert "| FlowiseDb | db.t4g.micro, two zones |  | 23.36 | +23.36 |" in shown
    assert "NAT" not in shown
    file = tmp_path / "before.json"
    file.write_text(text, encoding="utf-8")
    assert run("dev", "--against", str(file))[1].startswith("### Cost of `dev`\n\nNo change")
    older = markdown({**old, "prices_checked": "2025-01-01"}, after)
    assert "the prices were those of 2025-01-01" in older


@pytest.mark.parametrize(
    ("arguments", "content", "says"),
    [
        (("deb",), "", "stacks here: dev, prod"),
        (("dev", "--against", "FILE"), "{", "is not JSON"),
        (("dev", "--against", "FILE"), "[]", "is no estimate; make it in the other tree"),
        (("dev", "--against", "absent.json"), "", "cannot read absent.json"),
        (
            ("dev", "--usage", "FILE"),
            "nat_gigabytes: 3",
            "Extra inputs are not permitted. Allowed keys: ",
        ),
        (("dev", "--usage", "FILE"), "nat_gb: -3", "nat_gb: Input should be greater than or equal to 0"),
        (("dev", "--usage", "FILE"), "- {", "is not valid YAML"),
    ],
)
def test_mistakes_are_an_error(arguments: tuple[str, ...], content: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text(content, encoding="utf-8")
    code, _, stderr = run(*(str(file) if argument == "FILE" else argument for argument in arguments))
    assert code == 1
    assert says in stderr


def test_another_region_is_told() -> None:
    found = estimate(recorded("dev"), stack="dev", region="eu-west-1")
    assert found.document()["prices_of"] == "us-east-1"


def test_the_page_names_every_use_and_the_three_largest_items() -> None:
    text = page.page()
    assert [name for name in FIGURES if f"`{name}`" not in text] == []
    for stack in page.STACKS:
        for component in list(before(stack).by_component())[:3]:
            assert f"| {component} |" in text


def test_the_readme_says_what_every_stack_costs() -> None:
    dev, small, prod = (before(stack).total() for stack in page.STACKS)
    said = f"dev costs about {dev:,.0f} USD a month, small about {small:,.0f}, prod about {prod:,.0f}"
    assert said in (ROOT / "README.md").read_text(encoding="utf-8"), (
        f"write into README.md, and the same into docs/first-deployment.md and docs/pt/index.md: {said}"
    )
    steps = (ROOT / "docs" / "first-deployment.md").read_text(encoding="utf-8")
    for step, usd in (("5 dev | 25 to 40", dev), ("7 prod | 30 to 45", prod)):
        assert f"| {step} | about {usd:,.0f} USD |" in steps
    comparison = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
    assert f"| cheapest | {min(dev, small, prod):,.0f} USD a month |" in comparison
    portuguese = (ROOT / "docs" / "pt" / "index.md").read_text(encoding="utf-8")
    assert f"o dev fica perto de {dev:.0f} dólares, e o prod perto de {prod:.0f}." in portuguese


@pytest.mark.parametrize("name", peers())
def test_a_comparison_leaves_nothing_of_ours_out_and_counts_nothing_twice(name: str) -> None:
    peer = peers()[name]
    named = [component for line in peer.lines for component in line.ours]
    assert len(named) == len(set(named))
    ours = before(peer.stack)
    table = "\n".join(compared(peer, ours))
    months = [float(cell.replace(",", "")) for cell in re.findall(r"\| ([\d,.]+) \| [^|]* \|$", table, re.MULTILINE)]
    assert sum(months) == pytest.approx(ours.total(), abs=0.005 * len(months))


def test_published_lines_add_up_to_the_published_total() -> None:
    cheap = peers()["dify-cheap"]
    assert sum(line.usd for line in cheap.lines if isinstance(line.usd, float)) == pytest.approx(float(cheap.total))
