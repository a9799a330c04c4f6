"""The architecture's pictures: what is drawn is what is registered, and what is committed is what is drawn."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.diagram import PICTURES, digest, dot, drawn_from
from analysis.diagram.dot import dot_of
from analysis.diagram.parts import ARROWS, PARTS, VIEWS, Arrow
from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from tests.conftest import recorded, recorded_with

RUNNER = left_out_by_prod()["runner"]


@pytest.mark.parametrize("view", VIEWS)
def test_the_committed_picture_is_drawn_from_what_prod_registers(view: str, prod: Recording) -> None:
    dot = dot_of(prod, view)
    assert (PICTURES / f"{view}.dot").read_text(encoding="utf-8") == dot, "run `make diagram`"
    assert drawn_from(PICTURES / f"{view}.png") == digest(dot), "run `make diagram`"


def test_pictures_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("architecture*.png")}
    assert sizes.keys() == {f"{view}.png" for view in VIEWS}
    assert max(sizes.values()) < 500_000


def test_every_part_and_every_component_is_in_some_picture(prod: Recording) -> None:
    assert {name for parts in VIEWS.values() for name in parts.split()} == PARTS.keys()
    drawn = {part.of for part in PARTS.values()}
    assert "DeployRunner" in drawn, "which prod does not have"
    components = {r.type.rsplit(":", 1)[1] for r in prod.records if r.type.startswith("flowise:")}
    assert components - drawn == {"EksCluster"}, "which is the box around the pods"


@pytest.mark.parametrize(
    ("edits", "gone", "there"),
    [
        ({"database.instance_class": "db.m7g.4xlarge"}, "db.t4g.medium", "db.m7g.4xlarge, two zones"),
        ({"database.multi_az": False}, "two zones", "one zone"),
        ({"network.nat": "single"}, "3 NAT", "1 NAT"),
        ({"app.worker.max_replicas": 20}, "2 to 10 pods", "2 to 20 pods"),
        ({"queue.nodes": 3}, "2 x cache", "3 x cache"),
        ({"backup": None, "recovery": None}, "AWS Backup", "files in S3"),
    ],
)
def test_a_change_of_the_stack_changes_the_picture(edits: Mapping[str, Any], gone: str, there: str) -> None:
    before, after = dot_of(recorded("prod"), "architecture"), dot_of(recorded_with("prod", edits), "architecture")
    assert gone in before
    assert gone not in after
    assert there in after


def test_a_runner_is_drawn_where_there_is_one() -> None:
    assert "codebuild" not in dot_of(recorded("prod"), "architecture-network")
    drawn = dot_of(recorded_with("prod", {"runner": RUNNER}), "architecture-network")
    assert "devtools/codebuild.png" in drawn
    assert '"runner" -> "nat"' in drawn


def test_an_arrow_that_no_resource_needs_is_refused(prod: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dot, "ARROWS", (*ARROWS, Arrow(start="database", end="cdn")))
    with pytest.raises(LookupError, match="arrow from database to cdn, but nothing of FlowiseDb needs"):
        dot_of(prod, "architecture")


def test_no_secret_and_no_path_of_a_machine_is_drawn(prod: Recording) -> None:
    text = "".join(dot_of(prod, view) for view in VIEWS)
    secrets = [r.outputs["result"] for r in prod.of_type("random:index/randomPassword:RandomPassword")]
    assert not [secret for secret in secrets if secret in text]
    assert 'SRC="/' not in text
