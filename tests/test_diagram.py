"""The architecture's pictures: what is drawn is what is registered, and what is committed is what is drawn."""

from collections.abc import Mapping
from typing import Any

import pytest

from analysis.diagram import PICTURES, digest, dot, drawn_from
from analysis.diagram.arrows import ARROWS
from analysis.diagram.dot import dot_of
from analysis.diagram.model import NETWORK, OVERVIEW, Arrow, Picture
from analysis.diagram.optional import SECTIONS
from analysis.diagram.parts import PARTS
from analysis.optional_sections import left_out_by_prod
from analysis.recorder import Recording
from analysis.rights.stacks import recordings
from analysis.stackfiles import example_names
from tests.conftest import recorded, recorded_with

RUNNER = left_out_by_prod()["runner"]


@pytest.mark.parametrize("picture", Picture)
def test_the_committed_picture_is_drawn_from_what_prod_registers(picture: Picture, prod: Recording) -> None:
    dot = dot_of(prod, picture)
    assert (PICTURES / f"{picture}.dot").read_text(encoding="utf-8") == dot, "run `make diagram`"
    assert drawn_from(PICTURES / f"{picture}.png") == digest(dot), "run `make diagram`"


def test_pictures_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.glob("architecture*.png")}
    assert sizes.keys() == {f"{picture}.png" for picture in Picture}
    assert max(sizes.values()) < 500_000


def test_every_component_is_in_some_picture() -> None:
    drawn = {part.of for part in PARTS.values()} | {arrow.only_with for arrow in ARROWS}
    stacks = (*recordings().values(), *(recorded(name) for name in example_names()))
    components = {r.type.rsplit(":", 1)[1] for stack in stacks for r in stack.records if r.type.startswith("flowise:")}
    assert components - drawn == {"EksCluster"}, "which is the box around the pods"


def test_a_section_that_prod_leaves_out_has_a_file_of_its_own() -> None:
    assert left_out_by_prod().keys() == SECTIONS, "one file each in analysis/diagram/optional/, named after the section"


def test_every_box_is_in_a_picture_and_an_arrow_is_hidden_only_where_it_would_be_seen() -> None:
    assert [name for name, part in PARTS.items() if not part.pictures] == []
    for arrow in ARROWS:
        both = {*PARTS[arrow.start].pictures} & {*PARTS[arrow.end].pictures}
        assert {*arrow.hidden} < both, f"{arrow.start} -> {arrow.end} is in no picture, or hidden where it is not"


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
    before, after = dot_of(recorded("prod"), OVERVIEW), dot_of(recorded_with("prod", edits), OVERVIEW)
    assert gone in before
    assert gone not in after
    assert there in after


def test_a_runner_is_drawn_where_there_is_one() -> None:
    assert "codebuild" not in dot_of(recorded("prod"), NETWORK)
    drawn = dot_of(recorded_with("prod", {"runner": RUNNER}), NETWORK)
    assert "devtools/codebuild.png" in drawn
    assert '"runner" -> "nat"' in drawn


def test_an_arrow_that_no_resource_needs_is_refused(prod: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dot, "ARROWS", (*ARROWS, Arrow(start="database", end="cdn")))
    with pytest.raises(LookupError, match="arrow from database to cdn, but nothing of FlowiseDb needs"):
        dot_of(prod, OVERVIEW)


def test_no_secret_and_no_path_of_a_machine_is_drawn(prod: Recording) -> None:
    text = "".join(dot_of(prod, picture) for picture in Picture)
    secrets = [r.outputs["result"] for r in prod.of_type("random:index/randomPassword:RandomPassword")]
    assert not [secret for secret in secrets if secret in text]
    assert 'SRC="/' not in text
